"""Past payments for demonstrations and migrations of history: money that came by other ways, written in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.core.ids import public_id
from lkportal.core.unit import now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.models import Attempt, Entry, Ledger, Payment

GATEWAY = "bank"
BATCH = 20_000
_ACCOUNTS = select(Account.number, Account.id, Account.currency, Ledger.id.label("ledger")).join(
    Ledger, Ledger.account_id == Account.id
)
_SHIFT = update(Ledger).where(Ledger.id == bindparam("ledger")).values(balance=Ledger.balance - bindparam("paid"))


def settle(db: Session, paid: Iterable[tuple[str, int, date]]) -> int:
    """Write payments that were made before the portal stood: (account number, minor units, day); return how many.

    They went past every provider we know ("bank"), billing knows them, and they are in the ledger like any other.
    An account that has no bill yet is left out.
    """
    known = {row.number: row for row in db.execute(_ACCOUNTS)}
    bank = ledger.shared(db, "provider", GATEWAY, next(iter(known.values())).currency) if known else 0
    totals: dict[int, int] = {}
    batch: list[tuple[Any, int, date]] = []
    count = 0
    for number, amount, day in paid:
        account = known.get(number)
        if account is None or amount <= 0:
            continue
        totals[account.ledger] = totals.get(account.ledger, 0) + amount
        batch.append((account, amount, day))
        count += 1
        if len(batch) == BATCH:
            _write(db, bank, batch)
            batch = []
    _write(db, bank, batch)
    if totals:
        db.connection().execute(_SHIFT, [{"ledger": key, "paid": amount} for key, amount in totals.items()])
    return count


def _write(db: Session, bank: int, batch: list[tuple[Any, int, date]]) -> None:
    if not batch:
        return
    moment = now(db)
    newest = db.scalar(select(func.max(Payment.id))) or 0
    names = [public_id() for _ in batch]
    connection = db.connection()  # below the ORM: these are rows of history by the ten thousand
    connection.execute(insert(Payment), [_payment(name, *row) for name, row in zip(names, batch, strict=True)])
    made = db.execute(select(Payment.public_id, Payment.id).where(Payment.id > newest))
    keys = {row.public_id: row.id for row in made}
    attempts = [_attempt(keys[name], name, row[2]) for name, row in zip(names, batch, strict=True)]
    connection.execute(insert(Attempt), attempts)
    connection.execute(
        insert(Entry), [_entry(name, bank, *row, moment) for name, row in zip(names, batch, strict=True)]
    )


def _payment(name: str, account: Any, amount: int, day: date) -> dict[str, Any]:
    paid = _noon(day)
    return {
        "public_id": name,
        "account_id": account.id,
        "actor": "system",
        "token": name,
        "amount": amount,
        "currency": account.currency,
        "state": "paid",
        "created_at": paid,
        "paid_at": paid,
        "acknowledged_at": paid,
    }


def _attempt(payment_id: int, name: str, day: date) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "gateway": GATEWAY,
        "key": name,
        "intent": "{}",
        "provider_id": name,
        "state": "succeeded",
        "created_at": _noon(day),
    }


def _entry(name: str, bank: int, account: Any, amount: int, day: date, moment: datetime) -> dict[str, Any]:
    return {
        "origin": f"payment:{name}",
        "kind": "payment",
        "debit_id": bank,
        "credit_id": account.ledger,
        "amount": amount,
        "currency": account.currency,
        "occurred_on": day,
        "booked_at": moment,
    }


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
