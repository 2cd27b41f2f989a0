"""Whatever stands in a file, every row is either taken or refused, once, and where blocks begin changes nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core import imports as engine
from lkportal.core.i18n import text
from lkportal.core.importing import read as imports_read
from lkportal.core.importing.kind import Cell
from lkportal.core.importing.layout import Layout, lay_out
from lkportal.core.importing.read import Block, blocks
from lkportal.core.importing.sniff import scan

KIND = engine.ImportKind(
    "proof",
    text("proof.kind", "Charge lines"),
    (
        engine.Column("account", text("proof.account", "Account"), engine.account_number()),
        engine.Column("note", text("proof.note", "Note"), engine.words(200), required=False),
        engine.Column("amount", text("proof.amount", "Amount"), engine.money()),
    ),
    lambda db, staged: engine.Applied(),
    positional=True,
)
Found = tuple[list[tuple[Cell, ...]], list[tuple[int, str, str, str]]]

note = st.text(st.sampled_from('абв ";\n\r\t\\x\u2028\x85'), max_size=12)
good = st.tuples(st.integers(1, 10**6).map(str), note, st.integers(0, 10**6).map(lambda minor: f"{minor / 100:.2f}"))
bad = st.one_of(
    st.tuples(st.just("??"), note, st.just("1,00")),
    st.tuples(st.just("1"), note),
    st.tuples(st.just("1"), note, st.just("нет")),
    st.tuples(st.just("1"), note, st.just("2,00"), st.just("x")),
)
written = st.lists(st.one_of(good, good, bad), min_size=1, max_size=40)
raw = st.text(st.sampled_from('12;,"\n\r аб\x00\\'), min_size=1, max_size=300).filter(lambda found: bool(found.strip()))


def read(file: Path, layout: Layout, offset: int = -1, line: int = 0) -> list[Block]:
    with file.open("rb") as handle:
        if offset < 0:
            return list(blocks(handle, KIND, layout, layout.start, layout.line))
        return list(blocks(handle, KIND, layout, offset, line))


def flat(found: list[Block]) -> Found:
    rows = [
        (line, *values)
        for block in found
        if block.lines
        for line, values in zip(block.lines, zip(*block.columns, strict=True), strict=True)
    ]
    refused = [(r.line, r.column, r.value, r.original) for block in found for r in block.rejects]
    return rows, refused


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("read") / "f.csv"


def layout_of(width: int = 3, ending: str = "\n") -> Layout:
    return Layout("utf-8", ending, ";", 0, 1, width, (0, 1, 2))


@given(rows=written, ending=st.sampled_from(["\n", "\r\n"]), size=st.integers(1, 200))
def test_every_written_row_is_taken_or_refused_whatever_the_blocks(
    file: Path, rows: list[tuple[str, ...]], ending: str, size: int
) -> None:
    whole = io.StringIO()
    csv.writer(whole, delimiter=";", lineterminator=ending).writerows(rows)
    file.write_bytes(whole.getvalue().encode())
    taken, refused = flat(read(file, layout_of()))
    assert len(taken) + len(refused) == len(rows)
    fine = [row for row in rows if len(row) == 3 and row[0].isdecimal() and row[2] != "нет"]
    assert [row[1] for row in taken] == [row[0] for row in fine]
    assert [row[3] for row in taken] == [round(float(row[2].replace(",", ".")) * 100) for row in fine]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports_read, "BLOCK_BYTES", size)
        assert flat(read(file, layout_of())) == (taken, refused)


@given(content=raw, size=st.integers(1, 50))
def test_any_text_is_read_to_its_end_from_any_block(file: Path, content: str, size: int) -> None:
    file.write_bytes(content.encode())
    at_once = read(file, layout_of())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports_read, "BLOCK_BYTES", size)
        found = read(file, layout_of())
        assert flat(found) == flat(at_once)
        assert not found or found[-1].end == file.stat().st_size
        for number, block in enumerate(found):
            rest = read(file, layout_of(), block.end, block.next_line)
            assert flat(found[: number + 1])[0] + flat(rest)[0] == flat(at_once)[0]
            assert flat(found[: number + 1])[1] + flat(rest)[1] == flat(at_once)[1]


def test_a_quotation_mark_that_never_closes_costs_its_own_line(file: Path) -> None:
    rows = [f"{number};вода;1,00\n" for number in range(1, 30_000)]
    rows[100] = '101;"вода;1,00\n'
    rows[20_000] = '20001;труба 15";1,00\n'
    file.write_bytes("".join(rows).encode())
    taken, refused = flat(read(file, layout_of()))
    assert refused == [(101, "", "", '101;"вода;1,00')]
    assert len(taken) == len(rows) - 1
    assert (20_001, "20001", 'труба 15"', 100) in taken


def test_a_note_of_several_lines_is_one_row_and_is_shown_whole(file: Path) -> None:
    file.write_bytes('1;"два\nслова";1,00\n2;"три\nслова";нет\n'.encode())
    taken, refused = flat(read(file, layout_of()))
    assert taken == [(1, "1", "два\nслова", 100)]
    assert refused == [(3, "amount", "нет", '2;"три\nслова";нет')]


def test_what_is_wrong_with_a_row_is_told(file: Path) -> None:
    content = "1;a;1,00\n;b;2,00\n3;c\n4;d;5;6\n;;\n\n5;e;6,00;\n6;\x00;1,00\n"
    file.write_bytes(content.encode())
    found = read(file, layout_of())
    told = {reject.line: str(reject.reason) for block in found for reject in block.rejects}
    assert told == {
        2: "The cell is empty. Fill it in.",
        3: "The row has 2 cells instead of 3. Check its delimiters and quotation marks.",
        4: "The row has 4 cells instead of 3. Check its delimiters and quotation marks.",
        8: "Remove the invisible characters from the cell.",
    }
    assert [row[0] for row in flat(found)[0]] == [1, 7]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1251", "koi8-r"])
def test_all_line_endings_and_encodings_are_one(file: Path, ending: str, codec: str) -> None:
    lines = ["account;note;amount", *(f"{number};вода, тёплая;{number},50" for number in range(5_000))]
    file.write_bytes(ending.join(lines).encode(codec))
    found = scan(file, "")
    layout = lay_out(KIND, found, engine.Reading())
    taken, refused = flat(read(file, layout))
    assert not refused
    assert taken == [(number + 2, str(number), "вода, тёплая", number * 100 + 50) for number in range(5_000)]
