"""Schedules keep the company's clock: through nights that lose or repeat an hour, and after the worker was away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core.contributions import Schedule
from lkportal.core.errors import StartupError
from lkportal.core.work.schedules import check_schedules, following, latest, name_of

BERLIN = ZoneInfo("Europe/Berlin")
MOSCOW = ZoneInfo("Europe/Moscow")
NEW_YORK = ZoneInfo("America/New_York")
CRONS = ("30 2 * * *", "0 3 * * *", "*/15 * * * *", "0 0 1 * *", "15 9 * * MON", "59 23 31 12 *", "0 */2 * * *")


def ticks(cron: str, zone: ZoneInfo, start: datetime, hours: int, step: timedelta) -> list[datetime]:
    """Return the ticks that a worker takes which looks every `step`."""
    last, now, found = start, start, []
    while now <= start + timedelta(hours=hours):
        tick = latest(cron, zone, last, now)
        if tick is not None:
            found.append(tick)
            last = tick
        now += step
    return found


def test_a_daily_tick_follows_the_company_and_not_the_server() -> None:
    assert following("0 9 * * *", MOSCOW, datetime(2026, 7, 1, 12, tzinfo=UTC)) == datetime(2026, 7, 2, 6, tzinfo=UTC)


def test_in_the_night_without_a_half_past_two_the_tick_comes_once_right_after() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    found = ticks("30 2 * * *", BERLIN, start, 40, timedelta(minutes=7))
    assert found == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]


def test_in_the_night_with_two_half_past_twos_the_tick_comes_once() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    found = ticks("30 2 * * *", BERLIN, start, 40, timedelta(minutes=7))
    assert found == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_a_worker_that_starts_between_the_two_half_past_twos_does_not_take_the_first_again() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for minutes in range(0, 120, 10):
        assert latest("30 2 * * *", BERLIN, first, first + timedelta(minutes=minutes)) is None
        assert following("30 2 * * *", BERLIN, first + timedelta(minutes=minutes)) == datetime(
            2026, 10, 26, 1, 30, tzinfo=UTC
        )


def test_every_quarter_of_an_hour_goes_on_through_both_nights() -> None:
    for start in (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)):
        found = ticks("*/15 * * * *", BERLIN, start, 6, timedelta(minutes=5))
        assert found == [start + timedelta(minutes=15) * n for n in range(1, 25)]


def test_missed_ticks_are_made_up_by_the_newest_alone() -> None:
    last = datetime(2026, 1, 1, tzinfo=UTC)
    assert latest("0 * * * *", MOSCOW, last, last + timedelta(days=200, minutes=30)) == last + timedelta(days=200)
    assert latest("0 0 1 * *", MOSCOW, last, datetime(2026, 3, 20, tzinfo=UTC)) == datetime(2026, 2, 28, 21, tzinfo=UTC)


@given(
    cron=st.sampled_from(CRONS),
    zone=st.sampled_from((BERLIN, MOSCOW, NEW_YORK)),
    start=st.integers(0, 3 * 365 * 86_400).map(
        lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    away=st.timedeltas(timedelta(seconds=1), timedelta(days=20)),
)
def test_ticks_only_go_forward_and_the_next_one_is_the_next_one(
    cron: str, zone: ZoneInfo, start: datetime, away: timedelta
) -> None:
    now = start + away
    tick = latest(cron, zone, start, now)
    if tick is None:
        assert following(cron, zone, start) > now
    else:
        assert start < tick <= now
        assert latest(cron, zone, tick, now) is None, "nothing is taken twice"
        assert following(cron, zone, tick) > now, "nothing newer was left out"


@pytest.mark.parametrize("cron", ["61 * * * *", "* * *", "0 0 31 2 *", "now"])
def test_a_line_that_never_comes_stops_the_start_with_a_sentence(cron: str) -> None:
    with pytest.raises(StartupError, match="write minute, hour, day, month, weekday"):
        check_schedules([Schedule("job", cron)], frozenset({"job"}))


def test_a_schedule_of_an_unknown_job_stops_the_start() -> None:
    with pytest.raises(StartupError, match="names the job 'jbo', but no module declares it"):
        check_schedules([Schedule("jbo", "0 0 * * *")], frozenset({"job"}))


def test_schedules_differ_by_job_line_and_arguments() -> None:
    names = {
        name_of(each)
        for each in (
            Schedule("a", "0 1 * * *"),
            Schedule("a", "0 2 * * *"),
            Schedule("b", "0 1 * * *"),
            Schedule("a", "0 1 * * *", {"n": 1}),
            Schedule("a", "0 1 * * *", {"n": 2}),
        )
    }
    assert len(names) == 5
