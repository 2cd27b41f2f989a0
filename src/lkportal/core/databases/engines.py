"""Engines for one URL setting: what each database needs at connect, in pools and in errors. Used by db alone."""

from __future__ import annotations

import select
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import QueuePool

from lkportal.core.errors import PortalError, StartupError
from lkportal.core.i18n import text

POOL_WAIT_SECONDS = 10.0
_STATEMENT_CACHE = 2000
_READ_PRAGMAS = (
    "busy_timeout=5000",
    "foreign_keys=ON",
    "cache_size=-4000",
    "mmap_size=2147418112",
    "temp_store=MEMORY",
    "query_only=ON",
)
# FULL: a paid bill survives a power cut. The larger checkpoint keeps p99 even; the limit gives the space back.
_WRITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16000",
    "mmap_size=2147418112",
    "temp_store=MEMORY",
    "wal_autocheckpoint=10000",
    "journal_size_limit=67108864",
)
_QUERY_CANCELED = "57014"
_DISK_FULL = "53100"


class StatementTooSlow(PortalError):
    """A statement ran into its time limit and was stopped; nothing else of the page is lost."""

    def __init__(self) -> None:
        super().__init__(
            "statement_too_slow",
            text("core.db.too_slow", "This takes longer than it should. Try again in a minute."),
            503,
        )


class DatabaseBusy(PortalError):
    """No turn or connection came within the waiting limit; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "database_busy",
            text("core.db.busy", "Too many people are saving at once. Nothing was changed: try again in a minute."),
            503,
        )


class NoSpace(PortalError):
    """The disk of the database is full; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "no_space",
            text("core.db.no_space", "There is no room to save anything now. Nothing was changed: try again later."),
            503,
        )


def parse_url(url: str) -> URL:
    """Return the parsed setting: `sqlite:///path` or `postgresql://...` (psycopg 3); StartupError for all else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unknown_url() from error
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.drivername in ("postgresql", "postgresql+psycopg") and parsed.database:
        return parsed.set(drivername="postgresql+psycopg")
    raise _unknown_url()


def sqlite_engines(url: URL, pool_size: int, write_wait: float) -> tuple[Engine, Engine]:
    """Return (reading, writing): readers cannot write at all; the only writer connection belongs to who holds the lock."""
    path = Path(url.database or "")
    if not path.parent.is_dir():
        raise StartupError(
            "database_folder",
            f"The folder of the database {path} does not exist: make it or correct the setting database.url.",
        )
    reading = _sqlite_engine(url, _READ_PRAGMAS, pool_size, 0)
    writing = _sqlite_engine(url, (*_WRITE_PRAGMAS, f"busy_timeout={int(write_wait * 1000)}"), 1, 4)
    event.listen(writing, "begin", _begin_immediate)
    return reading, writing


def postgres_engines(url: URL, pool_size: int, statement_timeout: float) -> tuple[Engine, Engine]:
    """Return (reading, writing) over one pool: reading is autocommit and read-only by default, writing READ COMMITTED."""
    settings = {
        "statement_timeout": str(int(statement_timeout * 1000)),
        "idle_in_transaction_session_timeout": "60000",
        "default_transaction_read_only": "on",
        "timezone": "UTC",
    }
    asked = " ".join(f"-c {name}={value}" for name, value in settings.items())
    own = url.query.get("options", "")
    options = f"{asked} {own if isinstance(own, str) else ' '.join(own)}".strip()
    reading = create_engine(
        url.difference_update_query(["options"]),
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_use_lifo=True,
        query_cache_size=_STATEMENT_CACHE,
        hide_parameters=True,  # errors reach the log, people's data must not
        connect_args={"options": options, "connect_timeout": 5, "keepalives_idle": 30},
    )
    event.listen(reading, "connect", _remember_statements)
    event.listen(reading, "checkout", _check_alive)
    event.listen(reading, "handle_error", _translate)
    return reading, reading.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=False)


def _sqlite_engine(url: URL, pragmas: tuple[str, ...], pool_size: int, overflow: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_use_lifo=True,
        query_cache_size=_STATEMENT_CACHE,
        hide_parameters=True,  # errors reach the log, people's data must not
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512},
    )

    file = Path(url.database or "")

    def keep_private(*_asked: object) -> None:
        """A new file is not for every user of the machine; what lies beside it (-wal, -shm) takes its rights."""
        if not file.exists():
            file.touch(mode=0o640)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    event.listen(engine, "do_connect", keep_private)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "handle_error", _translate)
    return engine


def _begin_immediate(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute("BEGIN IMMEDIATE").close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise DatabaseBusy from error
        raise


def _remember_statements(connection: Any, _record: object) -> None:
    # A portal has more hot statements than the driver's default of 100 prepared ones.
    connection.prepared_max = 500


def _check_alive(connection: Any, _record: object, _proxy: object) -> None:
    # An idle connection whose socket has something to read was closed by the server: replace it without a round trip.
    readable, _, _ = select.select([connection.fileno()], [], [], 0) if not connection.closed else ([0], [], [])
    if readable:
        raise DisconnectionError("the server closed this connection while it was idle")


def _translate(context: ExceptionContext) -> PortalError | None:
    error = context.original_exception
    state, code = getattr(error, "sqlstate", None), getattr(error, "sqlite_errorcode", None)
    if state == _QUERY_CANCELED or code == sqlite3.SQLITE_INTERRUPT:
        return StatementTooSlow()
    if state == _DISK_FULL or code == sqlite3.SQLITE_FULL:
        return NoSpace()
    return None


def _unknown_url() -> StartupError:
    return StartupError(
        "database_url",
        "The setting database.url cannot be read: write sqlite:///path/to/portal.db (an absolute path has four slashes)"
        " or postgresql://user:password@host/name.",
    )
