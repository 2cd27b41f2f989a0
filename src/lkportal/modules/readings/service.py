"""The rule of readings: a form of values becomes facts, or nothing does. No HTTP here; judging is in rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult, Row, bindparam, insert, update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.readings import queries
from lkportal.modules.readings.contract import ReadingsSubmitted
from lkportal.modules.readings.models import Reading, Register
from lkportal.modules.readings.rules import Verdict, judge
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import Window

# The last value is compared and replaced in one statement. When another submission was quicker no row changes, and the value
# is judged anew against what that one left: the consumption between two readings is never counted twice.
_ADVANCE = (
    update(Register)
    .where(Register.id == bindparam("register"), Register.last_milli == bindparam("seen"))
    .values(last_milli=bindparam("value"), last_on=bindparam("taken_on"), last_period=bindparam("counted_for"))
)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person typed: register's public id -> value in thousandths, and which doubts they confirmed."""

    values: Mapping[str, int]
    confirmed: frozenset[str] = frozenset()


class Refused(Exception):
    """The form is not accepted as it stands: errors to mend and doubts to confirm, by register. Nothing was written."""

    def __init__(self, errors: Mapping[str, Text], doubts: Mapping[str, Text]) -> None:
        super().__init__("readings refused")
        self.errors = errors
        self.doubts = doubts


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was written: public ids of the readings and the consumption they add, by resource."""

    readings: tuple[str, ...]
    total_milli: dict[str, int] = field(default_factory=dict)


def submit(
    db: Session, account: AccountRef, data: Submission, window: Window, settings: ReadingsSettings, channel: str = "web"
) -> Accepted:
    """Accept readings of one account, all together; return what was written. Raises Refused when one cannot be accepted.

    A value that was accepted today already (the form was sent twice) is not written again.
    """
    registers = {row.register: row for row in queries.registers(db.connection(), account.id)}
    _refuse_late(data, window, settings)
    _refuse_wrong(registers, data, settings)
    written: list[dict[str, Any]] = []
    totals: dict[str, int] = {}
    # In one order for everybody: two forms with the same meters wait for each other instead of locking each other out.
    for name in sorted(data.values, key=lambda name: registers[name].register_id):
        verdict = _advance(db, account, registers[name], data, window, settings)
        if verdict is None:
            continue
        written.append(_row(db, account, registers[name], data.values[name], verdict, window, channel))
        resource = registers[name].resource
        totals[resource] = totals.get(resource, 0) + verdict.added_milli
    if not written:
        return Accepted(())
    db.execute(insert(Reading), written)
    accepted = Accepted(tuple(each["public_id"] for each in written), totals)
    emit(db, ReadingsSubmitted(accepted.readings, window.period, accepted.total_milli), account=account)
    for reading in accepted.readings:
        port(db, AuditLog).record(db, "readings.submitted", target=reading, account=account)  # type: ignore[type-abstract]
    return accepted


def _refuse_late(data: Submission, window: Window, settings: ReadingsSettings) -> None:
    if settings.late == "refuse" and window.period.month != window.today.month:
        last = window.today.replace(day=settings.window_last)
        closed = text(
            "readings.rule.closed",
            "Readings were taken until %(last)s. Send them from %(first)s.",
            first=window.first,
            last=last,
        )
        raise Refused(dict.fromkeys(data.values, closed), {})


def _refuse_wrong(registers: Mapping[str, Row[Any]], data: Submission, settings: ReadingsSettings) -> None:
    errors: dict[str, Text] = {}
    doubts: dict[str, Text] = {}
    for name, value in data.values.items():
        if name not in registers:
            errors[name] = text("readings.rule.unknown", "This meter is not on your account any more. Reload the page.")
            continue
        verdict = judge(registers[name], value, settings)
        if verdict.error is not None:
            errors[name] = verdict.error
        elif verdict.doubt is not None and name not in data.confirmed:
            doubts[name] = verdict.doubt
    if errors or doubts:
        raise Refused(errors, doubts)


def _advance(
    db: Session, account: AccountRef, row: Row[Any], data: Submission, window: Window, settings: ReadingsSettings
) -> Verdict | None:
    """Move the register's last value on; return the verdict it was moved by, or None when it stands there since today."""
    value = data.values[row.register]
    while not (row.last_milli == value and row.last_on == window.today):
        verdict = judge(row, value, settings)
        moved = db.execute(
            _ADVANCE,
            {
                "register": row.register_id,
                "seen": row.last_milli,
                "value": value,
                "taken_on": window.today,
                "counted_for": window.period,
            },
        )
        if isinstance(moved, CursorResult) and moved.rowcount == 1:
            return verdict
        fresh = {each.register: each for each in queries.registers(db.connection(), account.id)}
        _refuse_wrong(fresh, Submission({row.register: value}, data.confirmed), settings)
        row = fresh[row.register]
    return None


def _row(
    db: Session, account: AccountRef, row: Row[Any], value: int, verdict: Verdict, window: Window, channel: str
) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "account_id": account.id,
        "register_id": row.register_id,
        "value_milli": value,
        "added_milli": verdict.added_milli,
        "taken_on": window.today,
        "period": window.period,
        "submitted_at": now(db),
        "channel": channel,
        "actor": context(db).actor.label,
        "rolled_over": verdict.rolled_over,
        "confirmed": verdict.doubt is not None,
    }
