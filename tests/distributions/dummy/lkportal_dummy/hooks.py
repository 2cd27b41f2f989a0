"""One of everything a module may bring. DUMMY_CARD = "raises" or "hangs" makes the card misbehave."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click
from sqlalchemy import text as sql

from lkportal import hookimpl
from lkportal.core.contributions import (
    Card,
    Check,
    Command,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    RouteSpec,
    Schedule,
    Section,
    Shown,
    TemplateGlobal,
)
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal_dummy import handlers, imports, queries
from lkportal_dummy.contract import Noted
from lkportal_dummy.routes import ROUTES
from lkportal_dummy.staff import PAGES

_ENDLESS = sql(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT count(*) FROM n"
)


def notes_card(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the card: how many notes there are."""
    if os.environ.get("DUMMY_CARD") == "raises":
        raise RuntimeError("the card is broken")
    return {"notes": rows["notes"], "href": shown.url("dummy:list")}


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return PAGES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("dummy:list", text("dummy.menu", "Notes"), "file-text", 90, "dummy.view")]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("dummy:desk", text("dummy.menu", "Notes"), "file-text", 90, "dummy.staff_view")]


@hookimpl
def cards() -> list[Card]:
    statements = {"notes": _ENDLESS if os.environ.get("DUMMY_CARD") == "hangs" else queries.NOTES}
    return [Card("dummy.notes", "dummy/card.html", statements, notes_card, order=90, action="dummy.view")]


@hookimpl
def sections() -> list[Section]:
    section = Section(
        "staff:customer",
        "dummy.notes",
        "dummy/section.html",
        {"notes": queries.NOTES},
        notes_section,
        90,
        "dummy.staff_view",
    )
    return [section]


def notes_section(rows: Mapping[str, Sequence[Any]], _shown: Shown) -> Mapping[str, Any] | None:
    """Return the section of the desk's card, nothing when there is no note."""
    return {"notes": rows["notes"]} if rows["notes"] else None


@hookimpl
def listeners() -> list[Listener]:
    return [Listener(Noted.name, "dummy.weigh", handlers.on_noted)]


@hookimpl
def jobs() -> list[JobSpec]:
    return [JobSpec("dummy.weigh", handlers.weigh)]


@hookimpl
def schedules() -> list[Schedule]:
    return []


@hookimpl
def notices() -> list[Notice]:
    return [
        Notice(
            "dummy.noted",
            Noted.name,
            "dummy.notes",
            "dummy/notices/noted",
            handlers.noted_facts,
            action="dummy.view",
            route="dummy:list",
        )
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [imports.KIND]


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [TemplateGlobal("dummy_shout", str.upper)]


@hookimpl
def checks() -> list[Check]:
    return [Check("dummy.fine", lambda _portal: [])]


@hookimpl
def commands() -> list[Command]:
    return [Command("dummy-say", click.Command("dummy-say", callback=lambda: click.echo("The dummy says hello.")))]
