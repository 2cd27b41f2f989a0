"""What requests may be about: a meter. What becomes of them lives in tickets."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef
from lkportal.core.request_types import Subject
from lkportal.modules.readings.models import Meter
from lkportal.modules.readings.views import meter_title

_METER = select(Meter.resource, Meter.place, Meter.serial).where(
    Meter.account_id == bindparam("of"), Meter.public_id == bindparam("meter")
)


def _meter(connection: Connection, account: AccountRef, public_id: str) -> Text | None:
    row = connection.execute(_METER, {"of": account.id, "meter": public_id}).first()
    if row is None:
        return None
    title = meter_title(row.resource, row.place)
    return text("readings.subject.meter", "%(title)s, No. %(serial)s", title=title, serial=row.serial)


SUBJECTS = [Subject("readings.meter", _meter, "readings:history", "meter", "readings.view")]
