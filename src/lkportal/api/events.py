"""The events feed: what happened, in the order that the relay gave it, for systems that come and ask."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import bindparam, select

from lkportal.core.events import envelope_of
from lkportal.core.i18n import text
from lkportal.core.rest import MOST_ITEMS, USUAL_ITEMS, ApiModel, ApiRoute, ApiScope
from lkportal.core.tables import outbox
from lkportal.web import Request

_READ = ApiScope("events.read", text("api.scope.events", "Read what happened"), customers=False)
_BEHIND = select(outbox).where(outbox.c.number > bindparam("after")).order_by(outbox.c.number).limit(bindparam("limit"))


class EventOut(ApiModel):
    """An event. `number` is its place in the order of the feed; `body` are ids, amounts and codes; `account` the id of its account."""

    id: str
    number: int
    name: str
    version: int
    occurred_at: datetime
    actor: str
    on_behalf_of: str | None
    account: str | None
    organisation: str | None
    brand: str | None
    request_id: str
    body: dict[str, Any]


class EventsOut(ApiModel):
    """Events in their order. `next` is what to ask for behind the last one, also when there is none yet."""

    items: list[EventOut]
    next: int


class Behind(ApiModel):
    """Events behind the number `after`."""

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = USUAL_ITEMS


def events(request: Request, asked: Behind) -> EventsOut:
    """Return what happened behind a number. Numbers have no holes and none appears before an earlier one."""
    rows = request.db.execute(_BEHIND, {"after": asked.after, "limit": asked.limit}).all()
    items = [EventOut(**envelope_of(row).as_dict()) for row in rows]
    return EventsOut(items=items, next=items[-1].number if items else asked.after)


_EVENT = {
    "id": "019aac1e-6f00-7c3a-9d1e-4b5a6c7d8e9f",
    "number": 417,
    "name": "accounts.membership_granted",
    "version": 1,
    "occurred_at": "2026-11-22T09:00:00Z",
    "actor": "customer:Xk3vQ9rT2mNp8LwZ",
    "on_behalf_of": None,
    "account": "Ac1qN2sP3tQ4uR5v",
    "organisation": None,
    "brand": "main",
    "request_id": "6070be135e22b467",
    "body": {"membership": "Rd7zY4cD9eFg2HjK", "role": "reader"},
}
CALLS = [
    ApiRoute(
        "GET",
        "/events",
        "events",
        text("api.call.events", "What happened, in the order of the relay"),
        _READ,
        events,
        EventsOut,
        {"items": [_EVENT], "next": 417},
        Behind,
        {"after": "0"},
    )
]
