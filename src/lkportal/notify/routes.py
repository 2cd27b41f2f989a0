"""A person's list of notices: new ones first seen, opened, marked as read. The demo's mailbox is in mailbox_pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import ntext
from lkportal.core.policy import known_person
from lkportal.notify import queries, service
from lkportal.notify.choosing.routes import CHOICES_ROUTES
from lkportal.notify.post.mailbox_pages import MAILBOX_ROUTES
from lkportal.notify.post.posting import Post
from lkportal.notify.push.pages import PUSH_ROUTES
from lkportal.notify.returns.pages import RETURN_ROUTES, asking
from lkportal.web import Request, page, redirect, redirect_to, route, unit_of_work

PAGE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the page shows it."""

    title: str
    when: str
    account: str
    url: str
    is_new: bool


def show(request: Request) -> Response:
    """Show the person's notices, newest first."""
    number = request.page_number
    now, closed = request.portal.clock.now(), request.portal.ports.get(Post).closed
    rows = queries.recent(request.db, _person(request), now, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS, closed)
    unread = request.slots.get("unread", "0")
    mailbox = asking(request)
    return page(
        request,
        "notify/list.html",
        entries=[_entry(request, row) for row in rows[:PAGE_ROWS]],
        new=max(0, int(unread) - bool(mailbox)) if unread.isdigit() else 0,
        mailbox=mailbox,
        number=number,
        more=len(rows) > PAGE_ROWS,
    )


def open_one(request: Request) -> Response:
    """Lead to what a notice is about; it counts as read once the answer is sent."""
    row = queries.one(request.db, _person(request), request.portal.clock.now(), request.path_params["message"])
    if row is None:
        raise NotFound
    moment = request.portal.clock.now()
    if row.read_at is None:
        request.after_answer(
            partial(service.read_one, request.portal.database, _person(request), row.public_id, moment)
        )
    return redirect_to(request, _target(request, row))


def read_all(request: Request) -> Response:
    """Mark all notices as read."""
    with unit_of_work(request) as db:
        count = service.read_all(db, _person(request), request.portal.ports.get(Post).closed)
    said = ntext("notify.flash.read", "%(n)s notice marked as read.", "%(n)s notices marked as read.", count)
    return redirect(request, "notify:list", said if count else None)


def _entry(request: Request, row: Row[Any]) -> Entry:
    zone = row.time_zone or request.portal.settings.portal.time_zone
    return Entry(
        title=request.portal.ports.get(Post).title(row, request.locale, request.brand),
        when=request.locale.lately(row.created_at, zone, request.portal.clock.now()),
        account=row.number or "",
        url=request.url("notify:open", message=row.public_id) if row.route else "",
        is_new=row.read_at is None,
    )


def _target(request: Request, row: Row[Any]) -> str:
    """Return where an entry leads; to the list when its module is off."""
    params = dict(row.facts.get("link_params", {}))
    if row.account:
        params["account"] = row.account
    try:
        return request.url(row.route, **params)
    except LookupError:
        return request.url("notify:list")


def _person(request: Request) -> int:
    if request.actor.id is None:
        raise NotFound
    return request.actor.id


ROUTES = [
    route("/notices", show, name="list", policy=known_person()),
    route("/notices/read", read_all, name="read", policy=known_person(), methods=("POST",), kind="action"),
    *CHOICES_ROUTES,
    *PUSH_ROUTES,
    *RETURN_ROUTES,
    route("/notices/{message}", open_one, name="open", policy=known_person()),
    *MAILBOX_ROUTES,
]
