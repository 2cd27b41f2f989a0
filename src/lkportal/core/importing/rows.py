"""Rows of JSON (NDJSON: one object a line) as the engine reads them: columns, parsers and rejects are those of a table. A block is
parsed at once by msgspec when every line of it is one flat object, line by line when not. Tables are read in imports_read."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import msgspec
from msgspec.structs import astuple

from lkportal.core.i18n import Text, text
from lkportal.core.importing.cells import Converter, without
from lkportal.core.importing.kind import Cell, ImportKind
from lkportal.core.importing.layout import ROWS, Layout, Reading, lay_out
from lkportal.core.importing.read import BLOCK_BYTES, Block, Reject, blocks
from lkportal.core.importing.sniff import BLOCK, Scan, refuse, scan

SUFFIXES = (".ndjson", ".jsonl")
_SHOWN = 2_000

_NOT_ROW = text("core.imports.row_not_json", "The line is not a JSON object. Write one object on each line.")
_NOT_UTF8 = text("core.imports.row_not_utf8", "The line is not in UTF-8. Send the whole of it in UTF-8.")
_NOT_SCALAR = text("core.imports.row_not_scalar", "Write a text, a number or null here.")
_TOO_LONG = text(
    "core.imports.row_too_long", "The line is longer than 64 KB: no row is. Write one object on each line."
)


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


# Numbers stay as they are written, so that 1482.60 reaches the parser of money without passing through a float.
_DECODE = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant).decode
# An integer that msgspec gives as 0 and a reader of texts would see as it is written.
_MINUS_ZERO = re.compile(rb"-0[,}\s]")


@dataclass(slots=True)
class _Rows:
    """Rows cut into cells: `raw[c][i]` is the text of row i in column c, `starts[i]` its line counted from the block's first."""

    raw: Sequence[Sequence[str]]
    starts: Sequence[int]
    refused: list[tuple[int, str, str, Text]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The rows of a kind: `decode` makes of a line an object that holds the cells in the order of `names`."""

    names: Sequence[str]
    decode: Callable[[bytes], msgspec.Struct]


def understand(kind: ImportKind, path: Path, reading: Reading, digest: str = "") -> tuple[Scan, Layout]:
    """Return what a file is and how its lines become columns: rows of JSON by the reading or the file's name, else a table.

    `digest` is the SHA-256 of rows of JSON where somebody has it already: then they are not read for it.
    """
    if reading.form == "rows" or (not reading.form and path.suffix.lower() in SUFFIXES):
        found = _scan_rows(path, digest)
        width = len(kind.columns)
        return found, Layout("utf-8", "\n", ROWS, found.start, 1, width, tuple(range(width)))
    found = scan(path, reading.encoding)
    return found, lay_out(kind, found, reading)


def read_blocks(handle: BinaryIO, kind: ImportKind, layout: Layout, offset: int, line: int) -> Iterator[Block]:
    """Yield the blocks of a file from byte `offset`, which begins `line`, to its end: of a table, or of rows of JSON."""
    if layout.delimiter != ROWS:
        yield from blocks(handle, kind, layout, offset, line)
        return
    converters = [Converter(column) for column in kind.columns]
    shape = _shape([column.name for column in kind.columns])
    while True:
        handle.seek(offset)
        data = handle.read(BLOCK_BYTES)
        if not data:
            return
        cut = data.rfind(b"\n") + 1
        if not cut and len(data) == BLOCK_BYTES:
            block = _endless(handle, data, offset, line)
        else:
            block = _block(data[:cut] if cut else data, shape, converters, offset, line)
        offset, line = block.end, block.next_line
        yield block


def _shape(names: Sequence[str]) -> _Shape:
    """Return how rows with columns of these names are decoded: unknown names are refused, numbers with a point stay texts."""
    places = [f"c{place}" for place in range(len(names))]
    row = msgspec.defstruct(
        "Row",
        [(place, Any, None) for place in places],
        rename=dict(zip(places, names, strict=True)),
        forbid_unknown_fields=True,
        gc=False,
    )
    return _Shape(names, msgspec.json.Decoder(row, float_hook=str).decode)


def _scan_rows(path: Path, digest: str) -> Scan:
    try:
        with path.open("rb") as handle:
            digest = digest or _digest(handle)
            size = handle.seek(0, os.SEEK_END)
            handle.seek(0)
            head = handle.read(len(codecs.BOM_UTF8))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise refuse("absent", text("core.imports.absent", "There is no file %(name)s.", name=path.name)) from error
    start = len(codecs.BOM_UTF8) if head == codecs.BOM_UTF8 else 0
    if size == start:
        raise refuse("empty", text("core.imports.empty", "The file is empty: there is nothing to import."))
    return Scan(digest, size, "utf-8", start, b"\n", b"")


def _digest(handle: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := handle.read(BLOCK):
        digest.update(piece)
    return digest.hexdigest()


def _endless(handle: BinaryIO, data: bytes, offset: int, line: int) -> Block:
    """Step over a line that is too long to be a row: it is one reject, however long it is."""
    length = len(data)
    while piece := handle.read(BLOCK_BYTES):
        place = piece.find(b"\n") + 1
        length += place or len(piece)
        if place:
            break
    shown = data[:_SHOWN].decode("utf-8", "replace")
    block = Block(line, offset + length, line + 1, shown)
    block.rejects.append(Reject(line, "", "", _TOO_LONG, shown))
    return block


def _block(data: bytes, shape: _Shape, converters: Sequence[Converter], offset: int, line: int) -> Block:
    rows = _at_once(data, shape) or _one_by_one(data.decode("utf-8", "surrogateescape"), shape.names)
    block = Block(line, offset + len(data), line + data.count(b"\n") + (not data.endswith(b"\n")), data)
    _fill(block, shape.names, converters, rows)
    return block


def _fill(block: Block, names: Sequence[str], converters: Sequence[Converter], rows: _Rows) -> None:
    """Turn the cells of rows into the block's values and rejects."""
    lines: list[str] = []

    def reject(start: int, name: str, value: str, reason: Text) -> None:
        if not lines:
            lines.extend(block.rows())
        block.rejects.append(
            Reject(block.first_line + start, name, _clean(value)[:_SHOWN], reason, lines[start].rstrip())
        )

    for start, name, value, reason in rows.refused:
        reject(start, name, value, reason)
    bad: dict[int, tuple[int, Text]] = {}
    values: list[Sequence[Cell]] = [
        converter.column(cells, index, bad)
        for index, (converter, cells) in enumerate(zip(converters, rows.raw, strict=True))
    ]
    for row in sorted(bad):
        index, reason = bad[row]
        reject(rows.starts[row], names[index], rows.raw[index][row].strip(), reason)
    starts: Sequence[int] = rows.starts
    if bad:
        starts, values = without([starts], bad)[0], without(values, bad)
    block.rejects.sort(key=lambda each: each.line)
    block.lines = [block.first_line + start for start in starts]
    block.columns = values


def _at_once(data: bytes, shape: _Shape) -> _Rows | None:
    """Return the rows of a block whose lines are each one flat object of known names; None for any other block."""
    lines = data.removesuffix(b"\n").split(b"\n")
    try:
        rows = map(astuple, map(shape.decode, lines))
        raw = [_texts(cells, data) for cells in zip(*rows, strict=True)]
    except (TypeError, ValueError, RecursionError):
        return None
    return _Rows(raw, range(len(lines)))


def _texts(cells: Sequence[Any], body: bytes) -> Sequence[str]:
    """Return cells as they are written, null as an empty one. Raises ValueError when one is no text, number or null, or cannot be
    kept."""
    try:
        joined = "".join(cells)
    except TypeError:
        if 0 in cells and _MINUS_ZERO.search(body):
            raise
        cells = ["" if cell is None else str(cell) if type(cell) is int else cell for cell in cells]
        joined = "".join(cells)
    if "\x00" in joined:
        raise ValueError
    return cells


def _one_by_one(source: str, names: Sequence[str]) -> _Rows:
    raw: list[list[str]] = [[] for _ in names]
    found = _Rows(raw, [], [])
    starts: list[int] = []
    known = set(names)
    for start, line in enumerate(source.split("\n")):
        if not line.strip():
            continue
        row = _row(line)
        fault = ("", "", row) if isinstance(row, Text) else _fault(row, known)
        if fault is not None or isinstance(row, Text):
            found.refused.append((start, *(fault or ("", "", _NOT_ROW))))
            continue
        starts.append(start)
        for cells, name in zip(raw, names, strict=True):
            cells.append(row.get(name) or "")
    found.starts = starts
    return found


def _row(line: str) -> dict[str, Any] | Text:
    """Return the object of a line, or why there is none."""
    if _clean(line) != line:
        return _NOT_UTF8
    try:
        found = _DECODE(line)
    except (ValueError, RecursionError):
        return _NOT_ROW
    return found if isinstance(found, dict) else _NOT_ROW


def _fault(row: dict[str, Any], known: set[str]) -> tuple[str, str, Text] | None:
    """Return (column, value, reason) of what is wrong with a row as such, or None."""
    for name, value in row.items():
        if name not in known:
            reason = text(
                "core.imports.row_unknown",
                "There is no column %(name)s. There are: %(known)s.",
                name=_clean(name)[:60],
                known=", ".join(sorted(known)),
            )
            return "", "", reason
        if value is not None and not isinstance(value, str):
            return name, json.dumps(value, ensure_ascii=False)[:_SHOWN], _NOT_SCALAR
        if value and (_clean(value) != value or "\x00" in value):
            return name, value, _NOT_UTF8
    return None


def _clean(value: str) -> str:
    """Return a text that any database keeps: halves of pairs and bytes that were no UTF-8 become question marks."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
