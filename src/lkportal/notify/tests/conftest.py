"""Fixtures of notify: a town with a real mail server, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.app import ROOMS
from lkportal.core.discovery import installed_modules
from lkportal.notify.tests.town import PostOffice, Town, post_office, town
from lkportal.testing.databases import database_url, postgres_server, postgres_url, sqlite_url
from lkportal.testing.templates import Templates

__all__ = ["database_url", "postgres_server", "postgres_url", "sqlite_url"]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(
    request: pytest.FixtureRequest, portal_templates: Templates, tmp_path: Path, office: PostOffice
) -> Iterator[Town]:
    """A town on SQLite and on PostgreSQL."""
    with (
        portal_templates.copy(request.param, [*ROOMS, *installed_modules()], tmp_path / "portal.db") as url,
        town(url, tmp_path, office) as made,
    ):
        yield made


@pytest.fixture
def village(portal_templates: Templates, tmp_path: Path, office: PostOffice) -> Iterator[Town]:
    """A town on SQLite alone, for what does not depend on the database."""
    with (
        portal_templates.copy("sqlite", [*ROOMS, *installed_modules()], tmp_path / "portal.db") as url,
        town(url, tmp_path, office) as made,
    ):
        yield made
