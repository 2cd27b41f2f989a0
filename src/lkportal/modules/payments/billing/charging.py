"""Charges of other modules (contract.Billing): each is a bill of one line with its entry, written in the unit of whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.i18n import Text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import BillRaised, Charge, Charged
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.models import Bill, ChargeLine

_BILLS: Table = Bill.__table__  # type: ignore[assignment]
_NEW_BILL = insert_if_new(_BILLS)
_KNOWN = (Bill.account_id == bindparam("of"), Bill.source == bindparam("by"), Bill.source_key == bindparam("fact"))
_BILL = select(Bill.id, Bill.public_id, Bill.total).where(*_KNOWN)
_EMPTY = update(Bill).where(Bill.id == bindparam("bill"), Bill.total == bindparam("was")).values(total=0, posted=0)
_EMPTY_LINES = update(ChargeLine).where(ChargeLine.bill_id == bindparam("bill")).values(amount=0)
_KEYS = select(Bill.public_id, Bill.total, Bill.currency, Bill.due_on, Bill.source, Bill.source_key).where(
    Bill.account_id == bindparam("of"), Bill.source_key.in_(bindparam("facts", expanding=True))
)

_WITH_BALANCE = queries.BILLS.add_columns(queries.BALANCE)


class Charging:
    """The port of payments for modules that ask for money."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    def charge(self, db: Session, account: AccountRef, asked: Charge) -> str:
        """Put a charge among the bills."""
        by, fact = _parts(asked.key)
        if asked.amount <= 0:
            raise ValueError(f"a charge is above zero: {asked.key}")
        customer = ledger.customer(db, account.id, account.currency)
        ledger.hold(db, customer)
        row = self._bill(db, account, asked, by, fact)
        is_new = ledger.moved(db, _NEW_BILL[db.get_bind().dialect.name], row)
        bill = db.execute(_BILL, {"of": account.id, "by": by, "fact": fact}).one()
        if is_new:
            db.execute(insert(ChargeLine).values(self._line(account, asked, bill.id, row)))
            charged = ledger.shared(db, "charged", by, account.currency)
            ledger.book(
                db,
                f"bill:{bill.id}:asked",
                "charge",
                customer,
                charged,
                asked.amount,
                account.currency,
                row["issued_on"],
            )
            emit(db, BillRaised(bill.public_id, asked.key.partition(":")[0]), account=account)
        return str(bill.public_id)

    def withdraw(self, db: Session, account: AccountRef, key: str) -> bool:
        """Take a charge back."""
        by, fact = _parts(key)
        customer = ledger.customer(db, account.id, account.currency)
        ledger.hold(db, customer)
        bill = db.execute(_BILL, {"of": account.id, "by": by, "fact": fact}).first()
        if bill is None or not bill.total or not ledger.moved(db, _EMPTY, {"bill": bill.id, "was": bill.total}):
            return False
        ledger.moved(db, _EMPTY_LINES, {"bill": bill.id})
        charged, day = ledger.shared(db, "charged", by, account.currency), desk_of(db).today()
        return ledger.book(
            db, f"bill:{bill.id}:withdrawn", "charge", charged, customer, bill.total, account.currency, day
        )

    def standing(self, connection: Connection, account: AccountRef, keys: Iterable[str]) -> Mapping[str, Charged]:
        """Return how charges stand."""
        wanted = {_parts(key): key for key in keys}
        rows = connection.execute(_KEYS, {"of": account.id, "facts": [fact for _, fact in wanted]}).all()
        rows = [row for row in rows if (row.source, row.source_key) in wanted]
        if not rows:
            return {}
        left = _unpaid(connection, account)
        return {
            wanted[row.source, row.source_key]: Charged(
                row.public_id, int(row.total), left.get(row.public_id, 0), row.currency, row.due_on
            )
            for row in rows
        }

    def _bill(self, db: Session, account: AccountRef, asked: Charge, by: str, fact: str) -> dict[str, Any]:
        today, name = desk_of(db).today(), public_id()
        return {
            "public_id": name, "account_id": account.id, "period": today.replace(day=1), "number": asked.number[:40],
            "currency": account.currency, "total": asked.amount, "posted": asked.amount, "issued_on": today,
            "due_on": asked.due_on, "source": by, "source_key": fact, "source_version": name, "seen_at": now(db),
        }  # fmt: skip

    def _line(self, account: AccountRef, asked: Charge, bill: int, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "bill_id": bill, "position": 1, "kind": "charge", "service": self._words(account, asked.service)[:90],
            "note": self._words(account, asked.note)[:200], "amount": asked.amount, "source": row["source"],
            "source_key": row["source_key"], "source_version": row["source_version"], "seen_at": row["seen_at"],
        }  # fmt: skip

    def _words(self, account: AccountRef, said: Text | str) -> str:
        return str(self._portal.locales_of(account.brand).get(None).render(said))


def _parts(key: str) -> tuple[str, str]:
    """Return what the rows of a charge are known by: who asks, and for what."""
    by, colon, fact = key.partition(":")
    if not (by and colon and fact):
        raise ValueError(f"a key begins with its module, as in insurance:Xk3: {key}")
    return f"{views.ASKED}{by}", fact


def _unpaid(connection: Connection, account: AccountRef) -> dict[str, int]:
    """Return what is left to pay of the bills of an account by public id."""
    rows = connection.execute(_WITH_BALANCE, {"account_id": account.id}).all()
    if not rows:
        return {}
    return {bill.public_id: bill.unpaid for bill in views.settled(rows, rows[0].balance or 0, date.max)}
