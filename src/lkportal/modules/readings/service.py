"""The rule of readings: a form of values becomes facts, or nothing does. No HTTP here; judging is in rules, what is put right
later in corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.databases.prepared import Prepared
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.readings import corrections, queries
from lkportal.modules.readings.contract import ReadingsSubmitted
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.models import Reading, Register, Review
from lkportal.modules.readings.rules import Slip, Verdict, judge
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import Window

# The last value is compared and replaced in one statement. When another submission was quicker no row changes, and the value
# is judged anew against what that one left: the consumption between two readings is never counted twice.
_ADVANCE = Prepared(
    update(Register.__table__)  # type: ignore[arg-type]
    .where(Register.id == bindparam("register"), Register.last_milli == bindparam("seen"))
    .values(
        last_milli=bindparam("value"),
        last_on=bindparam("taken_on"),
        last_period=bindparam("counted_for"),
        estimate="",
        estimate_period=None,
    )
)
_KEEP = Prepared(insert(Reading.__table__))  # type: ignore[arg-type]
_SENT = select(Reading.id).where(Reading.account_id == bindparam("of"), Reading.token == bindparam("token")).limit(1)
_MENDING = frozenset({"web", "api", "offline"})
"""Channels whose people see what they sent before, and say themselves what is to be put right."""
_NO_SLIP = text("readings.rule.no_slip", "That reading cannot be replaced any more. Reload the page.")
_DOUBTFUL = select(Reading.id).where(Reading.public_id.in_(bindparam("readings", expanding=True)))
_LOOKED_AT = (
    select(Review.reading_id)
    .join(Reading, Reading.id == Review.reading_id)
    .where(Reading.public_id.in_(bindparam("readings", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person typed: register's public id -> value in thousandths, which doubts they confirmed, and whether a value takes the
    place of one that was sent by mistake: register -> public id of that reading.

    A form that waited on a device has a `token`, by which the same one sent again is known, and the moment it was filled in.
    """

    values: Mapping[str, int]
    confirmed: frozenset[str] = frozenset()
    corrects: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    taken_at: datetime | None = None


