"""What news show on pages of others: the dashboard's notices, a part of the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import text
from lkportal.modules.news import views

Rows = Mapping[str, Sequence[Any]]


def here_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what concerns the account now, or None: on a quiet day there is no card at all."""
    if not rows["here"]:
        return None
    return {"items": [views.item(row, shown.account.time_zone, shown.locale, shown.today) for row in rows["here"]]}


def pressing(rows: Rows, shown: Shown) -> Said | None:
    """Return the outage that is still said in a line when the card is put away, or None."""
    going = [row for row in rows["here"] if row.kind == "outage" and row.state == "published"]
    if not going:
        return None
    item = views.item(going[0], shown.account.time_zone, shown.locale, shown.today)
    words = text("news.card.said", "%(title)s. %(when)s.", title=item.title, when=item.when)
    return Said(words, shown.url("news:item", item=item.public_id), text("news.card.more", "Details"))
