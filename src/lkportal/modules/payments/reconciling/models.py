"""Tables of reconciliation: one row for each day of a provider that was compared, and the differences found in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

IS_OPEN = text("state = 'open'")


class Reconciliation(Base):
    """A day of one provider in one currency as it was compared last: how many payments were taken, their sum and what was given
    back, at the provider (`theirs`) and in the books (`ours`).

    `listed`: the provider listed its payments; otherwise it was asked about ours one by one, and others' stay unseen.
    """

    __tablename__ = "payments_reconciliations"
    __table_args__ = (UniqueConstraint("gateway", "day", "currency"), Index(None, "day"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    gateway: Mapped[str] = mapped_column(String(40), nullable=False)
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    listed: Mapped[bool] = mapped_column(Boolean(), nullable=False)
    theirs_count: Mapped[int] = mapped_column(Integer, nullable=False)
    theirs: Mapped[int] = mapped_column(Minor(), nullable=False)
    theirs_back: Mapped[int] = mapped_column(Minor(), nullable=False)
    ours_count: Mapped[int] = mapped_column(Integer, nullable=False)
    ours: Mapped[int] = mapped_column(Minor(), nullable=False)
    ours_back: Mapped[int] = mapped_column(Minor(), nullable=False)
    compared_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Difference(Base):
    """One payment of which the provider and the books tell otherwise. `subject` is the provider's id of it, or our key.

    `kind`: missing_here (the provider took what we don't know), missing_there (the books have what the provider doesn't know),
    other_amount, other_state, other_refund. `state`: open, gone (a later comparison found it no more) or resolved by a person,
    who says `how` and a `note`.
    """

    __tablename__ = "payments_differences"
    __table_args__ = (
        UniqueConstraint("reconciliation_id", "subject", "kind"),
        Index("ix_payments_differences_open", "state", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index(None, "attempt_id"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    reconciliation_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_reconciliations.id"), nullable=False)
    attempt_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("payments_attempts.id"))
    subject: Mapped[str] = mapped_column(String(64), nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    theirs: Mapped[int] = mapped_column(Minor(), nullable=False)
    ours: Mapped[int] = mapped_column(Minor(), nullable=False)
    their_state: Mapped[str] = mapped_column(String(16), nullable=False)
    our_state: Mapped[str] = mapped_column(String(16), nullable=False)
    state: Mapped[str] = mapped_column(String(8), nullable=False)
    found_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    resolved_by: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    how: Mapped[str] = mapped_column(String(16), default="", nullable=False)
    note: Mapped[str] = mapped_column(String(200), default="", nullable=False)
