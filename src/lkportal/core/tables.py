"""The tables of the core: the outbox and what was delivered of it, jobs, schedules, workers, counters. Statements live
beside the rules that use them. With those of connecting, imports_tables, overlay and rates these are all that the core's migrations make."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ColumnClause, Index, Integer, String, Table, UniqueConstraint, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from lkportal.core.columns import JSONText, UTCDateTime, big_key
from lkportal.core.connecting.tables import connections, dispatches
from lkportal.core.db import Base
from lkportal.core.importing.tables import imports, rejects
from lkportal.core.limits.rates import rate_limits
from lkportal.core.registry.overlay import State

__all__ = [
    "IS_DEAD",
    "IS_HANDED",
    "IS_HELD",
    "IS_WAITING",
    "State",
    "connections",
    "counters",
    "deliveries",
    "dispatches",
    "imports",
    "insert_if_new",
    "jobs",
    "outbox",
    "rate_limits",
    "rejects",
    "schedules",
    "workers",
]

outbox = Table(
    "core_outbox",
    Base.metadata,
    Column("id", big_key(), primary_key=True),
    Column("event_id", String(36), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("occurred_at", UTCDateTime, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("on_behalf_of", String(60)),
    Column("account", String(32)),
    Column("organisation", String(32)),
    Column("brand", String(60)),
    Column("request_id", String(64), nullable=False),
    Column("body", JSONText, nullable=False),
    # The public order: given by the relay in the order of its commits, without holes. NULL: not relayed yet.
    Column("number", BigInteger, unique=True),
    Column("relayed_at", UTCDateTime),
)
Index(
    "ix_core_outbox_waiting",
    outbox.c.id,
    sqlite_where=outbox.c.number.is_(None),
    postgresql_where=outbox.c.number.is_(None),
)
Index("ix_core_outbox_relayed_at", outbox.c.relayed_at)

deliveries = Table(
    "core_deliveries",
    Base.metadata,
    Column("id", big_key(), primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("handler", String(120), nullable=False),
    Column("done_at", UTCDateTime, nullable=False),
    UniqueConstraint("event_id", "handler"),
    Index("ix_core_deliveries_done_at", "done_at"),
)

jobs = Table(
    "core_jobs",
    Base.metadata,
    Column("id", big_key(), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("args", JSONText, nullable=False),
    Column("event_id", String(36)),
    Column("dedup", String(250)),
    Column("state", String(10), nullable=False),
    Column("run_at", UTCDateTime, nullable=False),
    # `attempt` counts tries and is put back by retry(); `fence` only grows, so a late worker is never taken for the new one.
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UTCDateTime),
    Column("worker", String(80)),
    Column("error_class", String(120), nullable=False),
    Column("error", String(300), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("finished_at", UTCDateTime),
)
# Conditions of partial indexes: a query that is to use one says the same words, with no parameter in them.
_WAITING: ColumnClause[str] = literal_column("'waiting'")
_HANDED: ColumnClause[str] = literal_column("'handed'")
_RUNNING: ColumnClause[str] = literal_column("'running'")
IS_WAITING = jobs.c.state == _WAITING
IS_HANDED = jobs.c.state == _HANDED
IS_HELD = jobs.c.state.in_((_HANDED, _RUNNING))
IS_DEAD = jobs.c.state == literal_column("'dead'")
_ALIVE = jobs.c.state.in_((_WAITING, _HANDED, _RUNNING))
Index("ix_core_jobs_due", jobs.c.run_at, jobs.c.id, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING)
Index("ix_core_jobs_dead", jobs.c.finished_at, sqlite_where=IS_DEAD, postgresql_where=IS_DEAD)
Index("ix_core_jobs_leases", jobs.c.lease_until, sqlite_where=IS_HELD, postgresql_where=IS_HELD)
Index("uq_core_jobs_dedup", jobs.c.dedup, unique=True, sqlite_where=_ALIVE, postgresql_where=_ALIVE)
Index("ix_core_jobs_event_id", jobs.c.event_id)
Index("ix_core_jobs_finished_at", jobs.c.finished_at)

schedules = Table(
    "core_schedules",
    Base.metadata,
    Column("name", String(250), primary_key=True),
    Column("last_tick", UTCDateTime, nullable=False),
)

workers = Table(
    "core_workers",
    Base.metadata,
    Column("name", String(80), primary_key=True),
    Column("started_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
)

counters = Table(
    "core_counters",
    Base.metadata,
    Column("name", String(60), primary_key=True),
    Column("value", BigInteger, nullable=False),
)


def insert_if_new(table: Table) -> dict[str, Insert]:
    """Return, by name of dialect, an INSERT that leaves a row alone which a unique key already knows: its row count is 0."""
    known = {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
    # Without `inline` the new key is asked back, and without the option an INSERT tells no row count.
    return {name: each.inline().execution_options(preserve_rowcount=True) for name, each in known.items()}
