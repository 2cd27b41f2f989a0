"""What people are told about readings: the facts of the letter that confirms them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lkportal.core.events import Envelope
from lkportal.core.formats import Month
from lkportal.core.money import Volume
from lkportal.modules.readings import queries
from lkportal.modules.readings.views import meter_title


def submitted_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return the lines of the confirmation, or None when the readings are gone."""
    rows = queries.submitted(db.connection(), envelope.body["readings"])
    if not rows:
        return None
    return {
        "month": Month(date.fromisoformat(envelope.body["period"])),
        "lines": [
            (meter_title(row.resource, row.place), Volume(row.value_milli, row.unit), Volume(row.added_milli, row.unit))
            for row in rows
        ],
    }
