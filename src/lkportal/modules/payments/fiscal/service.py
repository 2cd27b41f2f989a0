"""The rules of receipts: one is owed with the entry it is for, in the same unit; what the register says changes its state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.contract import ReceiptContact, ReceiptLine
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.fiscal.models import Receipt
from lkportal.modules.payments.fiscal.registers import FiscalReceipt, ReceiptKind, Report
from lkportal.modules.payments.paying import pace

FIRST_ASK = timedelta(seconds=60)
MOST_TRIES = 3
"""How often a receipt that the register failed is made anew by itself; then a person looks."""

_NEW = insert_if_new(Receipt.__table__)  # type: ignore[arg-type]
_ID = select(Receipt.id).where(Receipt.origin == bindparam("origin"))
_ONE = select(
    Receipt.id,
    Receipt.external_id,
    Receipt.kind,
    Receipt.what,
    Receipt.state,
    Receipt.tries,
    Receipt.register_id,
    Receipt.created_at,
).where(Receipt.id == bindparam("receipt"))
_DUE = (
    select(Receipt.id)
    .where(Receipt.next_ask_at.is_not(None), Receipt.next_ask_at <= bindparam("now"))
    .order_by(Receipt.next_ask_at)
    .limit(bindparam("most"))
)
_BY_EXTERNAL = select(Receipt.id).where(Receipt.external_id == bindparam("external"))
_SAME = (Receipt.id == bindparam("receipt"), Receipt.external_id == bindparam("external"))
_SENT = (
    update(Receipt)
    .where(*_SAME, Receipt.state == "waiting")
    .values(
        state="sent", register_id=bindparam("identifier"), asked_at=bindparam("moment"), next_ask_at=bindparam("later")
    )
)
_LATER = (
    update(Receipt)
    .where(*_SAME, Receipt.state.in_(("waiting", "sent")))
    .values(asked_at=bindparam("moment"), next_ask_at=bindparam("later"))
)
_DONE = (
    update(Receipt)
    .where(*_SAME, Receipt.state == "sent")
    .values(
        state="registered",
        facts=bindparam("told"),
        error="",
        asked_at=bindparam("moment"),
        registered_at=bindparam("moment"),
        next_ask_at=None,
    )
)
_FAIL = (
    update(Receipt)
    .where(*_SAME, Receipt.state.in_(("waiting", "sent")))
    .values(state="failed", error=bindparam("why"), asked_at=bindparam("moment"), next_ask_at=None)
)
_AGAIN = (
    update(Receipt)
    .where(*_SAME, Receipt.state == "failed")
    .values(
        state="waiting",
        external_id=bindparam("fresh"),
        register_id=None,
        tries=Receipt.tries + 1,
        next_ask_at=bindparam("later"),
    )
)


@dataclass(frozen=True, slots=True)
class Owed:
    """A receipt as its job reads it."""

    id: int
    external_id: str
    kind: ReceiptKind
    what: str
    state: str
    tries: int
    register_id: str | None
    created_at: datetime

    @property
    def receipt(self) -> FiscalReceipt:
        """What the register is told: always the same for the same external id."""
        known: dict[str, Any] = json.loads(self.what)
        lines = tuple(ReceiptLine(**line) for line in known["lines"])
        contact = ReceiptContact(**known["contact"])
        return FiscalReceipt(self.kind, self.external_id, lines, contact, self.created_at, known["paid_by"])


@dataclass(frozen=True, slots=True)
class ForEntry:
    """What a receipt is for: the entry of the books (`origin`), the payment, through whom the money went, what was sold."""

    gateway: str
    payment_id: int
    origin: str
    kind: Literal["sell", "sell_refund"]
    lines: Sequence[ReceiptLine]
    contact: ReceiptContact
    currency: str
    in_cash: bool = False


def owe(db: Session, entry: ForEntry) -> None:
    """Write the receipt of an entry, in the entry's own unit, and queue its sending. Nothing when the gateway makes receipts itself
    or there is no register; once for an origin."""
    desk = desk_of(db)
    if desk.register is None or desk.settings.receipts_by(entry.gateway) or not entry.lines:
        return
    row = _row(db, entry, desk.register.name)
    if moved(db, _NEW[db.get_bind().dialect.name], row):
        key = db.execute(_ID, {"origin": entry.origin}).scalar_one()
        _queue(db, key, row["external_id"])


def by_id(connection: Connection, receipt: int) -> Owed | None:
    """Return a receipt by its key in the database."""
    row = connection.execute(_ONE, {"receipt": receipt}).first()
    return Owed(**row._asdict()) if row else None


def by_external(connection: Connection, external: str) -> int | None:
    """Return the key of the receipt that the register knows as `external`."""
    return connection.execute(_BY_EXTERNAL, {"external": external}).scalar()


def due(connection: Connection, moment: datetime, most: int) -> Sequence[int]:
    """Return the receipts whose time has come, the longest due first."""
    return connection.scalars(_DUE, {"now": moment, "most": most}).all()


def sent(db: Session, owed: Owed, identifier: str) -> None:
    """The register has it and works on it."""
    moved(
        db,
        _SENT,
        {**_same(owed), "identifier": identifier[:64], "moment": now(db), "later": now(db) + timedelta(seconds=15)},
    )


def later(db: Session, owed: Owed) -> None:
    """Nothing is known yet: ask again, ever more slowly."""
    pause = pace.pause(now(db) - owed.created_at)
    moved(db, _LATER, {**_same(owed), "moment": now(db), "later": now(db) + pause})


def reported(db: Session, owed: Owed, report: Report) -> None:
    """Write down how it stands. A failed one is made anew a few times, under another external id: it was not registered."""
    if report.state == "wait":
        later(db, owed)
    elif report.state == "done":
        moved(db, _DONE, {**_same(owed), "told": dict(report.facts), "moment": now(db)})
    else:
        failed(db, owed, report.error)
        if owed.tries < MOST_TRIES:
            again(db, owed)


def failed(db: Session, owed: Owed, why: str) -> None:
    """The register did not take it: a person looks."""
    moved(db, _FAIL, {**_same(owed), "why": why[:200], "moment": now(db)})


def again(db: Session, owed: Owed) -> None:
    """Make a failed receipt anew, under another external id."""
    base = owed.external_id.rpartition("-")[0]
    fresh = f"{base}-{owed.tries + 1}"
    if moved(db, _AGAIN, {**_same(owed), "fresh": fresh, "later": now(db) + FIRST_ASK}):
        _queue(db, owed.id, fresh)


def _same(owed: Owed) -> Mapping[str, Any]:
    return {"receipt": owed.id, "external": owed.external_id}


def _queue(db: Session, receipt: int, external: str) -> None:
    enqueue(db, "payments.receipt", {"receipt": receipt}, dedup=f"payments.receipt:{external}")


def _row(db: Session, entry: ForEntry, register: str) -> dict[str, Any]:
    name = public_id()
    what = {
        "lines": [asdict(line) for line in entry.lines],
        "contact": asdict(entry.contact),
        "paid_by": "cash" if entry.in_cash else "card",
    }
    return {
        "public_id": name,
        "payment_id": entry.payment_id,
        "origin": entry.origin,
        "kind": entry.kind,
        "external_id": f"{name}-1",
        "tries": 1,
        "what": json.dumps(what, ensure_ascii=False, sort_keys=True),
        "total": sum(line.amount for line in entry.lines),
        "currency": entry.currency,
        "register": register,
        "state": "waiting",
        "error": "",
        "facts": {},
        "created_at": now(db),
        "next_ask_at": now(db) + FIRST_ASK,
    }
