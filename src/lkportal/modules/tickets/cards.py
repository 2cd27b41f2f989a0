"""What tickets show on pages of others: the dashboard, the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import text
from lkportal.modules.tickets.chat.hours import told
from lkportal.modules.tickets.service import number
from lkportal.modules.tickets.states import DESK_TITLES, TITLES, WAITING

Rows = Mapping[str, Sequence[Any]]


def waiting_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what the reader waits for and the way into the chat, with who answers there; None for neither."""
    found, may = _waiting(rows), "tickets.write" in shown.rights
    chat = may and shown.settings.chat
    if not found and not chat:
        return None
    first = next(iter(rows["tickets"]), None)
    manager = (first.manager, first.position) if first is not None and first.manager else None
    week = shown.settings.calendar("UTC", first.week if manager and first is not None else None).week
    return {
        "tickets": [(row.public_id, row.subject, number(row.id), TITLES[row.state], bool(row.unread)) for row in found],
        "may": may,
        "chat": chat,
        "manager": manager,
        "hours": told(week),
    }


def pressing(rows: Rows, shown: Shown) -> Said | None:
    """Return the request in which the customer is asked something, or None."""
    asked = [row for row in _waiting(rows) if row.state == WAITING]
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


def desk_manager(rows: Rows, shown: Shown) -> Mapping[str, Any]:
    """Return the manager of an account for the desk."""
    return {"manager": next(iter(rows["manager"]), None), "may": "tickets.managers" in shown.rights}


def _waiting(rows: Rows) -> list[Any]:
    return [row for row in rows["tickets"] if row.public_id is not None]
