"""Real databases for the tests of payments, and one sandbox for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lkportal.core.db import Database
from lkportal.modules.payments.tests.world import Fake, World, world
from lkportal.testing.databases import (
    database,
    database_url,
    keyring,
    postgres_server,
    postgres_url,
    sqlite_url,
)
from lkportal.testing.sandbox import SandboxDriver, sandbox_process

__all__ = ["database", "database_url", "keyring", "postgres_server", "postgres_url", "sqlite_url"]


@pytest.fixture(scope="session")
def provider() -> Iterator[SandboxDriver]:
    """The sandbox provider, as a process of its own."""
    with sandbox_process() as driver:
        yield driver


@pytest.fixture
def fake() -> Fake:
    """A provider in memory."""
    return Fake()


@pytest.fixture
def place(database: Database, fake: Fake) -> World:
    """The world with the provider in memory."""
    made = world(database, fake)
    fake.now = made.clock.now
    return made
