"""Payments told to another system (contract.PaymentsOutside): what it reads, and that it knows them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.core.unit import now
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.contract import PaymentRecord
from lkportal.modules.payments.models import Attempt, Payment

_ONE = (
    select(
        Payment.public_id,
        Payment.amount,
        Payment.currency,
        Payment.paid_at,
        Account.number,
        Account.time_zone,
        Attempt.gateway,
    )
    .join(Account, Account.id == Payment.account_id)
    .join(Attempt, Attempt.payment_id == Payment.collector())
    .where(Payment.public_id == bindparam("payment"), Payment.state == "paid", Attempt.state == "succeeded")
    .limit(1)
)
_KNOWN = (
    update(Payment)
    .where(Payment.public_id == bindparam("payment"), Payment.acknowledged_at.is_(None))
    .values(acknowledged_at=bindparam("moment"))
)


class Outside:
    """The port of payments for a system that is told of them."""

    def read(self, connection: Connection, payment: str) -> PaymentRecord | None:
        """Return a payment that is paid, or None."""
        row = connection.execute(_ONE, {"payment": payment}).first()
        if row is None or row.paid_at is None:
            return None
        day = row.paid_at.astimezone(ZoneInfo(row.time_zone)).date()
        return PaymentRecord(row.public_id, row.number, row.amount, row.currency, day, row.gateway)

    def acknowledge(self, db: Session, payment: str) -> None:
        """Note that the other system knows a payment."""
        moved(db, _KNOWN, {"payment": payment, "moment": now(db)})
