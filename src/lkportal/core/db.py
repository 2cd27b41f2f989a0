"""The database: one declarative base, reading in autocommit, writing in units. Engines are made in engines,
column types stand in columns, what a unit knows about its actor in unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from lkportal.core.columns import KEYRING, UTCDateTime
from lkportal.core.databases.engines import DatabaseBusy, StatementTooSlow, parse_url, postgres_engines, sqlite_engines
from lkportal.core.databases.locks import FairLock, Gate
from lkportal.core.errors import PortalError
from lkportal.core.protection.crypto import KeyRing

__all__ = ["Base", "Database", "DatabaseBusy", "Moment", "Observer", "StatementTooSlow", "in_unit", "limited"]

Moment = Literal["before_statement", "after_statement", "before_commit", "after_commit"]
Observer = Callable[[Moment, str], None]
_in_unit: ContextVar[bool] = ContextVar("lkportal_in_unit", default=False)
_PROGRESS_STEPS = 2000
_IN_ERROR, _DONE = 3, 1  # libpq's PQTRANS_INERROR and PGRES_COMMAND_OK


class Base(DeclarativeBase):
    """The base of all tables. Names of constraints follow one convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime()}  # noqa: RUF012 - SQLAlchemy's own way to declare it


def in_unit() -> bool:
    """Whether this thread is inside a unit of work: then nobody outside may be called."""
    return _in_unit.get()


