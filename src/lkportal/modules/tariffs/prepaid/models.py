"""Tables of what is paid in advance: charges, promised payments."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

_IS_OPEN = text("state = 'open'")


class Charge(Base):
    """What the portal charged: `kind` is period (of a service, from `since` until `until`, which is not in it), order or promise. `title`
    is what it was called then; `origin` names the fact, once in the books of payments too."""

    __tablename__ = "tariffs_charges"
    __table_args__ = (Index(None, "account_id", "id"), CheckConstraint("amount > 0", name="amount"))

    id: Mapped[int] = pk()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    service_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("tariffs_services.id"), index=True)
    origin: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    since: Mapped[date | None] = mapped_column(Date())
    until: Mapped[date | None] = mapped_column(Date())


class Promise(Base):
    """A promised payment: `amount` counts as in hand through the day `until`, for `fee`. `state`: open, kept, broken. One is open at
    a time; `token` is of the form: sent twice it is one promise."""

    __tablename__ = "tariffs_promises"
    __table_args__ = (
        UniqueConstraint("account_id", "token"),
        Index("uq_tariffs_promises_open", "account_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    fee: Mapped[int] = mapped_column(Minor(), nullable=False)
    state: Mapped[str] = mapped_column(String(6), nullable=False)
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    until: Mapped[date] = mapped_column(Date(), nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
