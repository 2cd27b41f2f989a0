"""Many people send values for the same meters at once: no value goes back, nothing is counted twice, nobody is locked out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.core.db import Database
from tests.faults.meters import race, readings_broken, street


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Database]:
    opened = Database.connect(postgres_url, pool_size=20)
    yield opened
    opened.close()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = Database.connect(f"sqlite:///{tmp_path / 'meters.db'}", pool_size=40)
    yield opened
    opened.close()


def prove(database: Database, meters: int, threads: int, submissions: int) -> None:
    place = street(database, meters)
    told = race(place, threads, submissions, seed=11)
    assert readings_broken(database, told) == []
    # Otherwise nobody met anybody, and nothing is proved.
    assert min(told["accepted"], told["refused"]) > submissions // 20


@pytest.mark.postgres
def test_sixteen_people_send_two_thousand_values_to_twenty_meters(on_postgres: Database) -> None:
    prove(on_postgres, meters=20, threads=16, submissions=2_000)


@pytest.mark.proof
@pytest.mark.postgres
def test_sixteen_people_send_twenty_thousand_values_to_twenty_meters(on_postgres: Database) -> None:
    prove(on_postgres, meters=20, threads=16, submissions=20_000)


def test_forty_threads_write_a_sqlite_file_and_all_get_their_turn(on_sqlite: Database) -> None:
    """A wait beyond the bound is DatabaseBusy, a lock that is not waited for is an error of SQLite: both would come out here."""
    prove(on_sqlite, meters=20, threads=40, submissions=600)


@pytest.mark.proof
def test_forty_threads_write_a_sqlite_file_ten_thousand_times(on_sqlite: Database) -> None:
    prove(on_sqlite, meters=20, threads=40, submissions=10_000)