class Database:
    """One database of one portal. Reads and writes are apart: a reading connection cannot write on either database."""

    def __init__(self, reading: Engine, writing: Engine, write_wait: float) -> None:
        self.engine = writing
        self.is_sqlite = writing.dialect.name == "sqlite"
        self._reading = reading
        # On PostgreSQL the writing engine is a view of the reading one and shares its events.
        self._observed = (reading, writing) if self.is_sqlite else (reading,)
        self._observers: tuple[Observer, ...] = ()
        self._wait = write_wait
        self._lock = FairLock()
        self._gate = Gate(Path(f"{writing.url.database}-gate"))

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        pool_size: int = 50,
        keyring: KeyRing | None = None,
        statement_timeout: float = 15.0,
        write_wait: float = 10.0,
    ) -> Database:
        """Return the database at `url` (`sqlite:///path` or `postgresql://...`). It connects at first use.

        `pool_size` is how many requests may hold a connection at once, `statement_timeout` the seconds a statement may
        run on PostgreSQL, `write_wait` the seconds a writer waits for its turn on SQLite before it gets a 503.
        """
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            engines = sqlite_engines(parsed, pool_size, write_wait)
        else:
            engines = postgres_engines(parsed, pool_size, statement_timeout)
        for engine in engines:
            setattr(engine.dialect, KEYRING, keyring or KeyRing({}))
        return cls(*engines, write_wait)

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a connection in autocommit that cannot write; use it in `with`, one for a request."""
        try:
            return self._reading.connect()
        except PoolTimeout as error:
            raise DatabaseBusy from error

    @contextmanager
    def snapshot(self, piece: int = 1_000) -> Iterator[Connection]:
        """Open a connection whose statements all see one moment and hand out rows by `piece`; it cannot write. For exports: a file
        of any length agrees with itself and needs no memory. Whoever writes meanwhile is not held up.
        """
        if self.is_sqlite:
            with self.reading() as connection:
                connection.exec_driver_sql("BEGIN")  # the first read takes the moment; the pool rolls it back
                yield connection.execution_options(yield_per=piece)
            return
        try:
            opened = self._reading.execution_options(isolation_level="REPEATABLE READ").connect()
        except PoolTimeout as error:
            raise DatabaseBusy from error
        with opened as connection:
            yield connection.execution_options(yield_per=piece)

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """Open a unit of work: committed at the end, rolled back by an exception. One unit does not open another.

        On SQLite the fair lock is taken first, then BEGIN IMMEDIATE; DatabaseBusy (503) when no turn comes in time.
        Rules with an actor and a clock go through `unit.open_unit`, which calls this.
        """
        if _in_unit.get():
            raise PortalError("unit_nested", "A unit of work was opened inside another: pass its session on.", 500)
        with ExitStack() as turn:
            if self.is_sqlite:
                turn.enter_context(self.write_turn(self._wait))
            token = _in_unit.set(True)
            turn.callback(_in_unit.reset, token)
            with Session(self.engine, expire_on_commit=False) as session:
                with session.begin():
                    self._begin(session)
                    yield session
                    session.flush()
                    self._notice("before_commit")
                self._notice("after_commit")

    def observe(self, observer: Observer) -> ExitStack:
        """Tell `observer(moment, sql)` about every statement and commit; close the result, or leave `with`, to stop.

        For tests: counting statements, crashing at a chosen point. Costs nothing while nobody observes.
        """
        if not self._observers:
            for engine in self._observed:
                event.listen(engine, "before_cursor_execute", self._before_statement)
                event.listen(engine, "after_cursor_execute", self._after_statement)
        self._observers = (*self._observers, observer)
        stop = ExitStack()
        stop.callback(self._stop_observing, observer)
        return stop

    def close(self) -> None:
        """Close all connections. The database may be used again: it connects anew."""
        self._reading.dispose()
        self.engine.dispose()
        self._gate.close()

    def let_others_ask(self) -> None:
        """Open the gate between processes: said by the holder of the turn once SQLite has given it the write lock."""
        self._gate.leave()

    def _begin(self, session: Session) -> None:
        try:
            session.connection()
        except PoolTimeout as error:
            raise DatabaseBusy from error
        finally:
            if self.is_sqlite:
                self.let_others_ask()

    @contextmanager
    def write_turn(self, wait: float) -> Iterator[None]:
        """Hold the turn to write the SQLite file: units and migrations take it, nobody else. DatabaseBusy after `wait` s."""
        if not self._lock.acquire(wait):
            raise DatabaseBusy
        try:
            self._gate.enter()
            yield
        finally:
            self._gate.leave()
            self._lock.release()

    def _stop_observing(self, observer: Observer) -> None:
        self._observers = tuple(known for known in self._observers if known is not observer)
        if not self._observers:
            for engine in self._observed:
                event.remove(engine, "before_cursor_execute", self._before_statement)
                event.remove(engine, "after_cursor_execute", self._after_statement)

    def _before_statement(self, _c: object, _cursor: object, sql: str, *_rest: object) -> None:
        self._notice("before_statement", sql)

    def _after_statement(self, _c: object, _cursor: object, sql: str, *_rest: object) -> None:
        self._notice("after_statement", sql)

    def _notice(self, moment: Moment, sql: str = "") -> None:
        for observer in self._observers:
            observer(moment, sql)


@contextmanager
def limited(connection: Connection, milliseconds: int) -> Iterator[None]:
    """Stop statements of `connection` that run longer than `milliseconds`: they raise StatementTooSlow.

    Long work (an import, a report) raises the limit of its unit's connection in the same way.

    PostgreSQL limits each statement, at the price of two round trips; inside a block of the same limit an inner block
    is free, so a page opens one around all its cards. SQLite limits the time of the whole innermost block.
    """
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        deadline = monotonic() + milliseconds / 1000
        # Asked through the interpreter, whose lock other threads want too: long work is asked less often.
        steps = _PROGRESS_STEPS * max(1, milliseconds // 500)
        driver.set_progress_handler(lambda: monotonic() > deadline, steps)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)
    elif connection.info.get("limit") == milliseconds:
        yield
    else:
        with _statement_timeout(connection, driver, milliseconds):
            yield


@contextmanager
def _statement_timeout(connection: Connection, driver: Any, milliseconds: int) -> Iterator[None]:
    before = connection.info.get("limit")
    _set_limit(driver, str(int(milliseconds)))
    connection.info["limit"] = milliseconds
    try:
        yield
    finally:
        if not (connection.invalidated or driver.closed):
            connection.info["limit"] = before
            # A failed transaction takes its settings with it when it is rolled back.
            if driver.info.transaction_status != _IN_ERROR:
                _set_limit(driver, "DEFAULT" if before is None else str(int(before)))


def _set_limit(driver: Any, value: str) -> None:
    """Set the limit through libpq itself, at a third of the price of a cursor; what it refuses, the driver tells of."""
    statement = f"SET statement_timeout = {value}"
    if driver.pgconn.exec_(statement.encode()).status != _DONE:
        driver.execute(statement)
