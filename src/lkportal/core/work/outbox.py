"""The relay: gives events of the outbox their public order and one delivery per listener, and carries a delivery out.
Events are written by events.emit; deliveries travel as jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lkportal.core.clock import Clock
from lkportal.core.contributions import JobSpec, Listener
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.events import envelope_of
from lkportal.core.jobs import GiveUp, JobContext
from lkportal.core.tables import counters, deliveries, insert_if_new, jobs, outbox
from lkportal.core.work import states

DELIVER = "core.deliver"
AT_ONCE = 500
Listeners = Mapping[str, tuple[Listener, ...]]

_UNRELAYED = (
    select(outbox.c.id, outbox.c.event_id, outbox.c.name, outbox.c.request_id)
    .where(outbox.c.number.is_(None))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NUMBER = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"))
    .values(number=bindparam("place"), relayed_at=bindparam("now"))
)
_COUNT = {
    name: statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + statement.excluded.value}
    ).returning(counters.c.value)
    for name, statement in (("sqlite", sqlite.insert(counters)), ("postgresql", postgresql.insert(counters)))
}
_NEW_JOBS = insert_if_new(jobs)
_NEW_DELIVERY = insert_if_new(deliveries)
_EVENT = select(outbox).where(outbox.c.event_id == bindparam("event"))
_OLDEST = select(func.min(outbox.c.occurred_at)).where(outbox.c.number.is_(None))


class Follower(Protocol):
    """Port filled by api: hears of every event, in the transaction that gives it its number."""

    def relayed(self, db: Session, events: Sequence[Any], now: datetime) -> Sequence[tuple[str, dict[str, Any]]]:
        """Take note of events (event_id, name); return jobs (name, args) to be queued."""
        ...


class ListenerAway(Exception):
    """The listener's module is switched off here: the delivery is tried again later and then kept as a dead letter."""


def relay(
    database: Database, clock: Clock, listeners: Listeners, most: int = AT_ONCE, follower: Follower | None = None
) -> int:
    """Relay up to `most` waiting events in one transaction; return how many. An event nobody listens to gets its number.

    Rows are found by their state, so one that was committed late is found late, never missed. Numbers are taken last,
    from one counter row: relays queue there for a moment, and numbers become visible in their own order, without holes.
    """
    with database.unit() as db:
        rows = list(db.execute(_UNRELAYED, {"most": most}))
        if not rows:
            return 0
        now = clock.now()
        dialect = db.get_bind().dialect.name
        found = [_delivery(row, listener, now) for row in rows for listener in listeners.get(row.name, ())]
        if follower is not None:
            jobs_of = follower.relayed(db, rows, now)
            found += [states.new_row(name, args, now, now, rows[0].request_id, None) for name, args in jobs_of]
        if found:
            db.execute(_NEW_JOBS[dialect], found)
        last = db.execute(_COUNT[dialect], {"name": "outbox", "value": len(rows)}).scalar_one()
        first = last - len(rows) + 1
        places = [{"row_id": row.id, "place": first + i, "now": now} for i, row in enumerate(rows)]
        db.execute(_NUMBER, places)
        return len(rows)


def deliver_job(listeners: Listeners) -> JobSpec:
    """Return the job that carries one event to one of `listeners`."""

    def deliver(context: JobContext, *, event: str, handler: str) -> None:
        _deliver(context, listeners, event, handler)

    return JobSpec(DELIVER, deliver, attempts=10)


def check_listeners(listeners: Listeners) -> None:
    """Stop when two listeners of one event bear one name: the second would never be told."""
    for event, group in listeners.items():
        names = [listener.name for listener in group]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise StartupError(
                "listener_twice", f"Two listeners of the event {event!r} are named {twice!r}: rename one of them."
            )


def outbox_age(connection: Connection, clock: Clock) -> timedelta:
    """Return how long the oldest event has been waiting for the relay; zero when none waits."""
    oldest = connection.execute(_OLDEST).scalar()
    return max(clock.now() - oldest, timedelta()) if oldest else timedelta()


def _delivery(row: Row[*tuple[Any, ...]], listener: Listener, now: datetime) -> dict[str, Any]:
    args = {"event": row.event_id, "handler": listener.name}
    new = states.new_row(DELIVER, args, now, now, row.request_id, f"{row.event_id}/{listener.name}")
    return {**new, "event_id": row.event_id}


def _deliver(context: JobContext, listeners: Listeners, event: str, handler: str) -> None:
    """Run one listener in a unit of its own, together with the mark that it has run: both are kept or none.

    The mark is written first, so a second try waits for the first one's transaction, finds the mark and leaves.
    """
    with context.reading() as connection:
        row = connection.execute(_EVENT, {"event": event}).first()
    if row is None:
        raise GiveUp("event_gone")
    envelope = envelope_of(row)
    listener = next((each for each in listeners.get(envelope.name, ()) if each.name == handler), None)
    if listener is None:
        raise ListenerAway(handler)
    with context.unit(finish=True, about=envelope) as db:
        mark = {"event_id": event, "handler": handler, "done_at": context.clock.now()}
        if states.changed(db.execute(_NEW_DELIVERY[db.get_bind().dialect.name], mark)):
            listener.handle(db, envelope)
