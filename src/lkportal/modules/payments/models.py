"""Tables of payments: bills with their lines, the ledger, what billing asserts, payments and their attempts.
How money moves between them stands in ledger, recording and the import kinds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import (
    Encrypted,
    Milli,
    Minor,
    Provenance,
    Rate,
    UTCDateTime,
    big_key,
    pk,
    public_id_column,
)
from lkportal.core.db import Base
from lkportal.modules.payments.cashdesk import models as _cashdesk  # noqa: F401 - its tables are ours
from lkportal.modules.payments.exports import models as _exports  # noqa: F401 - its table is one of ours
from lkportal.modules.payments.fiscal import models as _fiscal  # noqa: F401 - its table is one of ours
from lkportal.modules.payments.reconciling import models as _reconciling  # noqa: F401 - its tables are ours
from lkportal.modules.payments.refunds import models as _refunds  # noqa: F401 - its table is one of ours

LIVE = ("intended", "unknown", "pending", "authorized")
"""States of an attempt that may still change by themselves: these are asked about until they end."""

_IS_LIVE = text("state IN ('intended', 'unknown', 'pending', 'authorized')")

NEEDS_EYES = text("state = 'attention'")
_IS_SHARED = text("lead_id IS NOT NULL")
_BEING_POSTED = text("state = 'paid' AND acknowledged_at IS NULL")


class Bill(Provenance, Base):
    """What an account owes for a month. `total` is the sum of its lines, `posted` the part of it that the ledger holds."""

    __tablename__ = "payments_bills"
    __table_args__ = (Index(None, "account_id", "period"), Index(None, "due_on", "id"), Index(None, "number"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    period: Mapped[date] = mapped_column(Date(), nullable=False)
    number: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    total: Mapped[int] = mapped_column(Minor(), nullable=False)
    posted: Mapped[int] = mapped_column(Minor(), nullable=False)
    issued_on: Mapped[date] = mapped_column(Date(), nullable=False)
    due_on: Mapped[date] = mapped_column(Date(), nullable=False)


class ChargeLine(Provenance, Base):
    """A line of a bill (строка начисления). `kind` is charge, recalculation, benefit or penalty; `amount` may be negative."""

    __tablename__ = "payments_charge_lines"
    __table_args__ = (Index(None, "bill_id"),)

    id: Mapped[int] = pk()
    bill_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_bills.id"), nullable=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False)
    kind: Mapped[str] = mapped_column(String(14), nullable=False)
    service: Mapped[str] = mapped_column(String(90), nullable=False)
    note: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    volume_milli: Mapped[int | None] = mapped_column(Milli())
    unit: Mapped[str] = mapped_column(String(10), default="", nullable=False)
    rate_millionths: Mapped[int | None] = mapped_column(Rate())
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)


class Ledger(Base):
    """One account of the double-entry books. `kind`: customer (what one account owes), charged (income from a source),
    provider (money at a gateway), billing_adjustment (what billing says without a bill).

    `balance` (debits less credits) is kept for customers alone, in the entry's own transaction. The others are shared by
    all, and a row that every payment changes would make payers wait for each other: they are folded when asked for.
    """

    __tablename__ = "payments_ledgers"
    __table_args__ = (
        UniqueConstraint("kind", "owner"),
        UniqueConstraint("account_id"),
        CheckConstraint("(kind = 'customer') = (account_id IS NOT NULL)", name="owner"),
        CheckConstraint("(kind = 'customer') = (balance IS NOT NULL)", name="balance"),
    )

    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    owner: Mapped[str] = mapped_column(String(80), nullable=False)
    account_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"))
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    balance: Mapped[int | None] = mapped_column(Minor())


class Entry(Base):
    """A movement of money: `amount` from the credit ledger to the debit ledger, so each row sums to zero by itself.

    `kind` is charge, payment, refund, adjustment or opening. `origin` names the fact that caused it ("payment:<attempt>"):
    it is unique, and that is the law by which nothing is credited twice. Rows are never changed: the manifest says so to the database.
    """

    __tablename__ = "payments_entries"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit_id <> credit_id", name="sides"),
        Index(None, "debit_id", "occurred_on"),
        Index(None, "credit_id", "occurred_on"),
    )

    id: Mapped[int] = pk()
    origin: Mapped[str] = mapped_column(String(120), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    debit_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_ledgers.id"), nullable=False)
    credit_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_ledgers.id"), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    occurred_on: Mapped[date] = mapped_column(Date(), nullable=False)
    booked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Assertion(Provenance, Base):
    """What billing says an account owed at the end of `as_of`. `folded` is what our entries said, `difference` what was
    adjusted because of it (billing less ours; the entry is "assertion:<id>:...")."""

    __tablename__ = "payments_assertions"
    __table_args__ = (Index(None, "account_id", "as_of"),)

    id: Mapped[int] = pk()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    as_of: Mapped[date] = mapped_column(Date(), nullable=False)
    balance: Mapped[int] = mapped_column(Minor(), nullable=False)
    folded: Mapped[int] = mapped_column(Minor(), nullable=False)
    difference: Mapped[int] = mapped_column(Minor(), nullable=False)


class Payment(Base):
    """Money a person decided to pay. `state`: waiting, paid, declined, attention (a person of the company must look).

    `token` comes from the form: the same form sent twice is one payment. `acknowledged_at` is empty until billing knows.
    `refunded` is what was given back of it. Several accounts paid at once are one payment for each, and all of them name the
    first as `lead_id`, itself too: the attempt is the lead's, over the whole sum. `lead_id` is empty for a payment alone.
    """

    __tablename__ = "payments_payments"
    __table_args__ = (
        UniqueConstraint("account_id", "token"),
        Index(None, "account_id", "created_at"),
        Index("ix_payments_payments_attention", "id", sqlite_where=NEEDS_EYES, postgresql_where=NEEDS_EYES),
        Index(
            "ix_payments_payments_unacknowledged",
            "account_id",
            sqlite_where=_BEING_POSTED,
            postgresql_where=_BEING_POSTED,
        ),
        Index("ix_payments_payments_lead_id", "lead_id", sqlite_where=_IS_SHARED, postgresql_where=_IS_SHARED),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    bill_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("payments_bills.id"))
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    lead_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("payments_payments.id"))
    refunded: Mapped[int] = mapped_column(Minor(), default=0, server_default="0", nullable=False)

    @classmethod
    def collector(cls) -> ColumnElement[int]:
        """The payment whose attempts collect this one: its lead, or itself."""
        return func.coalesce(cls.lead_id, cls.id)


class Attempt(Base):
    """One try to collect a payment through a gateway. States: intended -> pending | unknown -> authorized -> succeeded,
    canceled, failed; attention when the provider tells of another payment than we asked for.

    `key` is the idempotency key: it always carries the same `intent` (JSON, sealed: it holds the payer's contact).
    `amount` is what is collected when it is more than the payment's own: that of all accounts paid at once. `next_ask_at` is
    when the provider is asked next, empty when there is nothing to ask; `refunded` is what it gave back, `promised` what a
    refund under way will give back.
    """

    __tablename__ = "payments_attempts"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id"),
        Index("uq_payments_attempts_live", "payment_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        Index(None, "payment_id"),
        Index(
            "ix_payments_attempts_due",
            "next_ask_at",
            sqlite_where=text("next_ask_at IS NOT NULL"),
            postgresql_where=text("next_ask_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = pk()
    payment_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_payments.id"), nullable=False)
    gateway: Mapped[str] = mapped_column(String(40), nullable=False)
    key: Mapped[str] = mapped_column(String(36), unique=True, nullable=False)
    amount: Mapped[int | None] = mapped_column(Minor())
    intent: Mapped[str] = mapped_column(Encrypted("payments_attempts.intent"), nullable=False)
    provider_id: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    reason: Mapped[str] = mapped_column(String(100), default="", nullable=False)
    refunded: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    promised: Mapped[int] = mapped_column(Minor(), default=0, server_default="0", nullable=False)
    next_kind: Mapped[str] = mapped_column(String(10), default="", nullable=False)
    next_value: Mapped[str] = mapped_column(String(2000), default="", nullable=False)
    method_title: Mapped[str] = mapped_column(String(100), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    next_ask_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
