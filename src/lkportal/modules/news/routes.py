"""Customer pages of news: what concerns the account, one item, "read". And outages for everybody, without signing in."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.language.prose import blocks
from lkportal.core.policy import anyone, on_account
from lkportal.modules.news import queries, service, views, wording
from lkportal.modules.news.desk import queries as desk
from lkportal.modules.news.forms import StreetForm
from lkportal.modules.news.places import near
from lkportal.modules.news.settings import NewsSettings
from lkportal.web import Request, page, read_query, redirect, route, unit_of_work

PAGE_ROWS = 20


def show_list(request: Request) -> Response:
    """Show what concerns the account, newest first."""
    account, number = request.own_account, request.page_number
    rows = queries.recent(request.db, account.id, request.actor.id or 0, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    today = _today(request, account.time_zone)
    return page(
        request,
        "news/list.html",
        items=[views.item(row, account.time_zone, request.locale, today) for row in rows[:PAGE_ROWS]],
        number=number,
        more=len(rows) > PAGE_ROWS,
        outages=_is_public(request),
    )


def show_item(request: Request) -> Response:
    """Show one item with what was added to it."""
    account = request.own_account
    row = queries.one(request.db, account.id, request.actor.id or 0, request.path_params["item"])
    if row is None:
        raise NotFound
    zone = account.time_zone
    return page(
        request,
        "news/item.html",
        item=views.item(row, zone, request.locale, _today(request, zone)),
        late=row.state == "published"
        and row.expected_end is not None
        and row.expected_end < request.portal.clock.now(),
        updates=[
            (each.made_at, blocks(wording.said(each.texts, request.locale.code).get("body", "")))
            for each in queries.updates(request.db, row.id)
        ],
        zone=zone,
        published_at=row.published_at,
    )


def mark_read(request: Request) -> Response:
    """Note that the person has read an item: it leaves the dashboard."""
    account = request.own_account
    row = queries.one(request.db, account.id, request.actor.id or 0, request.path_params["item"])
    if row is None:
        raise NotFound
    with unit_of_work(request) as db:
        service.mark_read(db, row.id, request.actor.id or 0)
    return redirect(request, "accounts:home", text("news.flash.read", "Marked as read. It stays in News."))


def show_outages(request: Request) -> Response:
    """Show the outages of a brand to everybody; a street narrows them."""
    if not _is_public(request):
        raise NotFound
    form = read_query(request, StreetForm)
    typed = form.data.street if form.valid else ""
    zone = request.portal.settings.portal.time_zone
    today = _today(request, zone)
    rows = queries.public(request.db, desk.brand_id(request.db, request.brand), today)
    found = [row for row in rows if not typed or not row.places or near(typed, row.places)]
    return page(
        request,
        "news/outages.html",
        items=[views.item(row, zone, request.locale, today) for row in found],
        typed=typed,
        all=len(rows),
    )


def _is_public(request: Request) -> bool:
    return request.settings_of("news", NewsSettings).public_outages


def _today(request: Request, zone: str) -> date:
    return request.portal.clock.now().astimezone(ZoneInfo(zone)).date()


ROUTES = [
    route(
        "/outages", show_outages, name="outages", policy=anyone(), on=lambda settings, _brought: settings.public_outages
    ),
    route("/{account}/", show_list, name="list", policy=on_account("news.view")),
    route("/{account}/{item}", show_item, name="item", policy=on_account("news.view")),
    route(
        "/{account}/{item}/read",
        mark_read,
        name="read",
        policy=on_account("news.view"),
        methods=("POST",),
        kind="action",
    ),
]
