"""Fixtures of notify: a town with a real mail server, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.notify.tests.town import PostOffice, Town, post_office, town
from lkportal.testing.databases import database_url, postgres_server, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_server", "postgres_url", "sqlite_url"]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


@pytest.fixture
def house(database_url: str, tmp_path: Path, office: PostOffice) -> Iterator[Town]:
    """A town on SQLite and on PostgreSQL."""
    with town(database_url, tmp_path, office) as made:
        yield made


@pytest.fixture
def village(sqlite_url: str, tmp_path: Path, office: PostOffice) -> Iterator[Town]:
    """A town on SQLite alone, for what does not depend on the database."""
    with town(sqlite_url, tmp_path, office) as made:
        yield made
