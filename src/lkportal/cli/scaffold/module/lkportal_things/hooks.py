"""What the module brings, a line or two each. The reference of hooks lists the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal import hookimpl
from lkportal.core.contributions import Card, MenuItem, RouteSpec, Shown
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.search import SearchProvider
from lkportal_things import imports, queries, search
from lkportal_things.routes import ROUTES


def entries_card(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the card of the dashboard, or None where there is nothing to show."""
    count = rows["count"][0].entries
    return {"count": count, "href": shown.url("things:list")} if count else None


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("things:list", text("things.title", "Things"), "file-text", 70, "things.view")]


@hookimpl
def cards() -> list[Card]:
    return [Card("things.entries", "things/card.html", {"count": queries.COUNT}, entries_card, 70, "things.view")]


@hookimpl
def search_providers() -> list[SearchProvider]:
    return [search.ENTRIES]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [imports.KIND]
