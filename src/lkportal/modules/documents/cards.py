"""What documents show on pages of others: the dashboard, the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import text
from lkportal.modules.documents.states import DESK_TITLES

Rows = Mapping[str, Sequence[Any]]


def waiting_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what waits for the customer, or None."""
    if not rows["documents"]:
        return None
    return {
        "documents": [
            (
                row.public_id,
                row.title,
                row.asks,
                row.due_at.astimezone(ZoneInfo(shown.account.time_zone)).date() if row.due_at else None,
            )
            for row in rows["documents"]
        ],
    }


def pressing(rows: Rows, shown: Shown) -> Said | None:
    """Return the first document that waits, or None."""
    if not rows["documents"]:
        return None
    first = rows["documents"][0]
    words = text("documents.card.said", "A document waits for you: %(title)s.", title=first.title)
    return Said(words, shown.url("documents:document", document=first.public_id), text("documents.card.open", "Open"))


def desk_section(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return the newest documents of a customer for the desk, with the way to publish one."""
    may = "documents.publish" in shown.rights
    if not rows["documents"] and not may:
        return None
    return {
        "documents": [(row.public_id, row.title, DESK_TITLES[row.state], row.changed_at) for row in rows["documents"]],
        "publish": shown.url("documents:publish", customer=shown.account.public_id) if may else "",
    }
