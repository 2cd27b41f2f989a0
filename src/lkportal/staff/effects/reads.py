"""What is known of events and the work that follows: what waits, what failed, what ran last. Nothing here walks what is done: waiting
and dead rows lie in indexes of their own, and of the past only the newest rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, literal, select, union_all

from lkportal.core.tables import IS_DEAD, IS_HELD, IS_WAITING, deliveries, jobs, outbox
from lkportal.core.work.outbox import DELIVER
from lkportal.core.work.states import DONE
from lkportal.notify.models import Letter

_LOOK_BACK = 2_000
"""Rows of the past that are read: what ran last and how often lately is told from them."""
_LETTERS_OF = timedelta(days=1)
_HANDLER = case((jobs.c.name == DELIVER, func.substr(jobs.c.dedup, 38)), else_="")
_KINDS: tuple[tuple[str, Any, Any], ...] = (
    ("waiting", IS_WAITING, jobs.c.run_at),
    ("running", IS_HELD, jobs.c.run_at),
    ("dead", IS_DEAD, jobs.c.finished_at),
)
_WORK: Select[Any] = select(
    union_all(
        *(
            select(
                literal(state).label("state"),
                jobs.c.name,
                func.coalesce(outbox.c.name, "").label("event"),
                _HANDLER.label("handler"),
                func.count().label("many"),
                func.min(moment).label("oldest"),
            )
            .outerjoin(outbox, outbox.c.event_id == jobs.c.event_id)
            .where(condition)
            .group_by(jobs.c.name, outbox.c.name, _HANDLER)
            for state, condition, moment in _KINDS
        )
    ).subquery()
)
_newest = select(deliveries.c.event_id, deliveries.c.handler, deliveries.c.done_at).order_by(deliveries.c.id.desc())
_NEWEST = _newest.limit(_LOOK_BACK).subquery()
_HANDLED = (
    select(outbox.c.name.label("event"), _NEWEST.c.handler, func.max(_NEWEST.c.done_at).label("last"))
    .join(outbox, outbox.c.event_id == _NEWEST.c.event_id)
    .group_by(outbox.c.name, _NEWEST.c.handler)
)
_ENDED = (
    select(jobs.c.name, jobs.c.finished_at)
    .where(jobs.c.state == DONE, jobs.c.finished_at.is_not(None))
    .order_by(jobs.c.finished_at.desc())
    .limit(_LOOK_BACK)
    .subquery()
)
_RAN = (
    select(_ENDED.c.name, func.max(_ENDED.c.finished_at).label("last"))
    .where(_ENDED.c.name != DELIVER)
    .group_by(_ENDED.c.name)
)
_UNRELAYED = select(func.count(), func.min(outbox.c.occurred_at)).where(outbox.c.number.is_(None))
_LETTERS = (
    select(Letter.channel, Letter.state, func.count().label("many"))
    .where(Letter.created_at > bindparam("since"))
    .group_by(Letter.channel, Letter.state)
)


@dataclass(slots=True)
class Standing:
    """How one piece of work stands: how much waits, runs and failed for good, since when the oldest waits, when it ran last."""

    waiting: int = 0
    running: int = 0
    dead: int = 0
    oldest: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything of one reading: `handlers` by (event, handler), `work` by name of job, letters of a day by channel and state."""

    handlers: dict[tuple[str, str], Standing]
    work: dict[str, Standing]
    letters: dict[str, dict[str, int]]
    unrelayed: int
    unrelayed_since: datetime | None

    @property
    def dead(self) -> int:
        """How much failed for good."""
        return sum(each.dead for each in (*self.handlers.values(), *self.work.values()))

    @property
    def waiting(self) -> int:
        """How much waits."""
        return sum(each.waiting for each in (*self.handlers.values(), *self.work.values()))


def effects(connection: Connection, now: datetime) -> Effects:
    """Return how events and work stand, by five statements."""
    handlers: dict[tuple[str, str], Standing] = {}
    work: dict[str, Standing] = {}
    for row in connection.execute(_WORK):
        found = (
            handlers.setdefault((row.event, row.handler), Standing())
            if row.name == DELIVER
            else work.setdefault(row.name, Standing())
        )
        setattr(found, row.state, row.many)
        if row.state == "waiting":
            found.oldest = row.oldest
    for row in connection.execute(_HANDLED):
        handlers.setdefault((row.event, row.handler), Standing()).last = row.last
    for row in connection.execute(_RAN):
        work.setdefault(row.name, Standing()).last = row.last
    letters: dict[str, dict[str, int]] = {}
    for row in connection.execute(_LETTERS, {"since": now - _LETTERS_OF}):
        letters.setdefault(row.channel, {})[row.state] = row.many
    count, since = connection.execute(_UNRELAYED).one()
    return Effects(handlers, work, letters, count, since)
