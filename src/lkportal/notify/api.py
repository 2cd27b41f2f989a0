"""Calls of the API about a person's list of notices."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.rest import PUBLIC_ID, ApiModel, ApiRoute, ApiScope, ListPage, Nothing
from lkportal.notify import queries, service
from lkportal.notify.post.posting import Post
from lkportal.web import Request

_SEE = ApiScope("notices.read", text("notify.scope.read", "See notices"), systems=False)
_MARK = ApiScope("notices.mark", text("notify.scope.mark", "Mark notices as read"), systems=False)


class NoticeOut(ApiModel):
    """A notice as its list shows it, in the language of Accept-Language. `account` is the id of the account it is about."""

    id: str = Field(pattern=PUBLIC_ID)
    topic: str
    title: str
    account: str | None
    created_at: datetime
    read_at: datetime | None


class MarkedOut(ApiModel):
    """How many notices were new."""

    marked: int


def notices(request: Request, _asked: None, page: ListPage) -> list[NoticeOut]:
    """Return the person's notices, newest first."""
    now, post = request.portal.clock.now(), request.portal.ports.get(Post)
    rows = queries.behind(request.db, request.actor.id or 0, now, page.wanted, page.after, post.closed)
    return [
        NoticeOut(
            id=row.public_id,
            topic=row.topic,
            title=post.title(row, request.locale, request.brand),
            account=row.account,
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows
    ]


def read(request: Request, db: Session, _data: Nothing) -> MarkedOut:
    """Mark all notices of the person as read."""
    return MarkedOut(marked=service.read_all(db, request.actor.id or 0, request.portal.ports.get(Post).closed))


_NOTICE = {
    "id": "Nt9bA6eF2gHj4KmN",
    "topic": "accounts.access",
    "title": "Somebody else sees your account now",
    "account": "Ac1qN2sP3tQ4uR5v",
    "created_at": "2026-11-03T06:00:00Z",
    "read_at": None,
}
CALLS = [
    ApiRoute(
        "GET",
        "/notices",
        "notices",
        text("notify.call.notices", "Notices, newest first"),
        _SEE,
        notices,
        NoticeOut,
        _NOTICE,
        listed=True,
    ),
    ApiRoute(
        "POST",
        "/notices/read",
        "read",
        text("notify.call.read", "Mark all notices as read"),
        _MARK,
        read,
        MarkedOut,
        {"marked": 3},
        Nothing,
        {},
    ),
]
