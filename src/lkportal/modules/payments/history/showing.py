"""Operations as the history shows them: rows in, plain values out. The words a tired person reads of each state stand here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from lkportal.core.i18n import Text, text
from lkportal.modules.payments.views import MOVEMENTS, Status

_STATES: Mapping[str, Status] = {
    "intended": ("inf", text("payments.operation.created", "Begun, the bank is not asked yet")),
    "pending": ("inf", text("payments.operation.pending", "Waiting for the bank")),
    "unknown": ("inf", text("payments.operation.unknown", "The bank is silent; we keep asking")),
    "authorized": ("inf", text("payments.operation.authorized", "Set aside by the bank, not taken yet")),
    "canceled": ("bad", text("payments.operation.canceled", "Declined, no money was taken")),
    "failed": ("bad", text("payments.operation.failed", "Did not reach the bank, no money was taken")),
}
_PAID: Status = ("ok", text("payments.operation.paid", "Paid"))
_PART: Status = ("warn", text("payments.operation.refunded_part", "Paid, a part was given back"))
_WHOLE: Status = ("off", text("payments.operation.refunded", "Given back in whole"))
_CHECKED: Status = ("warn", text("payments.operation.attention", "A person is checking it"))
_DONE: Status = ("ok", text("payments.operation.done", "In the books"))
_WAYS: Mapping[str, Text] = {
    "bank": text("payments.operation.bank", "Paid through a bank"),
    "cash": text("payments.operation.cash", "Paid in cash"),
}
_ONLINE = text("payments.operation.online", "Payment")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `change` adds to what is owed (minor units); `payment` is the public id of its page, "" when it has none."""

    day: date
    what: Text
    change: int
    status: Status
    payment: str = ""
    receipt: bool = False


def of_payment(row: Any, zone: ZoneInfo) -> Operation:
    """Return a payment as an operation."""
    what = _WAYS.get(row.gateway or "", _ONLINE)
    day = (row.paid_at or row.created_at).astimezone(zone).date()
    return Operation(day, what, -row.amount, state_of(row), row.public_id, receipt=row.paid_at is not None)


def of_entry(row: Any) -> Operation:
    """Return an entry that no payment stands for as an operation."""
    return Operation(row.occurred_on, MOVEMENTS[row.kind], row.change, _DONE)


def state_of(row: Any) -> Status:
    """Return the state of a payment: that of the provider as long as nothing is decided, that of its money afterwards."""
    if row.state == "attention":
        return _CHECKED
    if row.state == "paid":
        return _WHOLE if row.refunded >= row.amount else _PART if row.refunded else _PAID
    known = row.attempt_state or ("pending" if row.state == "waiting" else "failed")
    return _STATES.get(known, _STATES["pending"])


def merged(found: Sequence[Operation], start: int, rows: int) -> tuple[list[Operation], bool]:
    """Return one page of operations, newest first, and whether there are older ones."""
    ordered = sorted(found, key=lambda each: each.day, reverse=True)
    return ordered[start : start + rows], len(ordered) > start + rows
