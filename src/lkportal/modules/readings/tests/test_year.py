"""The months of an account: the calendar that programs keep, files to take away, corrections seen beside what they put right."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from lkportal.accounts.contract import Billed, BilledLine
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef
from lkportal.modules.readings.corrections import correct
from lkportal.modules.readings.imports_daily import HOMES, RULES
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.tests.conftest import House, named
from lkportal.modules.readings.tests.test_imports import bring
from lkportal.modules.readings.year.beside import Beside, beside
from lkportal.modules.readings.year.calendar import ics, terms
from lkportal.modules.readings.year.forecast import next_bill
from lkportal.testing import Visitor
from lkportal.testing.world import World, rows

TODAY = date(2026, 11, 22)


def unfolded(body: bytes) -> list[str]:
    """Read a calendar as RFC 5545 has it: lines of at most 75 octets end with CRLF, one that begins with a space goes on."""
    text = body.decode()
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


@given(st.text(min_size=1, max_size=200).filter(lambda text: "\r" not in text))
def test_whatever_it_says_the_calendar_is_well_formed(words: str) -> None:
    found = terms(TODAY, ReadingsSettings(), [date(2026, 11, 1), None])
    lines = unfolded(
        ics(words, "lk.example.org", "k", datetime(2026, 11, 22, tzinfo=UTC), [(t, words, words) for t in found])
    )
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(found)
    said = next(line for line in lines if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    read = re.sub(r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], said)
    assert read == words


def test_each_month_is_sent_waiting_or_late() -> None:
    assert [term.state for term in terms(TODAY, ReadingsSettings(), [date(2026, 9, 1), date(2026, 11, 1)])][:3] == [
        "late", "waiting", "later",
    ]  # fmt: skip
    assert terms(TODAY, ReadingsSettings(), [date(2026, 11, 1)])[1].state == "sent"


def test_a_calendar_program_keeps_up_by_a_signed_link(house: House, anna: Visitor, anonymous: Visitor) -> None:
    page = anna.post(anna.url("readings:calendar_link"), page=anna.url("readings:calendar"))
    found = re.search(r"https?://[^\s\"<]+/readings/guest/[^\s\"<]+calendar\.ics", page.text)
    assert found is not None
    for _ in range(2):
        feed = anonymous.get(urlsplit(found[0]).path)
        assert feed.headers["content-type"].startswith("text/calendar")
        assert "DTSTART;VALUE=DATE:20261115" in unfolded(feed.content)
    assert house.account.number not in feed.text


def test_usage_leaves_as_a_file_and_a_correction_is_seen_with_what_it_puts_right(house: House, anna: Visitor) -> None:
    anna.post(anna.url("readings:list"), named(house, bath="416"))
    ((reading,),) = rows(house.world.database, "SELECT public_id FROM readings_readings")
    with house.world.unit() as db:
        correct(db, house.account, str(reading), 415_000)
    assert "<s>416\u00a0m³</s>" in anna.get(anna.url("readings:history")).text
    sent = list(
        csv.DictReader(StringIO(anna.get(anna.url("readings:usage_csv")).content.decode("utf-8-sig")), delimiter=";")
    )
    assert sorted((row["value"], row["added"], row["corrected"]) for row in sent) == [
        ("415.000", "-1.000", ""), ("416.000", "4.000", "yes"),
    ]  # fmt: skip
    assert len(anna.get(anna.url("readings:usage_json")).json()) == 2


def test_a_month_stands_beside_the_same_one_a_year_ago() -> None:
    class Row:
        def __init__(self, period: date, added_milli: int) -> None:
            self.period, self.added_milli, self.resource, self.unit = period, added_milli, "cold_water", "m3"

    used = [Row(date(2025, 10, 1), 5_000), *(Row(date(2026, month, 1), month * 1_000) for month in (8, 9, 10, 11))]
    (found,) = beside(used, (), date(2026, 11, 1))
    assert (found.used, found.last_year, found.next_month, found.similar) == (10_000, 5_000, 9_000, None)


def test_homes_and_rules_come_from_files(world: World, account: AccountRef, tmp_path: Path) -> None:
    homes = bring(world, HOMES, tmp_path, f"Лицевой счёт;Категория;Жильцов\n{account.number};дача;2\n999;;1\n")
    assert (homes.accepted, homes.rejected) == (1, 1)
    rules = bring(
        world,
        RULES,
        tmp_path,
        "Действует с;Категория;Ресурс;С числа;По число;Норматив\n01.01.2026;дача;;10;20;\n01.02.2026;;hot_water;;;3,2\n01.03.2026;;;25;2;\n",
    )
    assert (rules.accepted, rules.rejected) == (2, 1)
    assert rows(world.database, "SELECT category, window_first, norm_milli FROM readings_rules ORDER BY valid_from") == [
        ("дача", 10, None), ("", None, 3_200),
    ]  # fmt: skip


def test_the_next_bill_is_told_by_the_prices_of_the_newest() -> None:
    used = [
        Beside("cold_water", "m3", 8_000, None, None, 0, 6_000),
        Beside("hot_water", "m3", 4_000, None, None, 0, None),
    ]
    lines = (
        BilledLine("Холодная вода", "m3", 10_000, 4_892_000_000, 48_920),
        BilledLine("Водоотведение", "m3", 10_000, 4_000_000_000, 40_000),
        BilledLine("Обслуживание", "", None, None, 15_000),
        BilledLine("Пени", "", None, None, 9_900, once=True),
    )
    bill = Billed(date(2026, 10, 1), "RUB", lines)
    # 6 m³ of the 10: water at its price, sewerage as much less, the service as it was, no penalty; in whole rubles.
    assert next_bill(bill, used) == Money(29_352 + 24_000 + 15_000 + 48, "RUB")
    assert next_bill(None, used) is None
    assert next_bill(bill, used[1:]) is None


def test_all_readings_leave_as_a_workbook(house: House, anna: Visitor) -> None:
    anna.post(anna.url("readings:list"), named(house, bath="416,306"))
    answer = anna.get(anna.url("readings:usage_xlsx"))
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert sheet[1][2:8] == ["Cold water", "bath", "18-412000", "T1", 416.306, 4.306]
