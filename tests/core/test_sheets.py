"""Files for spreadsheets: numbers are numbers, days are days, and no text ever becomes a formula."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest

from lkportal.core.sheets.writing import Column, Sheet, csv, harmless, xlsx

COLUMNS = (Column("Day", "day"), Column("What"), Column("Sum", "money"), Column("Volume", "number"))
ATTACKS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://a")', "|calc", "%0A=1")


def sheet(*rows: tuple[date | None, str, int | None, int | None]) -> Sheet:
    return Sheet("Счёт: 1/2", COLUMNS, rows, [("Account", "=1")])


def test_numbers_and_days_of_a_workbook_are_their_own_kind() -> None:
    with ZipFile(
        BytesIO(xlsx([sheet((date(2026, 10, 31), "Вода", -148_260, 3_905), (None, "", None, 1_000))]))
    ) as file:
        page = file.read("xl/worksheets/sheet1.xml").decode()
        assert 'name="Счёт  1 2"' in file.read("xl/workbook.xml").decode()
    assert "<v>-1482.6</v>" in page
    assert "<v>3.905</v>" in page
    assert "<v>46326</v>" in page


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_a_formula(attack: str) -> None:
    with ZipFile(BytesIO(xlsx([sheet((None, attack, None, None))]))) as file:
        page = file.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    line = csv(sheet((None, attack, None, None))).decode("utf-8-sig").splitlines()[1]
    assert re.match(r"""^;"?'""", line), line


def test_a_csv_reads_as_it_was() -> None:
    rows = csv(sheet((date(2026, 10, 31), 'Вода; "холодная"', -5, 3_905), (None, "Тепло", 0, 1_000))).decode(
        "utf-8-sig"
    )
    assert rows.splitlines() == [
        "Day;What;Sum;Volume",
        '2026-10-31;"Вода; ""холодная""";-0,05;3,905',
        ";Тепло;0,00;1",
    ]
    assert harmless("Вода") == "Вода"
