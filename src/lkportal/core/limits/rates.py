"""Limits of how often: counted in the database, so that all processes share them. Keys are stored hashed: no address, no login."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, BindParameter, Column, Integer, String, Table, and_, bindparam, case, select, update
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


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: whether this one was within it, how many more are now, in how many seconds there are more."""

    is_within: bool
    left: int
    seconds: int


def spend(database: Database, key: str, limit: int, window_seconds: int, clock: Clock) -> Allowance:
    """Do what `allow` does and tell what is left, for those who are told of their limit."""
    with database.unit() as db:
        now = clock.now()
        is_within = allow_in(db, key, limit, window_seconds, now)
        if not is_within:
            return Allowance(False, 0, max(1, seconds_to_wait(db, key, limit, window_seconds, now)))
        row = db.connection().execute(_STAND, {"hashed": _hashed(key, window_seconds)}).one()
        into = int(now.timestamp()) % window_seconds
        spent = row.used + -(-row.before * (window_seconds - into) // window_seconds)
        return Allowance(True, max(0, limit - spent), window_seconds - into)


def allow_in(db: Session, key: str, limit: int, window_seconds: int, now: datetime) -> bool:
    """Do what `allow` does inside a unit that is open already; a rollback takes the count back."""
    seconds = int(now.timestamp())
    current, elapsed = divmod(seconds, window_seconds)
    values = {
        "key": _hashed(key, window_seconds),
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


def give_back_in(db: Session, key: str, window_seconds: int) -> None:
    """Take one count of `key` back: what was counted turned out to be harmless."""
    db.connection().execute(_GIVE_BACK, {"hashed": _hashed(key, window_seconds)})


def seconds_to_wait(db: Session, key: str, limit: int, window_seconds: int, now: datetime) -> int:
    """Return in how many seconds `key` is within `limit` again, if nobody else counts meanwhile."""
    row = db.connection().execute(_STAND, {"hashed": _hashed(key, window_seconds)}).first()
    if row is None or limit < 1:
        return window_seconds if limit < 1 else 0
    current, elapsed = divmod(int(now.timestamp()), window_seconds)
    left, most = window_seconds - elapsed, (limit - 1) * window_seconds
    if row.slice >= current and row.used < limit:
        excess, falling = row.before * left + row.used * window_seconds - most, row.before
        return max(0, -(-excess // falling)) if falling else 0
    if row.slice >= current:
        return int(left + window_seconds - most // row.used)
    return max(0, left - most // row.used) if row.slice == current - 1 and row.used else 0


def _hashed(key: str, window_seconds: int) -> str:
    return hashlib.sha256(f"{window_seconds}:{key}".encode()).hexdigest()


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
_GIVE_BACK = (
    update(rate_limits)
    .where(rate_limits.c.key == bindparam("hashed"), rate_limits.c.count > 0)
    .values(count=rate_limits.c.count - 1)
)
_STAND = select(rate_limits.c.slice, rate_limits.c.count.label("used"), rate_limits.c.before).where(
    rate_limits.c.key == bindparam("hashed")
)
