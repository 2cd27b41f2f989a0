"""Laws of a ticket's life: only listed steps happen, whoever tries what; terms are working time, the clock stands while a customer is
asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lkportal.modules.tickets.states import ALIVE, STATES, STEPS, may_step, since
from lkportal.modules.tickets.worktime import WorkCalendar

MOSCOW, BERLIN = "Europe/Moscow", "Europe/Berlin"
WEEK = {day: (time(9), time(18)) for day in range(5)}
MAY = {date(2026, 5, 1): None, date(2026, 5, 11): None, date(2026, 5, 2): (time(10), time(14, 30))}
NIGHT = {day: (time(0), time(6)) for day in range(7)}
moments = st.integers(0, 330_000).map(lambda minutes: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes))
calendars = st.sampled_from(
    [WorkCalendar(MOSCOW, WEEK, MAY), WorkCalendar(BERLIN, WEEK, MAY), WorkCalendar(BERLIN, NIGHT)]
)


def worked(calendar: WorkCalendar, minute: datetime) -> bool:
    """Whether the minute that begins here is worked: the obvious way, by the clock on the wall."""
    wall = minute.astimezone(ZoneInfo(calendar.zone))
    hours = calendar.days[wall.date()] if wall.date() in calendar.days else calendar.week.get(wall.weekday())
    return hours is not None and hours[0] <= wall.time() < hours[1]


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(0, 1500))
def test_a_term_is_where_counting_minutes_one_by_one_ends(
    calendar: WorkCalendar, moment: datetime, minutes: int
) -> None:
    at, left = moment, minutes
    while left or not worked(calendar, at):
        left -= worked(calendar, at)
        at += timedelta(minutes=1)
        if not left and worked(calendar, at - timedelta(minutes=1)):
            break

    assert calendar.after(moment, minutes) == at
    assert calendar.between(moment, at) == minutes


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(0, 9000))
def test_working_time_between_two_moments_is_the_sum_of_its_minutes(
    calendar: WorkCalendar, moment: datetime, minutes: int
) -> None:
    last = moment + timedelta(minutes=minutes)
    counted = sum(worked(calendar, moment + timedelta(minutes=each)) for each in range(minutes))
    assert calendar.between(moment, last) == counted
    assert calendar.between(last, moment) == 0


def test_every_state_is_reached_and_the_ends_are_ends() -> None:
    reached = {"new"} | {after for steps in STEPS.values() for after in steps}
    assert reached == set(STATES)
    assert not any(before in ("closed", "withdrawn") for _, before in STEPS)
    assert all(any(may_step(who, state, "solved") for who in ("company",)) for state in ALIVE)
    assert since("portal", "closed") == ("solved",)
