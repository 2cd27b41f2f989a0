"""What stands in each export, row after row: read from a snapshot in pieces, so that a year of a city fits. Amounts are those of the books."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from lkportal.accounts.models import Account
from lkportal.core.sheets.writing import Cell, Column, Kind
from lkportal.modules.payments.exports.vat import by_rate
from lkportal.modules.payments.fiscal.models import Receipt
from lkportal.modules.payments.models import Attempt, Bill, ChargeLine, Entry, Ledger, Payment
from lkportal.modules.payments.settings import PaymentsSettings

_WITHIN = (Entry.occurred_on >= bindparam("since"), Entry.occurred_on <= bindparam("until"))
_NAME = func.substr(Entry.origin, len("payment:") + 1)
_PAYMENTS = (
    select(Entry.occurred_on, Entry.amount, Entry.currency, Account.number, _NAME.label("name"), Attempt.gateway)
    .join(Ledger, Ledger.id == Entry.credit_id)
    .join(Account, Account.id == Ledger.account_id)
    .outerjoin(Attempt, Attempt.key == _NAME)
    .where(Entry.kind == "payment", *_WITHIN)
    .order_by(Entry.occurred_on, Entry.id)
)
_REFUNDS = (
    select(Entry.occurred_on, Entry.amount, Entry.currency, Account.number, Entry.origin)
    .join(Ledger, Ledger.id == Entry.debit_id)
    .join(Account, Account.id == Ledger.account_id)
    .where(Entry.kind == "refund", *_WITHIN)
    .order_by(Entry.occurred_on, Entry.id)
)
_BILLS = (
    select(
        Bill.id,
        Bill.public_id,
        Bill.number.label("bill_number"),
        Bill.period,
        Bill.issued_on,
        Bill.due_on,
        Bill.total,
        Bill.currency,
        Account.number,
        ChargeLine.service,
        ChargeLine.amount,
    )
    .join(Account, Account.id == Bill.account_id)
    .outerjoin(ChargeLine, ChargeLine.bill_id == Bill.id)
    .where(Bill.issued_on >= bindparam("since"), Bill.issued_on <= bindparam("until"))
    .order_by(Bill.issued_on, Bill.id, ChargeLine.position, ChargeLine.id)
)
_RECEIPTS = (
    select(
        Receipt.kind,
        Receipt.state,
        Receipt.total,
        Receipt.currency,
        Receipt.what,
        Receipt.facts,
        Entry.occurred_on,
        Payment.public_id,
        Account.number,
    )
    .join(Entry, Entry.origin == Receipt.origin)
    .join(Payment, Payment.id == Receipt.payment_id)
    .join(Account, Account.id == Payment.account_id)
    .where(*_WITHIN)
    .order_by(Entry.occurred_on, Receipt.id)
)


_KINDS: dict[str, Kind] = {
    "date": "day",
    "issued": "day",
    "due": "day",
    "amount": "money",
    "sum": "money",
    "vat": "money",
}


@dataclass(slots=True)
class Written:
    """What an export came to: rows without the head, and the sum of their amounts. Filled while its rows are read."""

    lines: int = 0
    total: int = 0
    rates: list[str] = field(default_factory=list)


def rows(
    connection: Connection, kind: str, since: date, until: date, settings: PaymentsSettings, written: Written
) -> Iterator[Sequence[Cell]]:
    """Yield the head and the rows of an export of [since, until]; `written` is filled on the way."""
    written.rates = rates(settings)
    make = {"bills": _bills, "payments": _payments, "refunds": _refunds, "receipts": _receipts}[kind]
    yield from make(connection, {"since": since, "until": until}, settings, written)


def columns(head: Sequence[Cell]) -> list[Column]:
    """Return the columns of a head, which every export yields first."""
    return [Column(str(title), _KINDS.get(str(title).partition(" ")[0], "text")) for title in head]


def rates(settings: PaymentsSettings) -> list[str]:
    """Return the rates that may stand in an export, in the order of their columns."""
    found = {settings.vat.default, *settings.vat.services.values()}
    if settings.atol is not None:
        found.add(settings.atol.vat)
    return sorted(found - {""}) or ["none"]


def _payments(connection: Connection, days: Any, settings: PaymentsSettings, written: Written) -> Iterator[Any]:
    yield ["date", "account", "payment", "through", "amount", "currency", *_heads(written)]
    for row in connection.execute(_PAYMENTS, days):
        rate = _taxes(written, [(settings.vat.default, row.amount)])
        yield [row.occurred_on, row.number, row.name, row.gateway or "", row.amount, row.currency, *rate]
        _count(written, row.amount)


def _refunds(connection: Connection, days: Any, settings: PaymentsSettings, written: Written) -> Iterator[Any]:
    yield ["date", "account", "refund", "amount", "currency", *_heads(written)]
    for row in connection.execute(_REFUNDS, days):
        rate = _taxes(written, [(settings.vat.default, row.amount)])
        yield [row.occurred_on, row.number, row.origin.partition(":")[2], row.amount, row.currency, *rate]
        _count(written, row.amount)


def _bills(connection: Connection, days: Any, settings: PaymentsSettings, written: Written) -> Iterator[Any]:
    yield ["issued", "account", "bill", "month", "due", "amount", "currency", *_heads(written)]
    known = settings.vat
    for _, lines in groupby(connection.execute(_BILLS, days), key=lambda row: row.id):
        parts, row = [], None
        for row in lines:
            if row.amount is not None:
                parts.append((known.services.get(row.service, known.default), row.amount))
        assert row is not None
        name = row.bill_number or row.public_id
        head = [row.issued_on, row.number, name, f"{row.period:%Y-%m}", row.due_on, row.total, row.currency]
        yield [*head, *_taxes(written, parts)]
        _count(written, row.total)


def _receipts(connection: Connection, days: Any, settings: PaymentsSettings, written: Written) -> Iterator[Any]:
    yield [
        "date",
        "account",
        "payment",
        "kind",
        "state",
        "fn",
        "document",
        "sign",
        "amount",
        "currency",
        *_heads(written),
    ]
    usual = settings.atol.vat if settings.atol else settings.vat.default
    for row in connection.execute(_RECEIPTS, days):
        lines = json.loads(row.what)["lines"] if row.what else [{"amount": row.total}]
        taxes = _taxes(written, [(line.get("vat") or usual, line["amount"]) for line in lines])
        facts = [row.facts.get(name, "") for name in ("fn", "document", "sign")]
        total = -row.total if row.kind == "sell_refund" else row.total
        first = [row.occurred_on, row.number, row.public_id, row.kind, row.state]
        yield [*first, *facts, total, row.currency, *taxes]
        _count(written, total)


def _heads(written: Written) -> list[str]:
    return [word for rate in written.rates for word in (f"sum {rate}", f"vat {rate}")]


def _taxes(written: Written, parts: Sequence[tuple[str, int]]) -> list[int]:
    """Return sum and tax for each rate; one that no column is for stands in the first."""
    found = by_rate((rate if rate in written.rates else written.rates[0], amount) for rate, amount in parts)
    return [number for rate in written.rates for number in found.get(rate, (0, 0))]


def _count(written: Written, amount: int) -> None:
    written.lines += 1
    written.total += amount
