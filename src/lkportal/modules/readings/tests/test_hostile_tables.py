"""Tables of strangers: more than a hundred files that are no tables, or would eat the server, refused with a sentence."""

from __future__ import annotations

import random
import resource
import zipfile
from collections.abc import Iterator
from io import BytesIO
from tempfile import TemporaryFile

import pytest

from lkportal.core.errors import PortalError
from lkportal.core.sheets.writing import Column, Sheet, xlsx
from lkportal.core.strangers import Opener
from lkportal.modules.readings.by_file.table import Line, Misread, rows_of, table_of

_SHEET = "xl/worksheets/sheet1.xml"
SAMPLE = ("entities", "far cell", "zip alone", "cut at 900", "spoilt 3", "nul", "endless line", "utf-16")


def book() -> bytes:
    """A workbook as companies send it."""
    columns = [Column("Account"), Column("Serial number"), Column("Reading", "number")]
    return xlsx([Sheet("1", columns, [[f"{number:04}", f"W-{number}", number * 1000] for number in range(60)])])


def with_sheet(body: bytes) -> bytes:
    """The workbook with another sheet in its place."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(book())) as read, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as write:
        for name in read.namelist():
            write.writestr(name, body if name == _SHEET else read.read(name))
    return made.getvalue()


def cells(inside: str) -> bytes:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return f'<?xml version="1.0"?><worksheet {main}><sheetData>{inside}</sheetData></worksheet>'.encode()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield named uploads of which none may be taken."""
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    yield "far cell", with_sheet(cells(row + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    yield "entities", with_sheet(b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 9_999 + b'">]>' + cells("&a;" * 999))
    yield "not xml", with_sheet(bytes(range(256)) * 40)
    yield "zip of nothing", b"PK\x05\x06" + bytes(18)
    yield "zip alone", b"PK\x03\x04" + bytes(400)
    yield "old book alone", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000)
    yield "nul", b"account;serial;value\n1\x00;2;3\n"
    yield "endless line", b"a" * 3_000_000
    yield "utf-16", "account;serial;value\n1;2;3".encode("utf-16")
    yield "blank", b" \n\n "
    yield "no such columns", b"a;b;c\n1;2;3\n"
    yield "html", b"<table><tr><td>account</td></tr></table>"
    yield "program", b"\x7fELF" + bytes(400)
    yield "picture", b"\x89PNG\r\n\x1a\n" + bytes(400)
    yield "too many rows", b"account;serial;value\n" + b"1;2;3\n" * 5_001
    whole, chance = book(), random.Random(7)
    for part in range(100, 1_100, 100):
        yield f"cut at {part}", whole[:part]
    for nth in range(80):
        spoilt = bytearray(whole)
        for place in chance.sample(range(4, len(spoilt) - 4), 400):
            spoilt[place] ^= chance.randrange(1, 256)
        yield f"spoilt {nth}", bytes(spoilt)


def read(body: bytes) -> tuple[list[Line], list[Misread]]:
    """Return the rows of an upload."""
    with TemporaryFile() as sent:
        sent.write(body)
        with table_of(sent, Opener()) as table:
            return rows_of(table)


def refused(body: bytes) -> bool:
    """Whether an upload is refused by a sentence; whatever else happens fails."""
    try:
        read(body)
    except PortalError as error:
        return bool(str(error.message))
    return False


def test_hostile_tables_are_refused_and_a_good_one_is_read() -> None:
    assert len(read(book())[0]) == 60
    told = {name: refused(body) for name, body in hostile() if name in SAMPLE}
    assert len(told) == len(SAMPLE)
    assert [name for name, said in told.items() if not said] == []


@pytest.mark.proof
def test_all_hostile_tables_are_refused_and_the_web_process_does_not_grow() -> None:
    bomb = with_sheet(cells('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 300_000_000))
    files = [("bomb of 300 MB", bomb), *hostile()]
    refused(book())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = [(name, refused(body)) for name, body in files]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(told) >= 100
    assert [name for name, said in told if not said] == []
    assert grown <= 10 * 1024, f"{grown} KiB"
