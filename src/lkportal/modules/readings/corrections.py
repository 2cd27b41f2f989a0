"""What is put right later: a reading corrected by a new one, a meter replaced. Nothing that was written is changed or lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CursorResult, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.money import Volume
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.readings import queries
from lkportal.modules.readings.contract import MeterReplaced, ReadingCorrected
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.models import Meter, Reading, Register
from lkportal.modules.readings.service import Submission, submit
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
    .values(last_milli=bindparam("value"))
)
_REMOVE = (
    update(Meter)
    .where(Meter.id == bindparam("meter"), Meter.account_id == bindparam("of"), Meter.removed_on.is_(None))
    .values(removed_on=bindparam("day"))
)


@dataclass(frozen=True, slots=True)
class NewMeter:
    """The meter that takes over: what is stamped on it and what its dials show at the start, by code of the register."""

    serial: str
    digits: int
    decimals: int
    initial: Mapping[str, int]
    verified_until: date | None = None
    coefficient: int = 1


class Unfit(PortalError):
    """A correction or replacement that cannot be: the sentence says what to do."""


def correct(db: Session, account: AccountRef, reading: str, value_milli: int, channel: str = "staff") -> str:
    """Put the newest reading of a register right by a new one; return its public id.

    It counts for the same month and adds the difference alone, so that sums are right and the old one stays to be seen. Raises
    NotFound, and Unfit when a later reading is in already or the value is below the one before.
    """
    row = db.execute(_READING.where(Reading.public_id == reading, Reading.account_id == account.id)).first()
    if row is None:
        raise NotFound
    if db.scalar(_NEWEST, {"register": row.register_id}) != row.id:
        raise _later()
    before = _before(db, row)
    if not before <= value_milli < 10**row.digits * 1000:
        raise Unfit("reading_unfit", _outside(before, row.digits), 422)
    moved = db.execute(_PUT, {"register": row.register_id, "seen": row.value_milli, "value": value_milli})
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise _later()
    added = (value_milli - row.value_milli) * row.coefficient
    made = _correction(db, account, row, value_milli, added, channel)
    db.execute(insert(Reading), made)
    emit(db, ReadingCorrected(made["public_id"], row.public_id, row.period, added), account=account)
    _audit(db, "readings.corrected", made["public_id"], account, corrects=row.public_id)
    return str(made["public_id"])


def replace_meter(
    db: Session,
    account: AccountRef,
    meter: str,
    closing: Mapping[str, int],
    new: NewMeter,
    window: Window,
    rules: Rules,
) -> str:
    """Take a meter off with its closing values (by register) and put `new` in its place; return the new one's public id.

    Closing values are readings like any other; the new dials start at their own. Raises Refused, Unfit, NotFound.
    """
    rows = [row for row in queries.registers(db.connection(), account.id) if row.meter == meter]
    old = db.execute(select(Meter).where(Meter.public_id == meter, Meter.account_id == account.id)).scalar_one_or_none()
    if old is None or not rows:
        raise NotFound
    if closing:
        data = Submission(closing, frozenset(closing))
        submit(db, account, data, window, rules.general, "staff", rules=rules)
    moved = db.execute(_REMOVE, {"meter": old.id, "of": account.id, "day": window.today})
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise Unfit("meter_removed", text("readings.replace.gone", "This meter was replaced already."), 409)
    heir = Meter(
        account_id=account.id, resource=old.resource, unit=old.unit, serial=new.serial, place=old.place,
        installed_on=window.today, verified_until=new.verified_until, coefficient=new.coefficient, replaces_id=old.id,
    )  # fmt: skip
    db.add(heir)
    db.flush()
    for row in rows:
        dial = {"meter_id": heir.id, "code": row.code, "digits": new.digits, "decimals": new.decimals}
        began = {"last_on": window.today, "last_period": window.period, "usual_milli": row.usual_milli}
        db.add(Register(**dial, **began, last_milli=new.initial.get(row.code, 0)))
    db.flush()
    emit(db, MeterReplaced(heir.public_id, old.public_id, heir.resource), account=account)
    _audit(db, "readings.meter_replaced", heir.public_id, account, replaces=old.public_id)
    return heir.public_id


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
        "taken_on": row.taken_on,
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
