"""Live threads: what was written or moved lately, for the streams of pages that show a request."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from starlette.responses import Response

from lkportal.modules.tickets.models import Message, Ticket
from lkportal.web import Request

_BACK, _LATE, _MOST = 200, 15.0, 2_000
"""Messages that are looked at again at the start; seconds for which one of two at once may be committed late; messages of one look."""
_LAST = select(func.max(Message.id))
_SINCE = (
    select(Message.id, Message.inner, Ticket.public_id)
    .join(Ticket, Ticket.id == Message.ticket_id)
    .where(Message.id > bindparam("floor"))
    .order_by(Message.id)
    .limit(_MOST)
)
_NEWEST = select(Message.public_id).where(Message.ticket_id == bindparam("ticket")).order_by(Message.id.desc()).limit(1)
_NEWEST_SHOWN = _NEWEST.where(Message.inner.is_(False))


class Threads:
    """Watches what is written. Of two messages at once the one with the smaller key may be committed last, so some that were seen are
    looked at again: a cursor would lose it."""

    def __init__(self, _portal: Any) -> None:
        self._floor: int | None = None
        self._seen: dict[int, float] = {}

    def changed(self, connection: Connection) -> Iterable[str]:
        """Return the topics of threads in which something was written: of customers without notes of staff, of the desk with them."""
        first = self._floor is None
        if self._floor is None:
            self._floor = max(0, (connection.execute(_LAST).scalar() or 0) - _BACK)
        moment, topics = monotonic(), list[str]()
        for row in connection.execute(_SINCE, {"floor": self._floor}):
            if row.id in self._seen:
                continue
            self._seen[row.id] = moment
            if not first:
                topics.append(of_desk(row.public_id))
                topics += [] if row.inner else [of_customer(row.public_id)]
        settled = [key for key, since in self._seen.items() if moment - since > _LATE]
        if settled:
            self._floor = max(settled)
            self._seen = {key: since for key, since in self._seen.items() if key > self._floor}
        return topics


def of_customer(ticket: str) -> str:
    """Return the topic of a thread as its customer sees it."""
    return f"customer:{ticket}"


def of_desk(ticket: str) -> str:
    """Return the topic of a thread with the notes of staff."""
    return f"desk:{ticket}"


def stream(request: Request, ticket_id: int, ticket: str, *, desk: bool = False) -> Response:
    """Answer with the stream of a thread. `?seen=` is the last message that the page shows: what came since is told at once."""
    newest = request.db.execute(_NEWEST if desk else _NEWEST_SHOWN, {"ticket": ticket_id}).scalar() or ""
    seen = request.query_params.get("seen", "")
    topic = of_desk(ticket) if desk else of_customer(ticket)
    watch = request.portal.ports.get(Threads)
    return request.visit.edge.streams.answer(request, watch, topic, changed=newest != seen)
