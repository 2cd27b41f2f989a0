"""Laws of judging a reading: what is refused, what is doubted, what is simply true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lkportal.modules.readings.rules import judge
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window

SETTINGS = ReadingsSettings()


@dataclass
class Dial:
    last_milli: int
    digits: int = 5
    decimals: int = 3
    usual_milli: int | None = 4_000
    unit: str = "m3"
    coefficient: int = 1


@given(st.integers(0, 99_999_999), st.integers(0, 99_999_999))
def test_an_accepted_value_never_takes_consumption_back(last: int, value: int) -> None:
    verdict = judge(Dial(last), value, SETTINGS)
    if verdict.error is None:
        assert verdict.added_milli >= 0
        assert (last + verdict.added_milli) % 100_000_000 == value


@given(st.integers(1, 8), st.integers(0, 10**12))
def test_a_value_the_dial_cannot_show_is_refused(digits: int, value: int) -> None:
    verdict = judge(Dial(0, digits=digits, usual_milli=None), value, SETTINGS)
    assert (verdict.error is not None) == (value >= 10**digits * 1000)


@given(st.integers(0, 3), st.integers(0, 9_999_999))
def test_digits_behind_the_point_are_those_of_the_dial(decimals: int, value: int) -> None:
    verdict = judge(Dial(0, decimals=decimals, usual_milli=None), value, SETTINGS)
    assert (verdict.error is not None) == (value % 10 ** (3 - decimals) != 0)


def test_a_value_below_the_last_is_refused_with_the_last_in_the_sentence() -> None:
    verdict = judge(Dial(412_000), 411_999, SETTINGS)
    assert verdict.error is not None
    assert verdict.error.key == "readings.rule.below"


def test_a_dial_that_passed_zero_is_doubted_and_counted_over_the_top() -> None:
    verdict = judge(Dial(99_998_000), 1_500, SETTINGS)
    assert verdict.rolled_over
    assert verdict.added_milli == 3_500
    assert verdict.doubt is not None


def test_a_jump_is_a_question_and_small_growth_is_not() -> None:
    assert judge(Dial(238_000), 421_000, SETTINGS).doubt is not None
    assert judge(Dial(238_000), 242_000, SETTINGS).doubt is None


def test_a_first_reading_is_doubted_only_when_it_is_absurd() -> None:
    assert judge(Dial(0, usual_milli=None), 900_000, SETTINGS).doubt is None
    absurd = judge(Dial(50_000, usual_milli=None), 99_999_000, SETTINGS)
    assert absurd.doubt is not None
    assert absurd.doubt.key == "readings.rule.jump_first"


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_every_day_belongs_to_one_window_that_is_not_over(today: date) -> None:
    found = window(today, SETTINGS)
    assert found.first <= found.last
    assert today <= found.last
    assert found.period.day == 1
    assert found.period - today.replace(day=1) <= timedelta(days=31)
    assert len(found.days) == 11
