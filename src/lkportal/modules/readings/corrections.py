"""What is put right later: a reading by a new one, by the company or by whoever sent it. Nothing that was written is changed or lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
from lkportal.modules.readings.rules import Slip
from lkportal.modules.readings.windows import Window

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
OWN = frozenset({"web", "api", "link", "offline", "file"})
"""Channels of readings that customers sent."""


class Unfit(PortalError):
    """A correction or replacement that cannot be: the sentence says what to do."""


def slips(
    db: Session, account: AccountRef, rows: Mapping[str, Row[Any]], values: Mapping[str, int], window: Window
) -> dict[str, Slip]:
    """Return, by register, the readings that a customer's new values may put right: values below what they sent themselves for the
    month of `window`, not below what the dial showed before that."""
    found: dict[str, Slip] = {}
    for name, value in values.items():
        row = rows.get(name)
        if row is None or value >= row.last_milli or row.last_period != window.period:
            continue
        sent = db.execute(
            _READING.where(Reading.id == _NEWEST.scalar_subquery()), {"register": row.register_id}
        ).first()
        if sent is None or sent.channel not in OWN or sent.value_milli != row.last_milli:
            continue
        before = _before(db, sent)
        if before <= value:
            found[name] = Slip(sent.public_id, sent.value_milli, before, sent.taken_on)
    return found


def correct(
    db: Session, account: AccountRef, reading: str, value_milli: int, channel: str = "staff", day: date | None = None
) -> str:
    """Put the newest reading of a register right by a new one; return its public id. `day` is when the dial was read again.

    It counts for the same month and adds the difference alone, so that sums are right and the old one stays to be seen; a look at
    that one is over. Raises NotFound, and Unfit when a later reading is in already or the value is below the one before.
    """
    row = db.execute(_READING.where(Reading.public_id == reading, Reading.account_id == account.id)).first()
    if row is None:
        raise NotFound
    if db.scalar(_NEWEST, {"register": row.register_id}) != row.id:
        raise _later()
    before = _before(db, row)
    if not before <= value_milli < 10**row.digits * 1000:
        raise Unfit("reading_unfit", _outside(before, row.digits), 422)
    taken_on = day or row.taken_on
    seen = {"register": row.register_id, "seen": row.value_milli, "value": value_milli, "taken_on": taken_on}
    moved = db.execute(_PUT, seen)
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise _later()
    added = (value_milli - row.value_milli) * row.coefficient
    made = _correction(db, account, row, value_milli, added, channel) | {"taken_on": taken_on}
    db.execute(insert(Reading), made)
    db.execute(_OVER, {"of": row.id, "moment": now(db), "who": context(db).actor.label})
    emit(db, ReadingCorrected(made["public_id"], row.public_id, row.period, added), account=account)
    _audit(db, "readings.corrected", made["public_id"], account, corrects=row.public_id)
    return str(made["public_id"])


def _before(db: Session, row: Any) -> int:
    """Return what the register showed before the reading that a chain of corrections began with."""
    added, first = row.added_milli, row
    while first.corrects_id is not None:
        older = db.execute(_READING.where(Reading.id == first.corrects_id)).first()
        if older is None:
            break
        first = older
        added += first.added_milli
    span = 10**row.digits * 1000
    return int((row.value_milli - added // row.coefficient) % span)


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
        "rolled_over": False,
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


def _audit(db: Session, action: str, target: str, account: AccountRef, **detail: str | int) -> None:
    port(db, AuditLog).record(db, action, target=target, account=account, detail=detail)  # type: ignore[type-abstract]