class Refused(Exception):
    """The form is not accepted as it stands: errors to mend and doubts to confirm, by register. Nothing was written.

    `slips` are the readings, by register, that the form may name as sent by mistake: that is how such a doubt is confirmed.
    """

    def __init__(
        self, errors: Mapping[str, Text], doubts: Mapping[str, Text], slips: Mapping[str, Slip] | None = None
    ) -> None:
        super().__init__("readings refused")
        self.errors = errors
        self.doubts = doubts
        self.slips = slips or {}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was written: public ids of the readings, the consumption they add by resource, and which register each is of."""

    readings: tuple[str, ...]
    total_milli: dict[str, int] = field(default_factory=dict)
    by_register: dict[str, str] = field(default_factory=dict)


def submit(
    db: Session,
    account: AccountRef,
    data: Submission,
    window: Window,
    settings: ReadingsSettings,
    channel: str = "web",
    *,
    rules: Rules | None = None,
) -> Accepted:
    """Accept readings of one account, all together; return what was written. Raises Refused when one cannot be accepted.

    They are judged by `rules` of their day, where there are any, else by `settings`. A value that was accepted today already
    (the form was sent twice) is not written again, nor is a form whose token is known. On a page or by the API a lower value may
    put right what was sent for the same month, named by the form.
    """
    rules = rules or Rules(settings)
    if data.token and db.execute(_SENT, {"of": account.id, "token": data.token}).first():
        return Accepted(())
    registers = {row.register: row for row in queries.registers(db.connection(), account.id)}
    slips = _slips(db, registers, data, window, channel)
    weigh(registers, data, window, rules, slips)
    mended: dict[str, str] = {}
    written: dict[str, dict[str, Any]] = {}
    totals: dict[str, int] = {}
    # In one order for everybody: two forms with the same meters wait for each other instead of locking each other out.
    for name in sorted(data.values, key=lambda name: registers[name].register_id):
        if name in slips:
            mended |= _mend(db, account, slips[name], registers[name], data, window, channel)
        elif (verdict := _advance(db, account, registers[name], data, window, rules)) is not None:
            written[name] = _row(db, account, registers[name], data, verdict, window, channel)
            resource = registers[name].resource
            totals[resource] = totals.get(resource, 0) + verdict.added_milli
    if not written:
        return Accepted(tuple(mended.values()), {}, mended)
    kept = _kept(db, account, written, totals, window, channel)
    return Accepted((*mended.values(), *kept.readings), totals, mended | kept.by_register)


def _slips(
    db: Session, registers: Mapping[str, Row[Any]], data: Submission, window: Window, channel: str
) -> dict[str, Slip]:
    """Return the readings that a form may put right. One that waited on a device is asked nothing: it names them, or puts none right."""
    if channel not in _MENDING:
        return {}
    found = corrections.slips(db, registers, data.values, window.period)
    if channel != "offline":
        return found
    return {register: slip for register, slip in found.items() if data.corrects.get(register) == slip.reading}


def _mend(
    db: Session, account: AccountRef, slip: Slip, row: Row[Any], data: Submission, window: Window, channel: str
) -> dict[str, str]:
    """Put a reading right, and have somebody of the company look at it; return the new one by its register, none when the same
    form was quicker."""
    value, again = data.values[row.register], corrections.Again(window.today, data.token or None, data.taken_at)
    try:
        made = corrections.correct(db, account, slip.reading, value, channel, again)
    except corrections.Unfit:
        fresh = {each.register: each for each in queries.registers(db.connection(), account.id)}[row.register]
        if (fresh.last_milli, fresh.last_on) == (value, window.today):
            return {}
        raise Refused({row.register: _NO_SLIP}, {}) from None
    look_at(db, account, [made], "slip")
    return {row.register: made}


def _kept(
    db: Session,
    account: AccountRef,
    written: Mapping[str, dict[str, Any]],
    totals: dict[str, int],
    window: Window,
    channel: str,
) -> Accepted:
    """Write the rows, open a look at doubtful ones, tell audit and listeners."""
    _KEEP.add(db.connection(), list(written.values()))
    names = {register: str(row["public_id"]) for register, row in written.items()}
    accepted = Accepted(tuple(names.values()), totals, names)
    look_at(db, account, [str(row["public_id"]) for row in written.values() if row["confirmed"]], "doubt")
    emit(db, ReadingsSubmitted(accepted.readings, window.period, accepted.total_milli), account=account)
    audit = port(db, AuditLog)  # type: ignore[type-abstract]
    detail = corrections.way(channel)
    audit.record_each(db, "readings.submitted", accepted.readings, account=account, detail=detail)
    return accepted


def weigh(
    registers: Mapping[str, Row[Any]],
    data: Submission,
    window: Window,
    rules: Rules,
    slips: Mapping[str, Slip] | None = None,
) -> None:
    """Judge a form against the registers of its account (public id -> row) without writing. Raises Refused.

    `slips` are the readings, by register, that its lower values may put right.
    """
    _refuse_late(data, window, rules.general)
    _refuse_wrong(registers, data, rules, slips or {})


def look_at(db: Session, account: AccountRef, readings: Sequence[str], why: str) -> None:
    """Put readings into the queue of those that somebody of the company looks at, each once."""
    if not readings:
        return
    known = set(db.scalars(_LOOKED_AT, {"readings": list(readings)}))
    rows = [
        {"public_id": public_id(), "account_id": account.id, "reading_id": key, "why": why, "opened_at": now(db)}
        for key in db.scalars(_DOUBTFUL, {"readings": list(readings)})
        if key not in known
    ]
    if rows:
        db.execute(insert(Review), rows)


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


def _refuse_wrong(registers: Mapping[str, Row[Any]], data: Submission, rules: Rules, slips: Mapping[str, Slip]) -> None:
    errors: dict[str, Text] = {}
    doubts: dict[str, Text] = {}
    for name, value in data.values.items():
        if name not in registers:
            errors[name] = text("readings.rule.unknown", "This meter is not on your account any more. Reload the page.")
            continue
        verdict = judge(registers[name], value, rules.of(registers[name].resource), slips.get(name))
        if verdict.error is not None:
            errors[name] = verdict.error
        elif name in data.corrects and name not in slips and value != registers[name].last_milli:
            errors[name] = _NO_SLIP
        elif verdict.doubt is not None and not _is_sure(data, name, slips.get(name)):
            doubts[name] = verdict.doubt
    if errors or doubts:
        raise Refused(errors, doubts, slips)


def _is_sure(data: Submission, register: str, slip: Slip | None) -> bool:
    """Whether a doubt is confirmed. To put a reading right, its name is asked for: who confirmed a high value meant no other."""
    return register in data.confirmed if slip is None else data.corrects.get(register) == slip.reading


def _advance(
    db: Session, account: AccountRef, row: Row[Any], data: Submission, window: Window, rules: Rules
) -> Verdict | None:
    """Move the register's last value on; return the verdict it was moved by, or None when it stands there since today."""
    value = data.values[row.register]
    while not (row.last_milli == value and row.last_on == window.today):
        verdict = judge(row, value, rules.of(row.resource))
        moved = _ADVANCE.change(
            db.connection(),
            {
                "register": row.register_id,
                "seen": row.last_milli,
                "value": value,
                "taken_on": max(window.today, row.last_on or window.today),
                "counted_for": window.period,
            },
        )
        if moved:
            return verdict
        fresh = {each.register: each for each in queries.registers(db.connection(), account.id)}
        _refuse_wrong(fresh, Submission({row.register: value}, data.confirmed), rules, {})
        row = fresh[row.register]
    return None


def _row(
    db: Session, account: AccountRef, row: Row[Any], data: Submission, verdict: Verdict, window: Window, channel: str
) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "account_id": account.id,
        "register_id": row.register_id,
        "value_milli": data.values[row.register],
        "added_milli": verdict.added_milli,
        "taken_on": window.today,
        "period": window.period,
        "submitted_at": now(db),
        "channel": channel,
        "actor": context(db).actor.label,
        "rolled_over": verdict.rolled_over,
        "confirmed": verdict.doubt is not None,
        "token": data.token or None,
        "taken_at": data.taken_at,
    }
