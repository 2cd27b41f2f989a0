"""What news show on pages of others: the dashboard's notices, a part of the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Shown
from lkportal.modules.news import views

Rows = Mapping[str, Sequence[Any]]


def here_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what concerns the account now, or None: on a quiet day there is no card at all."""
    if not rows["here"]:
        return None
    return {"items": [views.item(row, shown.account.time_zone, shown.locale, shown.today) for row in rows["here"]]}
