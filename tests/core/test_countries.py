"""Formats go by country, words by language: the same page in another language groups digits and tells time as the country does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lkportal.core.errors import StartupError
from lkportal.core.i18n import Catalogue
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.settings import read_configuration

NBSP = "\u00a0"
DAY, MOMENT = date(2026, 11, 25), datetime(2026, 11, 25, 14, 5, tzinfo=UTC)


def locale(language: str, country: str = "") -> Locale:
    return Locale(Catalogue.load(language, []), country)


def test_english_in_russia_writes_numbers_dates_and_hours_as_russia_does() -> None:
    english = locale("en", "RU")
    assert english.money(148_260) == f"1{NBSP}482,60{NBSP}₽"
    assert english.number(1_482_000) == f"1{NBSP}482{NBSP}000"
    assert english.volume(11_100, "m3") == f"11,1{NBSP}m³"
    assert english.date(DAY) == f"25{NBSP}November{NBSP}2026"
    assert english.time(MOMENT) == "14:05"


def test_russian_in_america_keeps_its_words_and_takes_the_countrys_forms() -> None:
    russian = locale("ru", "US")
    assert russian.money(148_260) == f"1,482.60{NBSP}₽"
    assert russian.date(DAY) == f"ноября{NBSP}25,{NBSP}2026"
    assert russian.time(MOMENT).startswith("2:05")


def test_a_span_of_days_names_its_month_once_and_a_column_keeps_its_places() -> None:
    first = date(2026, 11, 15)
    assert locale("ru").day_span(first, DAY) == f"15–25{NBSP}ноября"
    assert locale("en", "US").day_span(first, DAY) == f"November{NBSP}15–25"
    assert locale("ru").day_span(DAY, date(2026, 12, 3)) == f"25{NBSP}ноября{NBSP}– 3{NBSP}декабря"
    assert [locale("ru").volume(milli, "m3", 2) for milli in (3_600, 3_055)] == [f"3,60{NBSP}м³", f"3,055{NBSP}м³"]


def test_a_moment_of_today_or_yesterday_is_told_so_in_the_readers_zone() -> None:
    english, now = locale("en"), datetime(2026, 11, 26, 22, 30, tzinfo=UTC)
    assert english.lately(datetime(2026, 11, 26, 21, 5, tzinfo=UTC), "Europe/Moscow", now) == "Today, 00:05"
    assert english.lately(datetime(2026, 11, 26, 20, 5, tzinfo=UTC), "Europe/Moscow", now) == "Yesterday, 23:05"
    assert english.lately(MOMENT, "Europe/Moscow", now) == english.datetime(MOMENT, "Europe/Moscow")


@pytest.mark.parametrize(
    ("language", "country", "grouped", "clock"),
    [
        ("ru", "KZ", f"1{NBSP}482", "14:05"),
        ("en", "GB", "1,482", "14:05"),
        ("en", "US", "1,482", f"2:05{NBSP}PM"),
        ("de", "DE", "1.482", "14:05"),
        ("de", "CH", "1’482", "14:05"),
    ],
)
def test_each_country_has_its_own(language: str, country: str, grouped: str, clock: str) -> None:
    made = locale(language, country)
    assert made.number(1482) == grouped
    assert made.time(MOMENT) == clock


def test_midnight_and_noon_on_a_clock_of_twelve_hours() -> None:
    english = locale("en", "US")
    assert english.time(MOMENT.replace(hour=0)) == f"12:05{NBSP}AM"
    assert english.time(MOMENT.replace(hour=12)) == f"12:05{NBSP}PM"


def test_a_language_knows_its_own_name_and_which_way_it_is_written() -> None:
    made = Locales({code: locale(code) for code in ("ru", "en", "ar", "kk")}, "ru")
    assert dict(made.named) == {"ru": "Русский", "en": "English", "ar": "العربية", "kk": "Қазақ тілі"}
    assert [each.direction for each in made] == ["ltr", "ltr", "rtl", "ltr"]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [("country", "XX", "there is no country 'XX'"), ("languages", ["ru", "xx"], "there is no language 'xx'")],
)
def test_a_country_or_language_that_is_none_stops_the_start(key: str, value: object, sentence: str) -> None:
    with pytest.raises(StartupError) as wrong:
        read_configuration(None, {"portal": {key: value}})
    assert sentence in str(wrong.value.message)
