"""The books: ledgers, entries between them, and balances kept in the same transaction. What causes entries stands elsewhere:
recording (payments), charges_sql (bills), registry_sql (what billing asserts)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy import Executable, Table, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.payments.models import Entry, Ledger

Kind = Literal["charge", "payment", "refund", "adjustment", "opening"]
Shared = Literal["charged", "provider", "billing_adjustment", "opening"]

_LEDGERS: Table = Ledger.__table__  # type: ignore[assignment]
_ENTRIES: Table = Entry.__table__  # type: ignore[assignment]
_NEW_LEDGER = insert_if_new(_LEDGERS)
_NEW_ENTRY = insert_if_new(_ENTRIES)
_FIND = select(Ledger.id).where(Ledger.kind == bindparam("kind"), Ledger.owner == bindparam("owner"))
_SHIFT = (
    update(Ledger)
    .where(Ledger.id == bindparam("ledger"), Ledger.kind == "customer")
    .values(balance=Ledger.balance + bindparam("change"))
)


def customer(db: Session, account_id: int, currency: str) -> int:
    """Return the key of an account's ledger, opened at zero when it is new."""
    return _ledger(db, "customer", str(account_id), currency, account_id)


def shared(db: Session, kind: Shared, owner: str, currency: str) -> int:
    """Return the key of a ledger that all accounts share: income of a source, money at a gateway."""
    return _ledger(db, kind, f"{owner}/{currency}", currency, None)


def hold(db: Session, ledger_id: int) -> None:
    """Let others who act on the same account wait until this unit ends. On SQLite the unit itself does so."""
    moved(db, _SHIFT, {"ledger": ledger_id, "change": 0})


def book(
    db: Session, origin: str, kind: Kind, debit: int, credit: int, amount: int, currency: str, occurred_on: date
) -> bool:
    """Move `amount` (minor units, above zero) from the ledger `credit` to `debit`, and keep both balances.

    Returns False, and changes nothing, when the fact named by `origin` is in the books already.
    """
    row = {
        "origin": origin,
        "kind": kind,
        "debit_id": debit,
        "credit_id": credit,
        "amount": amount,
        "currency": currency,
        "occurred_on": occurred_on,
        "booked_at": now(db),
    }
    if not moved(db, _NEW_ENTRY[db.get_bind().dialect.name], row):
        return False
    moved(db, _SHIFT, {"ledger": debit, "change": amount})
    moved(db, _SHIFT, {"ledger": credit, "change": -amount})
    return True


def moved(db: Session, statement: Executable, values: dict[str, Any]) -> bool:
    """Run a conditional statement on the connection of `db`; return whether it changed a row."""
    return db.connection().execute(statement, values).rowcount == 1


def _ledger(db: Session, kind: str, owner: str, currency: str, account_id: int | None) -> int:
    key = {"kind": kind, "owner": owner}
    found = db.execute(_FIND, key).scalar()
    if found is None:
        balance = None if account_id is None else 0
        row = {**key, "account_id": account_id, "currency": currency, "balance": balance}
        moved(db, _NEW_LEDGER[db.get_bind().dialect.name], row)
        found = db.execute(_FIND, key).scalar_one()
    return int(found)
