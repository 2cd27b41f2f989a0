"""A meter replaced by another: the old one leaves its closing values, the new one starts at its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.modules.readings import queries
from lkportal.modules.readings.contract import MeterReplaced
from lkportal.modules.readings.corrections import Unfit
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.models import Meter, Register
from lkportal.modules.readings.service import Submission, submit
from lkportal.modules.readings.windows import Window

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
    port(db, AuditLog).record(  # type: ignore[type-abstract]
        db, "readings.meter_replaced", target=heir.public_id, account=account, detail={"replaces": old.public_id}
    )
    return heir.public_id
