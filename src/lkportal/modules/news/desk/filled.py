"""A draft back in the fields of its form."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def outage(row: Any, zone: str) -> dict[str, str]:
    """Return the fields of an outage."""
    values = {
        "service": row.service,
        "cause": row.cause,
        "places": "\n".join(row.places),
        "brand": str(row.brand_id or ""),
    }
    return (
        values | _moment("begins", row.begins_at, zone) | _moment("ends", row.expected_end, zone) | _texts(row, "body")
    )


def announcement(row: Any) -> dict[str, str]:
    """Return the fields of an announcement."""
    values = {
        "places": "\n".join(row.places),
        "brand": str(row.brand_id or ""),
        "segment": row.segment,
        "shown_from": row.show_from.isoformat(),
        "shown_until": row.show_until.isoformat() if row.show_until else "",
        "important": "1" if row.important else "",
    }
    return values | _texts(row, "title") | _texts(row, "body")


def _texts(row: Any, what: str) -> dict[str, str]:
    return {f"{what}[{code}]": words.get(what, "") for code, words in row.texts.items()}


def _moment(name: str, moment: datetime | None, zone: str) -> dict[str, str]:
    if moment is None:
        return {}
    local = moment.astimezone(ZoneInfo(zone))
    return {f"{name}_on": local.date().isoformat(), f"{name}_time": f"{local:%H:%M}"}
