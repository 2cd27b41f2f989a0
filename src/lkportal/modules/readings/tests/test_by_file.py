"""A company sends its readings in one table: each row is judged as if it were typed, nothing is lost, nothing is told of others."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from httpx2 import Response
from python_calamine import CalamineWorkbook

from lkportal.core.policy import AccountRef
from lkportal.core.sheets.writing import Column, Sheet, xlsx
from lkportal.modules.readings.models import Meter, Register
from lkportal.modules.readings.tests.conftest import House, Visit
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World, rows

READINGS = "SELECT value_milli, channel FROM readings_readings ORDER BY value_milli"


def a_meter(world: World, account: AccountRef, serial: str, last: int = 100_000) -> None:
    with world.unit() as db:
        meter = Meter(account_id=account.id, resource="cold_water", unit="m3", serial=serial, place="")
        db.add(meter)
        db.flush()
        db.add(Register(meter_id=meter.id, last_milli=last, usual_milli=3_000))


@pytest.fixture
def buh(house: House, visit: Visit) -> Visitor:
    """The accountant of a works with two accounts; the flat of Anna (0412778215) is not among them."""
    works = house.world.organisation("Works")
    first = house.world.account("0100", organisation_id=works)
    second = house.world.account("0200", organisation_id=works)
    for account, serial in ((first, "W-1"), (second, "W-2")):
        a_meter(house.world, account, serial)
    return visit(house.world.customer("buh@zavod.example.org", organisation=works, role="owner"), first)


def table(*lines: str) -> bytes:
    return "\n".join(("Лицевой счёт;Заводской номер;Показание;Дата", *lines)).encode()


def sent(person: Visitor, body: bytes, name: str = "readings.csv") -> Response:
    return person.post(person.url("readings:file"), {}, files={"table": (name, body, "application/octet-stream")})


def checked(person: Visitor, body: bytes) -> tuple[str, str]:
    """Send a table; return the page of what would become of it, and its address."""
    answer = sent(person, body)
    assert answer.status_code == 303, answer.text
    where = urlsplit(answer.headers["location"]).path
    return person.get(where).text, where


def test_rows_are_shown_confirmed_and_taken_once(house: House, buh: Visitor) -> None:
    page, where = checked(buh, table("0100;W-1;104,5;", "0200;W-2;103;"))
    assert "2 readings will be sent" in page
    assert rows(house.world.database, READINGS) == []
    for _ in range(2):
        assert buh.post(where, {}).status_code == 303
    assert rows(house.world.database, READINGS) == [(103_000, "file"), (104_500, "file")]
    assert "2 readings are in" in buh.get(where).text
    known, _ = checked(buh, table("0100;W-1;104,5;"))
    assert "We have them already" in known


def test_what_is_wrong_stays_behind_and_the_rest_goes(house: House, buh: Visitor) -> None:
    page, where = checked(
        buh,
        table("0100;W-1;99;", "0200;W-2;103;", "0200;W-2;104;", "0200;W-9;5;", "0200;W-2;many;", "0100;W-1;;"),
    )
    for said in (
        "It was already 100",
        "This meter stands in row 3 already",
        "There is no such meter on this account",
        "Write a volume",
        "Left empty",
    ):
        assert said in page
    assert buh.post(where, {}).status_code == 303
    assert rows(house.world.database, READINGS) == [(103_000, "file")]
    done = buh.get(where).text
    assert "1 reading is in" in done
    assert "4 rows are not taken" in done
    book = CalamineWorkbook.from_filelike(BytesIO(buh.get(f"{where}/rejects.xlsx").content))
    assert [row[1:3] for row in book.get_sheet_by_index(0).to_python()][1:3] == [["0100", "W-1"], ["0200", "W-2"]]


def test_a_jump_goes_only_when_it_is_confirmed(house: House, buh: Visitor) -> None:
    page, where = checked(buh, table("0100;W-1;190;", "0200;W-2;101;"))
    (box,) = re.findall(r'name="(confirmed\[\w+\])"', page)
    assert buh.post(where, {}).status_code == 303
    assert rows(house.world.database, READINGS) == [(101_000, "file")]
    _, where = checked(buh, table("0100;W-1;190;"))
    assert buh.post(where, {box: "1"}).status_code == 303
    assert rows(house.world.database, READINGS) == [(101_000, "file"), (190_000, "file")]
    assert rows(house.world.database, "SELECT why FROM readings_reviews") == [("doubt",)]


def test_an_account_of_others_is_as_one_that_is_nowhere(house: House, buh: Visitor, anna: Visitor) -> None:
    page, where = checked(buh, table("0412778215;18-412000;415;", "0000000000;18-412000;415;"))
    assert page.count("There is no such account among yours.") == 2
    assert "bath" not in page
    assert buh.post(where, {}).status_code == 422
    assert rows(house.world.database, READINGS) == []
    answer = anna.get(anna.url("readings:file_shown", file_sending=where.rpartition("/")[2]))
    assert answer.status_code == 404


def test_a_colleague_sees_no_row_of_the_table(house: House, buh: Visitor, visit: Visit) -> None:
    _, where = checked(buh, table("0100;W-1;104;"))
    assert buh.account is not None
    other = visit(house.world.customer("olga@zavod.example.org", buh.account), buh.account)
    assert "W-1" not in other.get(where).text
    assert other.get(f"{where}/rejects.xlsx").status_code == 303
    assert other.post(where, {}).status_code == 404
    assert rows(house.world.database, READINGS) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_table_of_meters_comes_back_filled_in(house: House, buh: Visitor, visit: Visit, language: str) -> None:
    buh.client.headers["accept-language"] = language
    given = CalamineWorkbook.from_filelike(BytesIO(buh.get(buh.url("readings:file_meters")).content))
    head, *lines = given.get_sheet_by_index(0).to_python()
    assert [(line[0], line[3], line[5]) for line in lines] == [("0100", "W-1", 100), ("0200", "W-2", 100)]
    kinds = ["text"] * 7 + ["number", "text"]
    columns = [Column(str(title), kind) for title, kind in zip(head, kinds, strict=True)]  # type: ignore[arg-type]
    filled: list[list[str | int | date | None]] = [[*map(str, line[:7]), 102_250, ""] for line in lines]
    _, where = checked(buh, xlsx([Sheet("1", columns, filled)]))
    assert buh.post(where, {}).status_code == 303
    assert rows(house.world.database, READINGS) == [(102_250, "file"), (102_250, "file")]


def test_a_number_without_its_zeros_and_a_day_of_last_week(house: House, buh: Visitor) -> None:
    columns = [Column("Account"), Column("Serial number"), Column("Reading", "number"), Column("Date")]
    _, where = checked(buh, xlsx([Sheet("1", columns, [["100", "w-1", 101_000, "15.11.2026"]])]))
    buh.post(where, {})
    found = rows(house.world.database, "SELECT value_milli, taken_on FROM readings_readings")
    assert [(value, str(day)) for value, day in found] == [(101_000, "2026-11-15")]


def test_a_file_that_is_no_table_is_named_and_nothing_is_kept(house: House, buh: Visitor) -> None:
    for body, said in (
        (b"", "Choose a file first."),
        (b"PK\x03\x04" + bytes(300), "cannot be opened"),
        (b"\xff\xd8\xff\xe0" + bytes(300), "not a text file"),
        (b"a;b\n1;2\n", "The first row must name the columns"),
        (table(*("0100;W-1;104;" for _ in range(5_001))), "at most 5000 rows"),
    ):
        answer = sent(buh, body)
        assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert rows(house.world.database, "SELECT count(*) FROM readings_file_sendings") == [(0,)]
