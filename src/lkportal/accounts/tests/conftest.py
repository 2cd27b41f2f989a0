"""A street on both databases: one for each file, emptied before each story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.accounts.tests.street import Street
from lkportal.testing.databases import fresh_postgres, postgres_server

__all__ = ["postgres_server"]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The street of a file."""
    folder: Path = tmp_path_factory.mktemp("street")
    if request.param == "sqlite":
        made = Street(f"sqlite:///{folder / 'portal.db'}", folder)
        yield made
        made.close()
        return
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        made = Street(url, folder)
        yield made
        made.close()


@pytest.fixture
def street(standing: Street) -> Street:
    """The street, with nobody in it."""
    standing.empty()
    return standing
