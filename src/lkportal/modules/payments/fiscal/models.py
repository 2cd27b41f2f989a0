"""The table of fiscal receipts. Each has the entry of the books it is for in `origin`, so none is made twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Encrypted, JSONText, Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

HAS_FAILED = text("state = 'failed'")
"""Receipts that somebody of the company has to look at: written out, so that it is known to be the index's own condition."""
_IS_DUE = text("next_ask_at IS NOT NULL")


class Receipt(Base):
    """A receipt of our own register. States: waiting (to be sent, or nobody knows whether it was), sent, registered, failed.

    `external_id` stays the same until the register itself says that it failed; then `tries` grows and it is another one.
    `what` is the receipt as it is sent (JSON, sealed: it holds the payer's contact), `facts` its fiscal data.
    """

    __tablename__ = "payments_receipts"
    __table_args__ = (
        Index(None, "payment_id"),
        Index("ix_payments_receipts_failed", "created_at", sqlite_where=HAS_FAILED, postgresql_where=HAS_FAILED),
        Index("ix_payments_receipts_due", "next_ask_at", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    payment_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_payments.id"), nullable=False)
    origin: Mapped[str] = mapped_column(String(120), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    external_id: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    tries: Mapped[int] = mapped_column(Integer, nullable=False)
    what: Mapped[str] = mapped_column(Encrypted("payments_receipts.what"), nullable=False)
    total: Mapped[int] = mapped_column(Minor(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    register: Mapped[str] = mapped_column(String(20), nullable=False)
    register_id: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    error: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    facts: Mapped[Any] = mapped_column(JSONText(), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    next_ask_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    registered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
