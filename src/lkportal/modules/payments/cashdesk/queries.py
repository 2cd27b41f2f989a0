"""Prepared reads of the cash desk. All of it is for staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select

from lkportal.accounts.models import Account, Premise
from lkportal.modules.payments.cashdesk.models import CashDay, Slip, SlipPart
from lkportal.modules.payments.models import Ledger, Payment

MOST_DAYS = 60
MOST_SLIPS = 500
Rows = Sequence[Row[*tuple[Any, ...]]]

_ACCOUNTS = (
    select(Account.public_id, Account.number, Account.title, Account.currency, Premise.address, Ledger.balance)
    .outerjoin(Premise, Premise.id == Account.premise_id)
    .outerjoin(Ledger, Ledger.account_id == Account.id)
    .order_by(Account.id)
)
_BY_NUMBER = _ACCOUNTS.where(Account.number == bindparam("number")).limit(5)
_BY_IDS = _ACCOUNTS.where(Account.public_id.in_(bindparam("accounts", expanding=True)))
_SLIPS = select(
    Slip.id,
    Slip.public_id,
    Slip.cashier,
    Slip.actor,
    Slip.kind,
    Slip.state,
    Slip.total,
    Slip.given,
    Slip.currency,
    Slip.taken_at,
    Slip.reversed_at,
    Slip.reversed_by,
    Slip.reason,
    CashDay.day,
    CashDay.public_id.label("cash_day"),
).join(CashDay, CashDay.id == Slip.day_id)
_SLIP = _SLIPS.where(Slip.public_id == bindparam("slip"))
_IN_DAY = _SLIPS.where(Slip.day_id == bindparam("key")).order_by(Slip.id.desc()).limit(MOST_SLIPS)
_OF_DAY = _SLIPS.where(CashDay.day == bindparam("day")).order_by(Slip.id.desc()).limit(MOST_SLIPS)
_PARTS = (
    select(
        SlipPart.amount,
        Payment.public_id.label("payment"),
        Account.number,
        Account.title,
        Account.public_id.label("account"),
    )
    .join(Payment, Payment.id == SlipPart.payment_id)
    .join(Account, Account.id == Payment.account_id)
    .where(SlipPart.slip_id == bindparam("key"))
    .order_by(SlipPart.id)
)
_DAYS = select(*CashDay.__table__.columns).order_by(CashDay.day.desc(), CashDay.currency).limit(MOST_DAYS)
_DAY = select(*CashDay.__table__.columns).where(CashDay.public_id == bindparam("cash_day"))
_BY_CASHIER = (
    select(
        Slip.cashier,
        func.count(Slip.id).label("slips"),
        func.sum(case((Slip.kind == "cash", Slip.total), else_=0)).label("cash"),
        func.sum(case((Slip.kind == "card", Slip.total), else_=0)).label("card"),
    )
    .where(Slip.day_id == bindparam("key"))
    .group_by(Slip.actor, Slip.cashier)
    .order_by(Slip.cashier)
)


def by_number(connection: Connection, number: str) -> Rows:
    """Return the accounts of a number, more than one when several brands give the same: with what they owe."""
    return connection.execute(_BY_NUMBER, {"number": number}).all()


def by_ids(connection: Connection, accounts: Sequence[str]) -> Rows:
    """Return accounts by their public ids, with what they owe."""
    return connection.execute(_BY_IDS, {"accounts": list(accounts)}).all() if accounts else []


def slip(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a slip, or None."""
    return connection.execute(_SLIP, {"slip": public}).first()


def parts(connection: Connection, key: int) -> Rows:
    """Return the payments of a slip with their accounts."""
    return connection.execute(_PARTS, {"key": key}).all()


def of_day(connection: Connection, day: date) -> Rows:
    """Return the slips of a day in every currency, newest first."""
    return connection.execute(_OF_DAY, {"day": day}).all()


def in_day(connection: Connection, key: int) -> Rows:
    """Return the slips of one day of the desk, newest first."""
    return connection.execute(_IN_DAY, {"key": key}).all()


def days(connection: Connection) -> Rows:
    """Return the last days of the desk, newest first."""
    return connection.execute(_DAYS).all()


def day(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a day of the desk, or None."""
    return connection.execute(_DAY, {"cash_day": public}).first()


def by_cashier(connection: Connection, key: int) -> Rows:
    """Return what each cashier took on a day: (cashier, slips, cash, card)."""
    return connection.execute(_BY_CASHIER, {"key": key}).all()
