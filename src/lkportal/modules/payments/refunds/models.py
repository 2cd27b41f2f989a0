"""The table of refunds that the company's people asked for. What a provider gave back in all stands with the attempt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

LIVE = ("intended", "pending", "unknown", "attention")
"""States in which money may still be on its way: nothing else of the same payment is given back meanwhile."""

UNDONE = text("state IN ('attention', 'failed') AND done_at IS NULL")
"""What somebody of the company has to look at: written out, so that it is known to be the index's own condition."""
_IS_DUE = text("next_ask_at IS NOT NULL")


class Refund(Base):
    """Money to give back of one attempt. States: intended -> pending | unknown -> succeeded, canceled, failed; attention when
    what the provider tells does not add up.

    `key` is the idempotency key. `given_before` is what the provider had given back of the attempt when this was asked for:
    by it a refund whose answer never came is told from one that never happened. `token` is the form's.
    """

    __tablename__ = "payments_refunds"
    __table_args__ = (
        UniqueConstraint("payment_id", "token"),
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "attempt_id"),
        Index("ix_payments_refunds_undone", "created_at", sqlite_where=UNDONE, postgresql_where=UNDONE),
        Index("ix_payments_refunds_due", "next_ask_at", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    payment_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_payments.id"), nullable=False)
    attempt_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_attempts.id"), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    key: Mapped[str] = mapped_column(String(36), unique=True, nullable=False)
    provider_id: Mapped[str | None] = mapped_column(String(64))
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    given_before: Mapped[int] = mapped_column(Minor(), nullable=False)
    reason: Mapped[str] = mapped_column(String(200), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    why: Mapped[str] = mapped_column(String(100), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    next_ask_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
