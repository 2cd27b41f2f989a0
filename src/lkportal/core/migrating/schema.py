"""The connection that may change the schema: one at a time among all processes, all or nothing, keys checked before commit.
What runs on it is in migrate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from lkportal.core.db import Database
from lkportal.core.errors import StartupError

WAIT_SECONDS = 600
# Any fixed number, the same in all versions: the advisory lock that processes upgrading one PostgreSQL database share.
_ADVISORY_LOCK = 5_237_164_098
_LOCK_SECONDS = 10


@contextmanager
def changing_schema(database: Database) -> Iterator[Connection]:
    """Open the one transaction that may change tables; StartupError when it would leave a broken foreign key behind.

    On SQLite the keys are off inside, or rebuilding a parent table would empty its children. On PostgreSQL a statement
    may take its time, yet gives up after some seconds of waiting for a busy table, so that pages do not queue behind it.
    """
    with _sqlite(database) if database.is_sqlite else _postgres(database) as connection:
        yield connection


@contextmanager
def _sqlite(database: Database) -> Iterator[Connection]:
    with database.write_turn(WAIT_SECONDS), database.engine.connect() as connection:
        connection.detach()  # its settings are its own; it is closed at the end
        driver = connection.connection.cursor()
        # The keys can be switched only between transactions.
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")
        driver.close()
        with connection.begin():
            database.let_others_ask()
            yield connection
            _check_keys(connection)


@contextmanager
def _postgres(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        yield connection


def _check_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StartupError(
            "migration_keys",
            f"After the migration the row {broken[1]} of {broken[0]} would point at a row of {broken[2]} that does not"
            " exist. Nothing of it was kept: correct the migration or the row.",
        )
