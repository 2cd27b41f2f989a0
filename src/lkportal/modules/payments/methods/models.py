"""Tables of saved methods and autopay. A run is one thing that autopay means to do: its account and period are unique."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Encrypted, Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

_IS_ON = text("state = 'on'")
_OPEN = text("state IN ('planned', 'charging')")


class Method(Base):
    """A method that the provider keeps for an account, by consent. `token` is its secret, `origin` the key of the attempt it came
    with. `state`: active, removed (by a person), revoked (by the bank)."""

    __tablename__ = "payments_methods"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    origin: Mapped[str] = mapped_column(String(36), unique=True, nullable=False)
    gateway: Mapped[str] = mapped_column(String(40), nullable=False)
    token: Mapped[str] = mapped_column(Encrypted("payments_methods.token"), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    title: Mapped[str] = mapped_column(String(60), nullable=False)
    expires: Mapped[str] = mapped_column(String(7), default="", nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Autopay(Base):
    """An agreement to pay an account by a saved method. `mode`: bill (what is due, on `day` of each month), balance (`top_up` when
    less than `below` is in hand). `cap` is the most of a month. `agreed` are the words as they stood on the page, `agreed_by` who
    agreed. `state`: on, off. A change is a new row, so the old ones are the evidence."""

    __tablename__ = "payments_autopays"
    __table_args__ = (
        Index("uq_payments_autopays_on", "account_id", unique=True, sqlite_where=_IS_ON, postgresql_where=_IS_ON),
        Index(None, "account_id"),
        CheckConstraint("cap > 0", name="cap"),
        CheckConstraint("day BETWEEN 1 AND 28", name="day"),
    )

    id: Mapped[int] = pk()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    method_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_methods.id"), nullable=False)
    mode: Mapped[str] = mapped_column(String(10), nullable=False)
    day: Mapped[int] = mapped_column(Integer, nullable=False)
    cap: Mapped[int] = mapped_column(Minor(), nullable=False)
    below: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    top_up: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    about: Mapped[str] = mapped_column(String(128), nullable=False)
    contact: Mapped[str] = mapped_column(Encrypted("payments_autopays.contact"), nullable=False)
    agreed: Mapped[str] = mapped_column(String(1000), nullable=False)
    agreed_by: Mapped[str] = mapped_column(String(40), nullable=False)
    agreed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    state: Mapped[str] = mapped_column(String(5), nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_why: Mapped[str] = mapped_column(String(20), default="", nullable=False)


class Run(Base):
    """One charge that autopay told of. `period` is "2026-11" for a bill, the day for a top-up; `amount` is what was told and the most
    that is taken. `state`: planned, charging, paid, skipped (nothing was due any more), failed, dropped (switched off)."""

    __tablename__ = "payments_autopay_runs"
    __table_args__ = (
        UniqueConstraint("account_id", "period"),
        Index("ix_payments_autopay_runs_open", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = pk()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    autopay_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_autopays.id"), nullable=False)
    payment_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("payments_payments.id"))
    period: Mapped[str] = mapped_column(String(10), nullable=False)
    month: Mapped[str] = mapped_column(String(7), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    cap: Mapped[int] = mapped_column(Minor(), nullable=False)
    planned_on: Mapped[date] = mapped_column(Date(), nullable=False)
    first_on: Mapped[date] = mapped_column(Date(), nullable=False)
    due_on: Mapped[date] = mapped_column(Date(), nullable=False)
    tries: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
