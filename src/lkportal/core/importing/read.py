"""From bytes to columns of values, block by block: memory stays flat. A bad row becomes a Reject and never stops the others.
A block without quotes is cut by `str.split` alone; csv takes the rest. Nothing here knows a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from lkportal.core.i18n import Text, text
from lkportal.core.importing.cells import Converter, without
from lkportal.core.importing.kind import Cell, ImportKind
from lkportal.core.importing.layout import ROWS, Layout

# Small enough to stay in the cache of a core: larger blocks are read half as fast.
BLOCK_BYTES = 1 << 16
LONGEST_RECORD = 1 << 16
_RESTARTS = 20
# Closes every block: when a row swallows it, a quotation mark was left open. A private character, no file has it alone.
_SEAL = "\ue000"

_QUOTE = text("core.imports.open_quote", "A quotation mark opens and never closes. Close it or remove it.")
_UNREADABLE = text("core.imports.unreadable", "The line cannot be cut into cells. Check its quotation marks.")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: the line it begins on, the column at fault ("" for the row), its value, why, the row itself."""

    line: int
    column: str
    value: str
    reason: Text
    original: str


@dataclass(slots=True)
class Block:
    """A run of lines: `lines[i]` is the line of row i, `columns[c][i]` its value in column c of the kind.

    `end` (bytes) and `next_line` say where the next block begins; `source` is the text (or its UTF-8, which takes half of the
    memory), kept to show rows as written.
    """

    first_line: int
    end: int
    next_line: int
    source: str | bytes
    lines: Sequence[int] = ()
    columns: Sequence[Sequence[Cell]] = ()
    rejects: list[Reject] = field(default_factory=list)

    def rows(self) -> list[str]:
        """Return the lines as they stand in the file; bytes that are no UTF-8 become question marks."""
        source = self.source if isinstance(self.source, str) else self.source.decode("utf-8", "replace")
        return source.split("\n")

    def original(self, line: int, delimiter: str) -> str:
        """Return the row that begins on `line` as it stands in the file, without its line ending."""
        lines = self.rows()
        if delimiter == ROWS:
            return lines[line - self.first_line].rstrip("\r")
        return _record(lines, line - self.first_line, delimiter)


@dataclass(slots=True)
class _Cut:
    """A block cut into cells: column by column (`flat`) or row by row; `used` lines of it are done."""

    used: int
    flat: list[list[str]] | None = None
    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    refused: list[tuple[int, int, Text]] = field(default_factory=list)


def blocks(handle: BinaryIO, kind: ImportKind, layout: Layout, offset: int, line: int) -> Iterator[Block]:
    """Yield the blocks of a scanned file from byte `offset`, which begins `line`, to its end."""
    converters = [Converter(column) for column in kind.columns]
    ending = layout.ending.encode()
    handle.seek(offset)
    held = b""
    while True:
        read = handle.read(BLOCK_BYTES)
        data = held + read
        data, held = (data, b"") if not read else _up_to_last(data, ending)
        if data:
            source = _normal(data.decode(layout.encoding), layout)
            cut = _cut(source, layout, is_last=not read)
            end, held = _divide(data, held, ending, source, cut)
            block = Block(line, offset + end, line + cut.used, source)
            _fill(block, kind, layout, converters, cut)
            offset, line = block.end, block.next_line
            if cut.used:
                yield block
        if not read:
            return


def _up_to_last(data: bytes, ending: bytes) -> tuple[bytes, bytes]:
    cut = data.rfind(ending) + 1
    return data[:cut], data[cut:]


def _normal(source: str, layout: Layout) -> str:
    """Return the text with one kind of line ending; a stray carriage return inside a line is a space."""
    if "\r" in source:
        source = (
            source.replace("\n", " ").replace("\r", "\n") if layout.ending == "\r" else source.replace("\r\n", "\n")
        )
        source = source.replace("\r", " ")
    return source if source.endswith("\n") else source + "\n"


def _divide(data: bytes, held: bytes, ending: bytes, source: str, cut: _Cut) -> tuple[int, bytes]:
    """Return how many bytes of `data` the used lines are, and what waits for the next block."""
    if cut.used == source.count("\n"):
        return len(data), held
    lines = data.split(ending)[: cut.used]
    end = sum(map(len, lines)) + len(ending) * cut.used
    return end, data[end:] + held


def _cut(source: str, layout: Layout, *, is_last: bool) -> _Cut:
    if '"' not in source:
        flat = _cut_plain(source, layout)
        if flat is not None:
            return flat
    return _cut_rows(source, layout, is_last=is_last)


def _cut_plain(source: str, layout: Layout) -> _Cut | None:
    """Cut a block whose rows all have the right width by one split: each line ending becomes a cell of its own, a mark.

    The block is regular when every cell where a mark must stand is one, and there are no others.
    """
    used = source.count("\n")
    stride = layout.width + 1
    delimiter = layout.delimiter
    cells = source.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    marks = cells[layout.width :: stride]
    if len(cells) != used * stride + 1 or marks.count("\n") != used:
        return None
    return _Cut(used, [cells[place:-1:stride] if place >= 0 else [] for place in layout.positions])


