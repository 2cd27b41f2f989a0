"""What readings know that proves an account: the serial number of a meter that stands in the home."""

from __future__ import annotations

import re

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import ClaimProof
from lkportal.core.i18n import text
from lkportal.modules.readings.models import Meter

LEAST = 5
"""Signs a serial number must have to prove anything."""
_NOT_SIGNS = re.compile(r"[^0-9A-ZА-ЯЁ]")
_SERIALS = select(Meter.serial).where(Meter.account_id == bindparam("of"), Meter.removed_on.is_(None))


def check_serial(db: Session, account_id: int, typed: str) -> bool:
    """Whether `typed` is the serial number of a meter in use on an account; spaces, dashes and leading zeros do not count."""
    wanted = _plain(typed)
    serials = {_plain(serial) for serial in db.scalars(_SERIALS, {"of": account_id})}
    return len(wanted) >= LEAST and wanted in serials


def _plain(serial: str) -> str:
    return _NOT_SIGNS.sub("", serial.upper()).lstrip("0")


SERIAL = ClaimProof(
    "readings.serial",
    text("readings.proof.serial", "Number of a meter"),
    text("readings.proof.serial_label", "Serial number of any of your meters"),
    text("readings.proof.serial_hint", "Stamped on the face of the meter, often after the sign №"),
    check_serial,
    level=1,
    order=20,
)
