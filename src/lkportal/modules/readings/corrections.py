"""What is put right later: a reading by a new one, by the company or by whoever sent it. Nothing that was written is changed or lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.money import Volume
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.readings.contract import ReadingCorrected
from lkportal.modules.readings.models import Meter, Reading, Register, Review
from lkportal.modules.readings.rules import Slip, span

_READING = (
    select(
        Reading.id,
        Reading.public_id,
        Reading.register_id,
        Reading.corrects_id,
        Reading.value_milli,
        Reading.added_milli,
        Reading.taken_on,
        Reading.period,
        Reading.channel,
        Reading.rolled_over,
        Register.digits,
        Register.last_milli,
        Meter.coefficient,
        Meter.unit,
    )
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
)
_NEWEST = select(func.max(Reading.id)).where(Reading.register_id == bindparam("register"))
_PUT = (
    update(Register)
    .where(Register.id == bindparam("register"), Register.last_milli == bindparam("seen"))
    .values(last_milli=bindparam("value"), last_on=bindparam("taken_on"))
)
_OVER = (
    update(Review)
    .where(Review.reading_id == bindparam("of"), Review.state == "waiting")
    .values(state="corrected", decided_at=bindparam("moment"), actor=bindparam("who"))
)
_OWN = frozenset({"web", "api", "link", "offline", "file"})
"""Channels of readings that customers sent."""


class Unfit(PortalError):
    """A correction or replacement that cannot be: the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Again:
    """A dial read once more by whoever sent the slip: on which day, and for a form that waited on a device its token and moment."""

    day: date
    token: str | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Chain:
    """A reading and all it corrects: what the dial showed before them, what they add together (thousandths), and whether one of
    them counted the dial past zero."""

    before_milli: int
    added_milli: int
    passed_zero: bool


def way(channel: str) -> dict[str, str | int]:
    """Return what the audit keeps of how a reading came, for the history: only what its actor does not tell."""
    return {"via": channel} if channel == "offline" else {}


def slips(db: Session, rows: Mapping[str, Row[Any]], values: Mapping[str, int], period: date) -> dict[str, Slip]:
    """Return, by register, the readings that a customer's new values may put right: values below what they sent themselves for the
    month `period`, not below what the dial showed before that. A zero that was counted by mistake is taken back likewise."""
    found: dict[str, Slip] = {}
    for name, value in values.items():
        row = rows.get(name)
        if row is None or row.last_period != period or 0 <= value - row.last_milli <= span(row.digits) // 2:
            continue
        newest = _READING.where(Reading.id == _NEWEST.scalar_subquery())
        sent = db.execute(newest, {"register": row.register_id}).first()
        if sent is None or sent.channel not in _OWN or sent.value_milli != row.last_milli:
            continue
        chain = _chain(db, sent)
        if chain.passed_zero or chain.before_milli <= value < row.last_milli:
            found[name] = Slip(sent.public_id, sent.value_milli, sent.taken_on)
    return found


def correct(
    db: Session,
    account: AccountRef,
    reading: str,
    value_milli: int,
    channel: str = "staff",
    again: Again | None = None,
) -> str:
    """Put the newest reading of a register right by a new one; return its public id.

    It counts for the same month and adds the difference alone, so that sums are right and the old one stays to be seen; a look at
    that one is over. Raises NotFound, and Unfit when a later reading is in already or the value is below the one before.
    """
    row = db.execute(_READING.where(Reading.public_id == reading, Reading.account_id == account.id)).first()
    if row is None:
        raise NotFound
    if db.scalar(_NEWEST, {"register": row.register_id}) != row.id:
        raise _later()
    chain = _chain(db, row)
    least = 0 if chain.passed_zero else chain.before_milli
    if not least <= value_milli < span(row.digits):
        raise Unfit("reading_unfit", _outside(least, row.digits), 422)
    # The look first, then the register, as the desk does that ends a look: else they would lock each other out.
    db.execute(_OVER, {"of": row.id, "moment": now(db), "who": context(db).actor.label})
    taken_on = again.day if again else row.taken_on
    seen = {"register": row.register_id, "seen": row.value_milli, "value": value_milli, "taken_on": taken_on}
    moved = db.execute(_PUT, seen)
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise _later()
    used = (value_milli - chain.before_milli) % span(row.digits) * row.coefficient
    made = _correction(db, account, row, value_milli, used - chain.added_milli, channel)
    made |= {"taken_on": taken_on, "rolled_over": value_milli < chain.before_milli}
    made |= {"token": again.token, "taken_at": again.taken_at} if again else {}
    db.execute(insert(Reading), made)
    emit(db, ReadingCorrected(made["public_id"], row.public_id, row.period, made["added_milli"]), account=account)
    detail = {"corrects": row.public_id} | way(channel)
    port(db, AuditLog).record(db, "readings.corrected", target=made["public_id"], account=account, detail=detail)  # type: ignore[type-abstract]
    return str(made["public_id"])


def _chain(db: Session, row: Any) -> _Chain:
    added, passed_zero, first = row.added_milli, row.rolled_over, row
    while first.corrects_id is not None:
        older = db.execute(_READING.where(Reading.id == first.corrects_id)).first()
        if older is None:
            break
        first = older
        added, passed_zero = added + first.added_milli, passed_zero or first.rolled_over
    return _Chain(int((row.value_milli - added // row.coefficient) % span(row.digits)), added, bool(passed_zero))


def _correction(db: Session, account: AccountRef, row: Any, value: int, added: int, channel: str) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "account_id": account.id,
        "register_id": row.register_id,
        "value_milli": value,
        "added_milli": added,
        "period": row.period,
        "submitted_at": now(db),
        "channel": channel,
        "actor": context(db).actor.label,
        "confirmed": False,
        "corrects_id": row.id,
    }


def _later() -> Unfit:
    words = text(
        "readings.correct.later", "A later reading is in: the difference is settled with it. Correct the newest one."
    )
    return Unfit("reading_later", words, 409)


def _outside(before: int, digits: int) -> Any:
    return text(
        "readings.correct.outside",
        "Between %(least)s and %(digits)s digits before the point: what it showed before, and what the dial can show.",
        least=Volume(before, ""),
        digits=digits,
    )
