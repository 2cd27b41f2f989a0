"""The table of bank statements: what came to the company's bank accounts, and what became of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

IS_OPEN = text("state IN ('new', 'unmatched')")


class Operation(Base):
    """Money that came by bank. `key` is made of bank, payer's bank account, number, day and sum (and the place among equal ones of a
    statement): overlapping statements bring it once.

    `state`: new, posted (a payment was made of it), unmatched (a person chooses), aside (not a payment of customers: `note` says
    what it is). `why` says what was not clear, `candidates` are public ids of accounts it may be for, `matched_by` is account, bill,
    tax or person. `payment` is the public id of the payment.
    """

    __tablename__ = "bank_operations"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state = 'posted') = (account_id IS NOT NULL)", name="posted"),
        Index("ix_bank_operations_open", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index(None, "account_id"),
        Index(None, "decided_at"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    key: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    import_id: Mapped[str] = mapped_column(String(16), nullable=False)
    own_account: Mapped[str] = mapped_column(String(20), nullable=False)
    number: Mapped[str] = mapped_column(String(20), nullable=False)
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    payer: Mapped[str] = mapped_column(String(300), nullable=False)
    payer_inn: Mapped[str] = mapped_column(String(12), nullable=False)
    payer_account: Mapped[str] = mapped_column(String(34), nullable=False)
    payer_bank: Mapped[str] = mapped_column(String(9), nullable=False)
    purpose: Mapped[str] = mapped_column(String(1000), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    why: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    candidates: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    matched_by: Mapped[str] = mapped_column(String(8), default="", nullable=False)
    account_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"))
    payment: Mapped[str] = mapped_column(String(16), default="", nullable=False)
    note: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    decided_by: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
