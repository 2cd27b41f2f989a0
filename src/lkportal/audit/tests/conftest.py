"""Fixtures of audit: a world with the shared nouns, on both databases."""

from __future__ import annotations

import pytest

from lkportal.core.db import Database
from lkportal.testing.databases import database, database_url, keyring, postgres_server, postgres_url, sqlite_url
from lkportal.testing.world import World, new_world

__all__ = ["database", "database_url", "keyring", "postgres_server", "postgres_url", "sqlite_url"]


@pytest.fixture
def world(database: Database) -> World:
    return new_world(database)
