"""What people are told about readings: confirmations, what was put right, and when somebody of the company asks again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.core.language.formats import Month
from lkportal.core.money import Volume
from lkportal.modules.readings import queries
from lkportal.modules.readings.contract import ReadingAskedAgain, ReadingCorrected, ReadingsSubmitted
from lkportal.modules.readings.views import meter_title


def submitted_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return the lines of the confirmation, or None when the readings are gone, or came in a table of many accounts, whose sender
    was told on the page."""
    rows = queries.submitted(db.connection(), envelope.body["readings"])
    if not rows or rows[0].channel == "file":
        return None
    return {
        "month": Month(date.fromisoformat(envelope.body["period"])),
        "lines": [
            (meter_title(row.resource, row.place), Volume(row.value_milli, row.unit), Volume(row.added_milli, row.unit))
            for row in rows
        ],
    }


def corrected_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return the meter, what was written down before and what is now, or None when either is gone."""
    rows = queries.submitted(db.connection(), [envelope.body["corrects"], envelope.body["reading"]])
    if len(rows) != 2:
        return None
    was, row = rows
    return {
        "meter": meter_title(row.resource, row.place),
        "serial": row.serial,
        "month": Month(date.fromisoformat(envelope.body["period"])),
        "was": Volume(was.value_milli, row.unit),
        "value": Volume(row.value_milli, row.unit),
    }


def asked_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return the meter and the value that somebody doubts, or None when the reading is gone."""
    rows = queries.submitted(db.connection(), [envelope.body["reading"]])
    if not rows:
        return None
    row = rows[0]
    return {
        "meter": meter_title(row.resource, row.place),
        "serial": row.serial,
        "value": Volume(row.value_milli, row.unit),
    }


NOTICES = [
    Notice(
        "readings.submitted",
        ReadingsSubmitted.name,
        "readings.confirmations",
        "readings/notices/submitted",
        submitted_facts,
        action="readings.view",
        route="readings:history",
    ),
    Notice(
        "readings.corrected",
        ReadingCorrected.name,
        "readings.confirmations",
        "readings/notices/corrected",
        corrected_facts,
        action="readings.view",
        route="readings:history",
    ),
    Notice(
        "readings.asked_again",
        ReadingAskedAgain.name,
        "readings.questions",
        "readings/notices/asked_again",
        asked_facts,
        action="readings.submit",
        route="readings:list",
    ),
]
