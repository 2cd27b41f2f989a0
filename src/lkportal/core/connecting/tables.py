"""The tables of connectors: how each connection stands, and what is told to the other side."""

from __future__ import annotations

from sqlalchemy import Column, ColumnClause, Index, Integer, String, Table, UniqueConstraint, literal_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key
from lkportal.core.db import Base

connections = Table(
    "core_connections",
    Base.metadata,
    Column("name", String(60), primary_key=True),
    # When the other system last answered as it should; since when it does not, how often in a row, and how it failed last.
    Column("heard_at", UTCDateTime),
    Column("failing_since", UTCDateTime),
    Column("failures", Integer, nullable=False),
    Column("error", String(120), nullable=False),
    # No round before this moment; and the round under way, which is nobody's any more when its time is over.
    Column("next_at", UTCDateTime),
    Column("busy_until", UTCDateTime),
    Column("holder", String(36), nullable=False),
    Column("cursor", JSONText, nullable=False),
)

dispatches = Table(
    "core_dispatches",
    Base.metadata,
    Column("id", big_key(), primary_key=True),
    # Ours, the same at every attempt: the other system is searched for it before anything is added.
    Column("key", String(16), nullable=False, unique=True),
    Column("connector", String(60), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("facts", JSONText, nullable=False),
    # waiting | sent | refused (a person looks) | dropped (a person put it away)
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("error", String(120), nullable=False),
    Column("external_id", String(120), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime),
    UniqueConstraint("connector", "kind", "subject"),
)
# Conditions of partial indexes: a query that is to use one says the same words, with no parameter in them.
_WAITING: ColumnClause[str] = literal_column("'waiting'")
_REFUSED: ColumnClause[str] = literal_column("'refused'")
IS_WAITING = dispatches.c.state == _WAITING
IS_REFUSED = dispatches.c.state == _REFUSED
Index(
    "ix_core_dispatches_waiting",
    dispatches.c.connector,
    dispatches.c.id,
    sqlite_where=IS_WAITING,
    postgresql_where=IS_WAITING,
)
Index(
    "ix_core_dispatches_refused",
    dispatches.c.created_at,
    sqlite_where=IS_REFUSED,
    postgresql_where=IS_REFUSED,
)
