"""Old rows of the core are let go: relayed events, their delivery marks, finished jobs, workers that are gone, rejected rows
of imports. What is not delivered yet and dead letters stay, however old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, delete, exists, select, tuple_
from sqlalchemy.sql.dml import Delete

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.jobs import JobContext
from lkportal.core.limits.rates import rate_limits
from lkportal.core.tables import deliveries, imports, jobs, outbox, rejects, workers
from lkportal.core.work import states

PURGE = "core.purge"
PURGE_SCHEDULE = Schedule(PURGE, "17 3 * * *")
_AT_ONCE = 1000
_OPEN = exists().where(jobs.c.event_id == outbox.c.event_id, jobs.c.state != states.DONE)
_EVENT_KEPT = exists().where(outbox.c.event_id == deliveries.c.event_id)


def _old(table: Table, *conditions: ColumnElement[bool]) -> Delete:
    """Delete a batch only: on SQLite nobody else writes meanwhile."""
    keys = tuple(table.primary_key.columns)
    return delete(table).where(tuple_(*keys).in_(select(*keys).where(*conditions).limit(_AT_ONCE)))


_BEFORE: BindParameter[Any] = bindparam("before")
_STATEMENTS = (
    _old(jobs, jobs.c.state == states.DONE, jobs.c.finished_at < _BEFORE),
    _old(outbox, outbox.c.relayed_at < _BEFORE, ~_OPEN),
    _old(deliveries, deliveries.c.done_at < _BEFORE, ~_EVENT_KEPT),
    _old(workers, workers.c.seen_at < _BEFORE),
    _old(rate_limits, rate_limits.c.expires_at < _BEFORE),
    # Rejected rows of a file hold what stood in it: names, addresses.
    _old(rejects, rejects.c.import_id.in_(select(imports.c.id).where(imports.c.updated_at < _BEFORE))),
)


def purge_job(keep: timedelta) -> JobSpec:
    """Return the job that lets go what was finished longer than `keep` ago."""

    def purge(context: JobContext) -> None:
        before = context.clock.now() - keep
        for statement in _STATEMENTS:
            while _one_batch(context, statement, before=before):
                context.heartbeat()

    return JobSpec(PURGE, purge)


def _one_batch(context: JobContext, statement: Delete, **values: object) -> bool:
    with context.unit() as db:
        return states.changed(db.execute(statement, values)) == _AT_ONCE
