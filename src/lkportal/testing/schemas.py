"""The tables of new, empty databases, put there from memory: migrations run once for a set of modules and a kind of database.
Whole databases to copy are in templates; this is for tests that open a database of their own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.engine import Engine

from lkportal.core import migrate
from lkportal.core.db import Database
from lkportal.core.module import Module
from lkportal.testing.databases import fresh_postgres

_CHANGES = ("ALTER", "CREATE", "DELETE", "DO", "DROP", "GRANT", "INSERT", "UPDATE")


def bring_up(database: Database, modules: Sequence[Module]) -> None:
    """Give a database the tables of the core and of `modules`, as `lkportal.core.migrate.upgrade` does: a new one quickly."""
    with database.reading() as connection:
        is_new = not inspect(connection).get_table_names()
    if not is_new:
        migrate.upgrade(database, modules)
        return
    if database.is_sqlite:
        database.close()
        Path(str(database.engine.url.database)).write_bytes(_sqlite_file(tuple(modules)))
        return
    server = database.engine.url.set(database="postgres").render_as_string(hide_password=False)
    script = _postgres_script(server, tuple(modules))
    with database.engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(script)  # as it is: SQLAlchemy would look for parameters after each per cent sign


@cache
def _sqlite_file(modules: tuple[Module, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "portal.db"
        database = Database.connect(f"sqlite:///{file}")
        migrate.upgrade(database, modules)
        database.close()
        return file.read_bytes()


@cache
def _postgres_script(server: str, modules: tuple[Module, ...]) -> str:
    """Migrate a database of its own; return what was done there."""
    import psycopg  # noqa: PLC0415 - an extra

    done: list[str] = []

    def note(_connection: Any, cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(_CHANGES):
            mogrify = psycopg.ClientCursor(cursor.connection).mogrify
            done.extend(mogrify(statement, each or None) for each in (values if many else [values]))

    with fresh_postgres(server) as url, closing(Database.connect(url)) as database:
        event.listen(Engine, "after_cursor_execute", note)
        try:
            migrate.upgrade(database, modules)
        finally:
            event.remove(Engine, "after_cursor_execute", note)
    return ";\n".join(done)