def _cut_rows(source: str, layout: Layout, *, is_last: bool) -> _Cut:
    """Cut a block by csv. A quotation mark left open costs its own line only: reading goes on with the next one."""
    total = source.count("\n")
    cut = _Cut(0)
    for _ in range(_RESTARTS):
        rest = source if not cut.used else source.split("\n", cut.used)[-1]
        if not rest:
            return cut
        _cut_until_open(rest, layout, cut, total)
        if cut.used == total:
            return cut
        waiting = source.split("\n", cut.used)[-1]
        if not is_last and len(waiting) <= LONGEST_RECORD:
            return cut
        cut.refused.append((cut.used, cut.used + 1, _QUOTE))
        cut.used += 1
    for index in range(cut.used, total):
        cut.refused.append((index, index + 1, _UNREADABLE))
    cut.used = total
    return cut


def _cut_until_open(rest: str, layout: Layout, cut: _Cut, total: int) -> None:
    """Add the rows of `rest` to `cut`, up to one that does not end within the block or is too long to be meant."""
    base = cut.used
    sealed = io.StringIO(rest + _SEAL, newline="\n")
    reader = csv.reader(sealed, delimiter=layout.delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            end = min(base + reader.line_num, total)
            if reader.line_num > total - base and cells != [_SEAL]:
                return
            if end - cut.used > 1 and _too_long(rest, cut.used - base, end - base):
                return
            if cells and cells != [_SEAL]:
                cut.rows.append(cells)
                cut.starts.append(cut.used)
            cut.used = end
    except csv.Error:
        return


def _too_long(rest: str, start: int, end: int) -> bool:
    return sum(map(len, rest.split("\n")[start:end])) > LONGEST_RECORD


def _fill(block: Block, kind: ImportKind, layout: Layout, converters: Sequence[Converter], cut: _Cut) -> None:
    """Turn the cells of `cut` into the block's values and rejects."""
    source_lines: list[str] = []

    def original(start: int, end: int = 0) -> str:
        if not source_lines:
            source_lines.extend(block.rows())
        return "\n".join(source_lines[start:end]) if end else _record(source_lines, start, layout.delimiter)

    for start, end, reason in cut.refused:
        block.rejects.append(Reject(block.first_line + start, "", "", reason, original(start, end)))
    if cut.flat is not None:
        raw, starts = cut.flat, list(range(cut.used))
    else:
        raw, starts, ragged = _columns(cut, layout)
        for start, width in ragged:
            reason = _ragged(width, layout.width)
            block.rejects.append(Reject(block.first_line + start, "", "", reason, original(start)))
    bad: dict[int, tuple[int, Text]] = {}
    values: list[Sequence[Cell]] = []
    for index, (converter, place) in enumerate(zip(converters, layout.positions, strict=True)):
        values.append(converter.column(raw[index], index, bad) if place >= 0 else [None] * len(starts))
    for row in sorted(bad):
        if any(column[row].strip() for column in raw if column):
            index, reason = bad[row]
            name = kind.columns[index].name
            value = raw[index][row].strip() if raw[index] else ""
            block.rejects.append(Reject(block.first_line + starts[row], name, value, reason, original(starts[row])))
    if bad:
        starts, values = list(without([starts], bad)[0]), without(values, bad)
    block.rejects.sort(key=lambda reject: reject.line)
    block.lines = [block.first_line + start for start in starts]
    block.columns = values


def _columns(cut: _Cut, layout: Layout) -> tuple[list[list[str]], list[int], list[tuple[int, int]]]:
    """Return (cells by column, the rows' first lines, rows of a wrong width as (first line, width))."""
    rows, starts, ragged = cut.rows, cut.starts, []
    if any(len(row) != layout.width for row in rows):
        rows, starts = [], []
        for row, start in zip(cut.rows, cut.starts, strict=True):
            fitted = row[: layout.width] if not any(cell.strip() for cell in row[layout.width :]) else row
            if len(fitted) == layout.width:
                rows.append(fitted)
                starts.append(start)
            elif any(cell.strip() for cell in row):
                ragged.append((start, len(row)))
    cells = list(zip(*rows, strict=True)) or [()] * layout.width
    return [list(cells[place]) if place >= 0 else [] for place in layout.positions], starts, ragged


def _ragged(found: int, expected: int) -> Text:
    return text(
        "core.imports.ragged",
        "The row has %(found)s cells instead of %(expected)s. Check its delimiters and quotation marks.",
        found=found,
        expected=expected,
    )


def _record(lines: Sequence[str], start: int, delimiter: str) -> str:
    """Return the record that begins at `lines[start]`: more than one line when a quoted cell holds line breaks."""
    if '"' not in lines[start]:
        return lines[start]
    reader = csv.reader((f"{line}\n" for line in lines[start:]), delimiter=delimiter, skipinitialspace=True)
    next(reader, None)
    return "\n".join(lines[start : start + reader.line_num])
