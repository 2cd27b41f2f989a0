"""What was odd about readings of late: a doubtful one with its photo, one that the desk corrected, a month that nobody sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any

from seeding.moments import account_of, as_of, person
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.storage import Storage
from lkportal.core.unit import now
from lkportal.modules.readings import corrections, queries, service
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.models import Estimate, Reading, Register
from lkportal.modules.readings.photos import keeping
from lkportal.modules.readings.photos.checking import Cleaned
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from utility.households import Household

DOUBTFUL, MOTHER, SUMMER = 10, 2, 1
"""Places of the accounts: a neighbour's, whose reading waits for the desk; one with a corrected reading; one with a forgotten meter."""
KITCHEN = 2
WIDTH, HEIGHT = 640, 480


def settle_dials(
    db: Session, homes: Sequence[Household], day: date, settings: ReadingsSettings, storage: Storage, operator: str
) -> None:
    """Write it; `operator` is the login of who corrects."""
    at = partial(account_of, db)
    _doubtful(db, at(homes[DOUBTFUL].number), day, settings, storage)
    _seen(db, at(homes[0].number), storage)
    _corrected(db, at(homes[MOTHER].number), person(db, operator), homes[MOTHER].meters[KITCHEN].serial)
    _forgotten(db, at(homes[SUMMER].number), day, homes[SUMMER].meters[KITCHEN].serial, settings)


def forgotten(homes: Sequence[Household]) -> str:
    """Return the serial number of the meter whose last month nobody sent."""
    return homes[SUMMER].meters[KITCHEN].serial


def _doubtful(db: Session, account: AccountRef, day: date, settings: ReadingsSettings, storage: Storage) -> None:
    """Let a neighbour confirm a value far above the usual, with a photo: it waits in the desk's queue."""
    row = queries.registers(db.connection(), account.id)[0]
    value = row.last_milli + 12 * (row.usual_milli or 4_000) // 10 * 10 + 20_000
    payer = Actor("guest", 0, "", "", "")
    with as_of(db, now(db) - timedelta(hours=20), payer):
        data = service.Submission({row.register: value}, frozenset({row.register}))
        accepted = service.submit(db, account, data, window(day, settings), settings, rules=Rules(settings))
        _photographed(db, account, storage, accepted.by_register[row.register], row.serial, value)


def _seen(db: Session, account: AccountRef, storage: Storage) -> None:
    """Give the newest reading of an account its photo."""
    row = queries.registers(db.connection(), account.id)[0]
    reading = _newest(db, row.register_id)
    with as_of(db, reading.submitted_at):
        _photographed(db, account, storage, reading.public_id, row.serial, reading.value_milli)


def _corrected(db: Session, account: AccountRef, operator: Actor, serial: str) -> None:
    """Take a cubic metre off the newest reading of a meter: the customer had called."""
    row = next(each for each in queries.registers(db.connection(), account.id) if each.serial == serial)
    reading = _newest(db, row.register_id)
    with as_of(db, now(db) - timedelta(days=3), operator):
        corrections.correct(db, account, reading.public_id, reading.value_milli - min(1_000, reading.added_milli))


def _forgotten(db: Session, account: AccountRef, day: date, serial: str, settings: ReadingsSettings) -> None:
    """Charge the month that was not sent by average, as the job of the month does."""
    row = next(each for each in queries.registers(db.connection(), account.id) if each.serial == serial)
    month = (window(day, settings).period - timedelta(days=1)).replace(day=1)
    made: dict[str, Any] = {
        "public_id": public_id(), "account_id": account.id, "register_id": row.register_id, "period": month,
        "added_milli": row.usual_milli or 3_000, "basis": "average", "nth": 1, "most": settings.average_times, "made_at": now(db),
    }  # fmt: skip
    db.execute(insert(Estimate), made)
    register = db.get_one(Register, row.register_id)
    register.estimate, register.estimate_period = f"average 1/{settings.average_times}", month


def _newest(db: Session, register: int) -> Reading:
    return db.scalars(select(Reading).where(Reading.register_id == register).order_by(Reading.id.desc()).limit(1)).one()


def _photographed(
    db: Session, account: AccountRef, storage: Storage, reading: str, serial: str, value_milli: int
) -> None:
    picture = dial(serial, value_milli)
    if picture is not None:
        held = keeping.hold(db, storage, account, Cleaned(picture, WIDTH, HEIGHT))
        keeping.claim(db, account, {reading: held.photo})


def dial(serial: str, value_milli: int) -> bytes | None:
    """Draw the face of a water meter that shows a value, as JPEG; None where nothing can be drawn."""
    try:
        from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - photos are an extra
    except ImportError:
        return None
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#8d8f8a")
    pen = ImageDraw.Draw(picture)
    for inset, shade in ((0, "#5f5238"), (10, "#a58b52"), (26, "#c9b27a"), (34, "#f3f1ea")):
        pen.ellipse((95 + inset, 15 + inset, 545 - inset, 465 - inset), fill=shade)
    small, large = ImageFont.load_default(22), ImageFont.load_default(44)
    digits = f"{value_milli:08d}"[-8:]
    pen.rectangle((161, 169, 479, 235), fill="#2b2b2b")
    for place, digit in enumerate(digits):
        left = 166 + place * 39
        pen.rectangle((left, 174, left + 34, 230), fill="#b3261e" if place > 4 else "#101010")
        pen.text((left + 17, 202), digit, font=large, fill="white", anchor="mm")
    pen.text((314, 140), "m", font=small, fill="#222", anchor="mm")
    pen.text((330, 132), "3", font=ImageFont.load_default(14), fill="#222", anchor="mm")
    pen.text((320, 290), f"No {serial}", font=small, fill="#222", anchor="mm")
    pen.text((320, 330), "Qn 1.5   40 °C   class B", font=ImageFont.load_default(16), fill="#444", anchor="mm")
    pen.regular_polygon((320, 380, 26), 6, fill="#b3261e")
    made = BytesIO()
    picture.save(made, "JPEG", quality=80)
    return made.getvalue()
