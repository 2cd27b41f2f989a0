"""Limits of how often: shared by all who use the database, exact under races, with nothing readable in the table."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lkportal.core.clock import MovableClock
from lkportal.core.db import Database
from lkportal.core.limits.rates import allow, rate_limits

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def counted(database: Database) -> Iterator[Database]:
    rate_limits.create(database.engine)
    yield database
    rate_limits.drop(database.engine)


def test_a_limit_holds_and_opens_again(counted: Database) -> None:
    clock = MovableClock(START)
    assert [allow(counted, "login:anna", 3, 60, clock) for _ in range(5)] == [True, True, True, False, False]
    assert allow(counted, "login:boris", 3, 60, clock)
    assert allow(counted, "login:anna", 3, 30, clock)

    clock.advance(timedelta(seconds=60))
    assert not allow(counted, "login:anna", 3, 60, clock)
    clock.advance(timedelta(seconds=20))
    assert allow(counted, "login:anna", 3, 60, clock)
    clock.advance(timedelta(minutes=5))
    assert [allow(counted, "login:anna", 3, 60, clock) for _ in range(4)] == [True, True, True, False]


def test_the_edge_of_a_window_lets_no_double_burst_through(counted: Database) -> None:
    clock = MovableClock(START + timedelta(seconds=59))
    before = sum(allow(counted, "burst", 10, 60, clock) for _ in range(20))
    clock.advance(timedelta(seconds=2))
    after = sum(allow(counted, "burst", 10, 60, clock) for _ in range(20))

    assert before == 10
    assert after <= 1


def test_a_clock_set_back_opens_nothing(counted: Database) -> None:
    clock = MovableClock(START)
    for _ in range(3):
        allow(counted, "key", 3, 60, clock)
    clock.advance(timedelta(seconds=-120))

    assert not allow(counted, "key", 3, 60, clock)


def test_racing_visitors_never_get_more_than_the_limit(counted: Database) -> None:
    clock = MovableClock(START)
    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(lambda _: allow(counted, "race", 10, 60, clock), range(60)))

    assert passed == 10


def test_a_limit_of_nothing_lets_nothing_through(counted: Database) -> None:
    assert not allow(counted, "never", 0, 60, MovableClock(START))


def test_the_table_holds_no_names(counted: Database) -> None:
    allow(counted, "login:anna@example.org", 3, 60, MovableClock(START))
    with counted.reading() as connection:
        (row,) = connection.execute(select(rate_limits)).all()

    assert "anna" not in str(row)
    assert row.expires_at == START + timedelta(seconds=120)


@given(st.lists(st.integers(0, 40), max_size=40), st.integers(2, 5))
@settings(max_examples=15)
def test_no_minute_ever_holds_twice_the_limit(steps: list[int], limit: int) -> None:
    clock, passed = MovableClock(START), []
    with TemporaryDirectory() as folder:
        database = Database.connect(f"sqlite:///{folder}/rates.db")
        rate_limits.create(database.engine)
        for step in steps:
            clock.advance(timedelta(seconds=step))
            if allow(database, "key", limit, 60, clock):
                passed.append(clock.now())
        database.close()

    for moment in passed:
        inside = [each for each in passed if moment <= each < moment + timedelta(seconds=60)]
        assert len(inside) < 2 * limit
