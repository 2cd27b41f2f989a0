"""Calls of the API about news: what concerns an account, announcements and outages, and marking an item as read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.rest import PUBLIC_ID, ApiModel, ApiRoute, ApiScope, ListPage, Nothing
from lkportal.modules.news import queries, service, views, wording
from lkportal.web import Request

_SEE = ApiScope("news.read", text("news.scope.read", "See news and outages"), "news.view")
_MARK = ApiScope("news.mark", text("news.scope.mark", "Mark news as read"), "news.view", systems=False)


class NewsOut(ApiModel):
    """An announcement or an outage, in the language of Accept-Language. An outage is `published` until it is over, then `closed`;
    `service` and `cause` are codes. `read`: the caller marked it as read."""

    id: str = Field(pattern=PUBLIC_ID)
    kind: Literal["announcement", "outage"]
    state: Literal["published", "closed"]
    title: str
    body: str
    important: bool
    service: str
    cause: str
    places: list[str]
    begins_at: datetime | None
    expected_end: datetime | None
    ended_at: datetime | None
    published_at: datetime
    read: bool


class UpdateOut(ApiModel):
    """What was added to an outage later."""

    body: str
    expected_end: datetime | None
    made_at: datetime


class WholeNewsOut(NewsOut):
    """An item with what was added to it, newest first."""

    updates: list[UpdateOut]


class Asked(ApiModel):
    """Only items of this kind."""

    kind: Annotated[Literal["announcement", "outage"] | None, Field()] = None


def news(request: Request, asked: Asked, page: ListPage) -> list[NewsOut]:
    """Return what concerns the account, newest first."""
    rows = queries.behind(
        request.db, request.own_account.id, _person(request), asked.kind or "", page.wanted, page.after
    )
    return [NewsOut(**_item(request, row)) for row in rows]


def item(request: Request, _asked: None) -> WholeNewsOut:
    """Return one item with what was added to it. Raises NotFound."""
    row = _row(request, request.db)
    updates = [
        UpdateOut(
            body=wording.said(each.texts, request.locale.code).get("body", ""),
            expected_end=each.expected_end,
            made_at=each.made_at,
        )
        for each in queries.updates(request.db, row.id)
    ]
    return WholeNewsOut(**_item(request, row), updates=updates)


def read(request: Request, db: Session, _data: Nothing) -> NewsOut:
    """Mark an item as read."""
    row = _row(request, db.connection())
    service.mark_read(db, row.id, _person(request))
    return NewsOut(**_item(request, _row(request, db.connection())))


def _row(request: Request, connection: Connection) -> Any:
    found = queries.one(connection, request.own_account.id, _person(request), request.path_params["item"])
    if found is None:
        raise NotFound
    return found


def _person(request: Request) -> int:
    """Return the key of the customer who calls; a system is no person and has read nothing."""
    return (request.actor.id or 0) if request.actor.kind == "customer" else 0


def _item(request: Request, row: Any) -> dict[str, Any]:
    shown = views.item(row, request.own_account.time_zone, request.locale)
    return {
        "id": row.public_id,
        "kind": row.kind,
        "state": row.state,
        "title": request.locale.render(shown.title),
        "body": wording.said(row.texts, request.locale.code).get("body", ""),
        "important": row.important,
        "service": row.service,
        "cause": row.cause,
        "places": list(row.places),
        "begins_at": row.begins_at,
        "expected_end": row.expected_end,
        "ended_at": row.ended_at,
        "published_at": row.published_at,
        "read": shown.has_read,
    }


_ITEM = {
    "id": "Nw4hJ7kL9mN2pQ5r",
    "kind": "outage",
    "state": "published",
    "title": "Planned work: no cold water",
    "body": "We replace a valve. Fill a bucket before nine, please.",
    "important": False,
    "service": "cold_water",
    "cause": "planned",
    "places": ["Sadovaya, 2-20"],
    "begins_at": "2026-11-24T06:00:00Z",
    "expected_end": "2026-11-24T12:00:00Z",
    "ended_at": None,
    "published_at": "2026-11-22T09:00:00Z",
    "read": False,
}
_UPDATE = {
    "body": "It takes an hour longer.",
    "expected_end": "2026-11-24T13:00:00Z",
    "made_at": "2026-11-24T11:40:00Z",
}
_ALL = "/accounts/{account}/news"
_ONE = _ALL + "/{item}"
CALLS = [
    ApiRoute(
        "GET",
        _ALL,
        "news",
        text("news.call.news", "News and outages, newest first"),
        _SEE,
        news,
        NewsOut,
        _ITEM,
        Asked,
        {"kind": "outage"},
        listed=True,
    ),
    ApiRoute(
        "GET",
        _ONE,
        "item",
        text("news.call.item", "An item with what was added to it"),
        _SEE,
        item,
        WholeNewsOut,
        {**_ITEM, "updates": [_UPDATE]},
    ),
    ApiRoute(
        "POST",
        _ONE + "/read",
        "mark",
        text("news.call.read", "Mark an item as read"),
        _MARK,
        read,
        NewsOut,
        {**_ITEM, "read": True},
        Nothing,
        {},
    ),
]
