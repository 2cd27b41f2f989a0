"""Limits of how often: counted in the database, so that all processes share them. Keys are stored hashed: no address, no login."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, BindParameter, Column, Integer, String, Table, and_, bindparam, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert

from lkportal.core.clock import Clock
from lkportal.core.columns import UTCDateTime
from lkportal.core.db import Base, Database

rate_limits = Table(
    "core_rate_limits",
    Base.metadata,
    Column("key", String(64), primary_key=True),
    Column("slice", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("before", Integer, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)


def allow(database: Database, key: str, limit: int, window_seconds: int, clock: Clock) -> bool:
    """Count one more of `key` and say whether it is within `limit` per `window_seconds`; a refused one is not counted.

    A sliding window made of two slices: the part of the last slice that still lies inside the window counts in proportion.
    One conditional upsert decides, so that racing processes never let more through than the limit.
    """
    with database.unit() as db:
        return allow_in(db, key, limit, window_seconds, clock.now())


def allow_in(db: Session, key: str, limit: int, window_seconds: int, now: datetime) -> bool:
    """Do what `allow` does inside a unit that is open already; a rollback takes the count back."""
    seconds = int(now.timestamp())
    current, elapsed = divmod(seconds, window_seconds)
    values = {
        "key": hashlib.sha256(f"{window_seconds}:{key}".encode()).hexdigest(),
        "slice": current,
        "count": 1,
        "before": 0,
        "expires_at": now + timedelta(seconds=2 * window_seconds),
        "left": window_seconds - elapsed,
        "window": window_seconds,
        "most": (limit - 1) * window_seconds,
    }
    if limit < 1:
        return False
    done = db.connection().execute(_COUNT[db.get_bind().dialect.name], values)
    return bool(done.rowcount)


def _counting(dialect: str) -> Insert:
    insert = (sqlite.insert(rate_limits) if dialect == "sqlite" else postgresql.insert(rate_limits)).values(
        {name: bindparam(name) for name in ("key", "slice", "count", "before", "expires_at")}
    )
    row = rate_limits.c
    current: BindParameter[int] = bindparam("slice", type_=BigInteger)
    is_now, is_last = row.slice >= current, row.slice == current - 1
    left, window = bindparam("left", type_=BigInteger), bindparam("window", type_=BigInteger)
    used = case((is_now, row.before * left + row.count * window), (is_last, row.count * left), else_=0)
    return insert.on_conflict_do_update(
        index_elements=[row.key],
        set_={
            "count": case((is_now, row.count + 1), else_=1),
            "before": case((is_now, row.before), (is_last, row.count), else_=0),
            "slice": case((is_now, row.slice), else_=current),
            "expires_at": bindparam("expires_at"),
        },
        where=and_(used <= bindparam("most", type_=BigInteger)),
    ).execution_options(preserve_rowcount=True)


_COUNT = {dialect: _counting(dialect) for dialect in ("sqlite", "postgresql")}
