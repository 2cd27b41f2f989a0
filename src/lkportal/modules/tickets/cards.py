"""What tickets show on pages of others: the dashboard, the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import text
from lkportal.modules.tickets.service import number
from lkportal.modules.tickets.states import DESK_TITLES, TITLES, WAITING

Rows = Mapping[str, Sequence[Any]]


def waiting_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what the reader waits for, or None."""
    if not rows["tickets"]:
        return None
    return {
        "tickets": [
            (row.public_id, row.subject, number(row.id), TITLES[row.state], bool(row.unread)) for row in rows["tickets"]
        ],
        "may": "tickets.write" in shown.rights,
    }


def pressing(rows: Rows, shown: Shown) -> Said | None:
    """Return the request in which the customer is asked something, or None."""
    asked = [row for row in rows["tickets"] if row.state == WAITING]
    if not asked:
        return None
    words = text("tickets.card.said", "We wait for your answer in request No. %(number)s.", number=number(asked[0].id))
    return Said(words, shown.url("tickets:ticket", ticket=asked[0].public_id), text("tickets.card.answer", "Answer"))


def desk_section(rows: Rows, _shown: Shown) -> Mapping[str, Any] | None:
    """Return the newest requests of a customer for the desk, or None."""
    if not rows["tickets"]:
        return None
    return {
        "tickets": [(row.public_id, row.subject, DESK_TITLES[row.state], row.changed_at) for row in rows["tickets"]]
    }
