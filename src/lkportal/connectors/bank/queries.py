"""Prepared reads of bank operations: for the rules, and for the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Organisation, Premise
from lkportal.connectors.bank.models import IS_OPEN, Operation

Rows = Sequence[Row[*tuple[Any, ...]]]
MOST = 100
_FRESH = (
    select(Operation.__table__)
    .where(Operation.state == literal_column("'new'"), IS_OPEN)
    .order_by(Operation.id)
    .limit(bindparam("most"))
)
_BY_NUMBER = select(Account.number, Account.public_id).where(Account.number.in_(bindparam("numbers", expanding=True)))
_BY_TAX = (
    select(Organisation.tax_number, Account.public_id)
    .join(Account, Account.organisation_id == Organisation.id)
    .where(Organisation.tax_number.in_(bindparam("numbers", expanding=True)), Account.closed_at.is_(None))
    .order_by(Account.id)
)
_SHOWN = (
    Operation.public_id,
    Operation.number,
    Operation.day,
    Operation.amount,
    Operation.payer,
    Operation.payer_inn,
    Operation.payer_account,
    Operation.payer_bank,
    Operation.own_account,
    Operation.purpose,
    Operation.state,
    Operation.why,
    Operation.candidates,
    Operation.matched_by,
    Operation.payment,
    Operation.note,
    Operation.decided_by,
    Operation.decided_at,
    Operation.seen_at,
    Account.number.label("account"),
)
_EVERY = select(*_SHOWN).outerjoin(Account, Account.id == Operation.account_id)
_OPEN = _EVERY.where(IS_OPEN).order_by(Operation.id).limit(bindparam("most"))
_LATEST = (
    _EVERY.where(Operation.decided_at.is_not(None))
    .order_by(Operation.decided_at.desc(), Operation.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("past"))
)
_ONE = _EVERY.where(Operation.public_id == bindparam("operation"))
_CHOICE = (
    select(Account.public_id, Account.number, Account.holder, Organisation.name.label("company"), Premise.address)
    .outerjoin(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Premise, Premise.id == Account.premise_id)
)
_CHOICES = _CHOICE.where(Account.public_id.in_(bindparam("accounts", expanding=True))).order_by(Account.number)
_CALLED = _CHOICE.where(Account.number == bindparam("number")).order_by(Account.id)
OPEN_COUNT = select(func.count().label("waiting"), func.min(Operation.seen_at).label("oldest")).where(IS_OPEN)
LAST = select(func.max(Operation.seen_at))


def fresh(db: Session, most: int) -> Rows:
    """Return operations that nobody has looked at, the oldest first."""
    return db.execute(_FRESH, {"most": most}).all()


def by_numbers(db: Session, numbers: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return accounts (public ids) by account number."""
    return _gathered(db, _BY_NUMBER, numbers)


def by_tax_numbers(db: Session, numbers: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return the open accounts of organisations by tax number."""
    return _gathered(db, _BY_TAX, numbers)


def waiting(connection: Connection) -> Rows:
    """Return what waits for a person, the oldest first."""
    return connection.execute(_OPEN, {"most": MOST}).all()


def latest(connection: Connection, most: int, past: int) -> Rows:
    """Return what was posted or set aside last."""
    return connection.execute(_LATEST, {"most": most, "past": past}).all()


def one(connection: Connection, operation: str) -> Row[*tuple[Any, ...]] | None:
    """Return an operation, or None."""
    return connection.execute(_ONE, {"operation": operation}).first()


def choices(connection: Connection, accounts: Sequence[str]) -> Rows:
    """Return accounts by public ids, with whose they are."""
    return connection.execute(_CHOICES, {"accounts": list(accounts)}).all() if accounts else []


def called(connection: Connection, number: str) -> Rows:
    """Return the accounts of a number: more than one when several brands give the same."""
    return connection.execute(_CALLED, {"number": number}).all()


def _gathered(db: Session, statement: Any, numbers: Iterable[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    wanted = sorted(set(numbers))
    for number, account in db.execute(statement, {"numbers": wanted}) if wanted else ():
        found.setdefault(number, []).append(account)
    return found
