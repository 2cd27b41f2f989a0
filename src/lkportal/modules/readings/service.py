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
from lkportal.modules.readings.rules import Verdict, below, judge
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import Window

# The last value is compared and replaced in one statement: of two values sent at once, the one that came too late to be
# true changes no row. `seen_milli` is what the person was judged against; a rollover may only follow exactly that.
_ADVANCE = (
    update(Register)
    .where(
        Register.id == bindparam("register"),
        Register.last_milli <= bindparam("most"),
        Register.last_milli >= bindparam("least"),
    )
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
    """Accept readings of one account, all together; return what was written. Raises Refused when one cannot be accepted."""
    registers = {row.register: row for row in queries.registers(db.connection(), account.id)}
    verdicts = _judge_all(registers, data, window, settings)
    written: list[dict[str, Any]] = []
    for name, verdict in verdicts.items():
        row = registers[name]
        _advance(db, row, data.values[name], verdict, window)
        written.append(_row(db, account, row, data.values[name], verdict, window, channel))
    db.execute(insert(Reading), written)
    accepted = Accepted(tuple(each["public_id"] for each in written), _totals(registers, verdicts))
    emit(db, ReadingsSubmitted(accepted.readings, window.period, accepted.total_milli), account=account)
    for reading in accepted.readings:
        port(db, AuditLog).record(db, "readings.submitted", target=reading, account=account)  # type: ignore[type-abstract]
    return accepted


def _judge_all(
    registers: Mapping[str, Row[Any]], data: Submission, window: Window, settings: ReadingsSettings
) -> dict[str, Verdict]:
    if settings.late == "refuse" and window.period.month != window.today.month:
        closed = text(
            "readings.rule.closed",
            "Readings were taken until %(last)s. Send them from %(first)s.",
            first=window.first,
            last=window.today.replace(day=settings.window_last),
        )
        raise Refused(dict.fromkeys(data.values, closed), {})
    errors: dict[str, Text] = {}
    doubts: dict[str, Text] = {}
    verdicts: dict[str, Verdict] = {}
    for name, value in data.values.items():
        if name not in registers:
            errors[name] = text("readings.rule.unknown", "This meter is not on your account any more. Reload the page.")
            continue
        verdict = judge(registers[name], value, settings)
        verdicts[name] = verdict
        if verdict.error is not None:
            errors[name] = verdict.error
        elif verdict.doubt is not None and name not in data.confirmed:
            doubts[name] = verdict.doubt
    if errors or doubts or not verdicts:
        raise Refused(errors, doubts)
    return verdicts


def _advance(db: Session, row: Row[Any], value: int, verdict: Verdict, window: Window) -> None:
    """Move the register's last value on, unless another submission was quicker and went past this one."""
    exact = row.last_milli
    bounds = (exact, exact) if verdict.rolled_over else (0, exact + verdict.added_milli)
    result = db.execute(
        _ADVANCE,
        {
            "register": row.register_id,
            "least": bounds[0],
            "most": bounds[1],
            "value": value,
            "taken_on": window.today,
            "counted_for": window.period,
        },
    )
    if isinstance(result, CursorResult) and result.rowcount != 1:
        raise Refused({row.register: below(row.last_milli)}, {})


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


def _totals(registers: Mapping[str, Row[Any]], verdicts: Mapping[str, Verdict]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, verdict in verdicts.items():
        resource = registers[name].resource
        totals[resource] = totals.get(resource, 0) + verdict.added_milli
    return totals
