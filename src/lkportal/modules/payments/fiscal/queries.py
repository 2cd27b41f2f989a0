"""Prepared reads of receipts. A customer's is bound to the account; the desk's are for staff alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, select

from lkportal.accounts.models import Account
from lkportal.modules.payments.fiscal.models import Receipt
from lkportal.modules.payments.models import Payment

MOST = 200
Rows = Sequence[Row[*tuple[Any, ...]]]
_COLUMNS = (
    Receipt.id,
    Receipt.public_id,
    Receipt.kind,
    Receipt.total,
    Receipt.currency,
    Receipt.state,
    Receipt.error,
    Receipt.facts,
    Receipt.created_at,
    Receipt.registered_at,
)
_MINE = (
    select(*_COLUMNS)
    .join(Payment, Payment.id == Receipt.payment_id)
    .where(Payment.account_id == bindparam("account_id"), Payment.public_id == bindparam("payment"))
    .order_by(Receipt.id)
)
_OF_PAYMENT = select(*_COLUMNS).where(Receipt.payment_id == bindparam("payment_id")).order_by(Receipt.id.desc())
_QUEUE = (
    select(*_COLUMNS, Payment.public_id.label("payment"), Account.number, Account.public_id.label("account"))
    .join(Payment, Payment.id == Receipt.payment_id)
    .join(Account, Account.id == Payment.account_id)
    .order_by(case((Receipt.state == "failed", 0), (Receipt.state == "registered", 2), else_=1), Receipt.id.desc())
    .limit(MOST)
)
_FAILED = select(Receipt.id).where(Receipt.public_id == bindparam("receipt"), Receipt.state == "failed")


def mine(connection: Connection, account_id: int, payment: str) -> Rows:
    """Return the receipts of an account's payment, oldest first."""
    return connection.execute(_MINE, {"account_id": account_id, "payment": payment}).all()


def of_payment(connection: Connection, payment_id: int) -> Rows:
    """Return the receipts of a payment, newest first. For staff."""
    return connection.execute(_OF_PAYMENT, {"payment_id": payment_id}).all()


def queue(connection: Connection) -> Rows:
    """Return the newest receipts of all, those that failed first, then those under way. For staff."""
    return connection.execute(_QUEUE).all()


def failed(connection: Connection, receipt: str) -> int | None:
    """Return the key of a failed receipt by its public id."""
    return connection.execute(_FAILED, {"receipt": receipt}).scalar()
