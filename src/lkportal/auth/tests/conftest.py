"""A house on both databases for the stories of signing in. One for each file, emptied before each story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lkportal.auth.tests.house import House
from lkportal.testing.databases import database_url, fresh_postgres, postgres_server, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_server", "postgres_url", "sqlite_url"]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of a file."""
    folder: Path = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        house = House(f"sqlite:///{folder / 'portal.db'}", str(folder))
        yield house
        house.close()
        return
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        house = House(url, str(folder))
        yield house
        house.close()


@pytest.fixture
def house(standing: House) -> House:
    standing.empty()
    return standing


@pytest.fixture
def build(database_url: str, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Build a house with other settings."""
    built: list[House] = []

    def made(**settings: Any) -> House:
        built.append(House(database_url, str(tmp_path), **settings))
        return built[-1]

    yield made
    for house in built:
        house.close()
