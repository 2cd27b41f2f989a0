"""The tables of new, empty databases, copied from one migrated once for a set of modules and a kind of database.
Databases made as copies are in templates; this is for tests that open a database of their own."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import inspect, make_url

from lkportal.core.db import Database
from lkportal.core.migrating import migrate
from lkportal.core.module import Module
from lkportal.testing.databases import fresh_postgres, replace_postgres


def bring_up(database: Database, modules: Sequence[Module]) -> None:
    """Give a database the tables of the core and of `modules`, as `lkportal.core.migrating.migrate.upgrade` does: a new one quickly."""
    with database.reading() as connection:
        is_new = not inspect(connection).get_table_names()
    if not is_new:
        migrate.upgrade(database, modules)
        return
    if database.is_sqlite:
        database.close()
        Path(str(database.engine.url.database)).write_bytes(_sqlite_file(tuple(modules)))
        return
    url = database.engine.url
    server = url.set(database="postgres").render_as_string(hide_password=False)
    template = _postgres_template(server, tuple(modules))
    database.close()
    replace_postgres(server, str(url.database), template)


@cache
def _sqlite_file(modules: tuple[Module, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "portal.db"
        database = Database.connect(f"sqlite:///{file}")
        migrate.upgrade(database, modules)
        database.close()
        return file.read_bytes()


@cache
def _postgres_template(server: str, modules: tuple[Module, ...]) -> str:
    """Migrate a database to be copied, which goes with this process; return its name."""
    kept = ExitStack()
    atexit.register(kept.close)
    url = kept.enter_context(fresh_postgres(server))
    with closing(Database.connect(url)) as database:
        migrate.upgrade(database, modules)
    return str(make_url(url).database)
