"""Prepared reads of the desk about one payment and about refunds. A customer's pages have theirs in the slice's queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from lkportal.accounts.models import Account
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.refunds.models import LIVE, Refund

MOST = 100
_PAYMENT = (
    select(
        Payment.id,
        Payment.public_id,
        Payment.amount,
        Payment.currency,
        Payment.state,
        Payment.created_at,
        Payment.paid_at,
        Payment.collector().label("collector"),
        Account.public_id.label("account"),
        Account.number,
        Account.title,
        Account.time_zone,
    )
    .join(Account, Account.id == Payment.account_id)
    .where(Payment.public_id == bindparam("payment"))
)
_ATTEMPTS = (
    select(
        Attempt.gateway,
        Attempt.provider_id,
        Attempt.state,
        Attempt.reason,
        Attempt.refunded,
        Attempt.promised,
        Attempt.method_title,
        Attempt.created_at,
    )
    .where(Attempt.payment_id == bindparam("payment_id"))
    .order_by(Attempt.id.desc())
)
_COLUMNS = (
    Refund.id,
    Refund.public_id,
    Refund.amount,
    Refund.currency,
    Refund.reason,
    Refund.state,
    Refund.why,
    Refund.actor,
    Refund.created_at,
    Refund.done_at,
)
_OF_PAYMENT = select(*_COLUMNS).where(Refund.payment_id == bindparam("payment_id")).order_by(Refund.id.desc())
_LATEST = (
    select(*_COLUMNS, Payment.public_id.label("payment"), Account.number, Account.public_id.label("account"))
    .join(Payment, Payment.id == Refund.payment_id)
    .join(Account, Account.id == Payment.account_id)
    .order_by(Refund.id.desc())
    .limit(MOST)
)
_UNDONE = _LATEST.where(Refund.state.in_(LIVE))


def payment(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a payment with its account, or None. For staff alone."""
    return connection.execute(_PAYMENT, {"payment": public}).first()


def attempts(connection: Connection, payment_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the attempts of a payment, newest first."""
    return connection.execute(_ATTEMPTS, {"payment_id": payment_id}).all()


def of_payment(connection: Connection, payment_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the refunds of a payment, newest first."""
    return connection.execute(_OF_PAYMENT, {"payment_id": payment_id}).all()


def latest(connection: Connection, *, undone: bool = False) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest refunds with their payments and accounts; `undone` leaves those that are not over. For staff."""
    return connection.execute(_UNDONE if undone else _LATEST).all()
