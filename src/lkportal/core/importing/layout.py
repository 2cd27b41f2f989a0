"""Which cell of a line is which column of a kind: header or none, aliases, an explicit mapping, and the sentences that say
what is wrong with line 1 and how to cure it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lkportal.core.i18n import text
from lkportal.core.importing.kind import Column, ImportKind, Unfit
from lkportal.core.importing.sniff import DELIMITERS, ENCODINGS, Scan, find_delimiter, refuse

ROWS = "{}"
"""The delimiter of a file that is no table: each line is a JSON object (imports_rows)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the operator wants a file to be read; what is left empty is found out.

    `mapping` says which header (or which cell, counted from 1) is a column: {"amount": "Сумма"}. `form` is "rows" for one JSON
    object a line and "table" for cells; left empty, the file's name tells (.ndjson, .jsonl).
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None
    ignore_unknown: bool = False
    form: Literal["", "table", "rows"] = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of a file become columns. `positions` has a cell index for each column of the kind, -1 when it is absent;
    data begin at byte `start`, on line `line`, and each row has `width` cells."""

    encoding: str
    ending: str
    delimiter: str
    start: int
    line: int
    width: int
    positions: tuple[int, ...]
    headers: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the layout as plain JSON, to be kept with a run and compared when it goes on."""
        names = ("encoding", "ending", "delimiter", "start", "line", "width")
        return {name: getattr(self, name) for name in names} | {"positions": list(self.positions)}

    def cell(self, row: str, kind: ImportKind, column: str) -> str:
        """Return what stands in `column` of a row as it was written; "" when the row or the kind has no such column."""
        if self.delimiter == ROWS:
            return str(json.loads(row, parse_float=str, parse_int=str).get(column) or "").strip()
        places = {known.name: place for known, place in zip(kind.columns, self.positions, strict=True)}
        place = places.get(column, -1)
        cells = next(csv.reader(row.splitlines(keepends=True), delimiter=self.delimiter, skipinitialspace=True), [])
        return cells[place].strip() if 0 <= place < len(cells) else ""

    @property
    def encoding_title(self) -> str:
        """The encoding as people call it: windows-1251."""
        return ENCODINGS.get(self.encoding, self.encoding)


def lay_out(kind: ImportKind, scan: Scan, reading: Reading) -> Layout:
    """Return the layout of a scanned file for `kind`. Raises PortalError: imports.columns (names line 1 and the cure), .empty."""
    lines = scan.lines
    first = next(number for number, line in enumerate(lines) if line.strip())
    needed = sum(column.required for column in kind.columns)
    delimiter = _delimiter(reading.delimiter) or find_delimiter(lines[first:], needed)
    cells = [cell.strip() for cell in _cells(lines[first], delimiter)]
    if _has_header(kind, cells, reading, _cells(_second(lines, first), delimiter)):
        positions = _by_header(kind, cells, reading, first + 1)
        start, line, width, headers = scan.after(first + 1), first + 2, len(cells), tuple(cells)
    else:
        width = _common_width(lines[first:], delimiter)
        positions = _by_place(kind, width, reading, first + 1)
        start, line, headers = scan.after(first), first + 1, ()
    if start >= scan.size:
        raise refuse("empty", text("core.imports.only_header", "The file has a header and no rows: nothing to import."))
    return Layout(scan.encoding, scan.ending.decode(), delimiter, start, line, width, positions, headers)


def folded(header: str) -> str:
    """Return a header as it is compared: small letters and digits only, ё as е."""
    return "".join(letter for letter in header.casefold().replace("ё", "е") if letter.isalnum())


def _names(header: str) -> tuple[str, str]:
    """Return what a header may be called: the whole of it, and the part before its unit ("Сумма, руб.", "Объём (м3)")."""
    return folded(header), folded(header.partition(",")[0].partition("(")[0])


def _delimiter(asked: str) -> str:
    found = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ","}.get(asked, asked)
    if found and found not in DELIMITERS:
        raise refuse(
            "columns",
            text(
                "core.imports.delimiter_unknown",
                "The delimiter %(asked)s is not known. Use one of: semicolon, comma, tab.",
                asked=asked,
            ),
        )
    return found


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _second(lines: Sequence[str], first: int) -> str:
    return next((line for line in lines[first + 1 :] if line.strip()), "")


def _common_width(lines: Sequence[str], delimiter: str) -> int:
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row)
    return widths.most_common(1)[0][0]


def _aliases(kind: ImportKind) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, column in enumerate(kind.columns):
        for alias in (column.name, *column.aliases):
            found.setdefault(folded(alias), index)
    return found


def _has_header(kind: ImportKind, cells: Sequence[str], reading: Reading, second: Sequence[str]) -> bool:
    """Whether line 1 names columns: it was said so, a cell is a known name, or it cannot be data while the next line is."""
    if reading.header is not None:
        return reading.header
    asked = {folded(target) for target in reading.mapping.values() if not target.isdecimal()}
    known = _aliases(kind)
    if any(name in known or name in asked for cell in cells for name in _names(cell) if name):
        return True
    return not kind.positional or (_misfits(kind, cells) > 0 and second != [] and _misfits(kind, second) == 0)


def _misfits(kind: ImportKind, cells: Sequence[str]) -> int:
    """Count the cells that cannot be what stands at their place."""
    return sum(not _fits(column, cell.strip()) for column, cell in zip(kind.columns, cells, strict=False))


def _fits(column: Column, cell: str) -> bool:
    if not cell:
        return not column.required
    try:
        column.parse.one(cell)
    except Unfit:
        return False
    return True


def _by_header(kind: ImportKind, cells: Sequence[str], reading: Reading, line: int) -> tuple[int, ...]:
    owners: dict[int, list[int]] = {}
    known = _aliases(kind)
    mapped = _mapped(kind, reading, len(cells), cells, line)
    unknown = []
    for place, cell in enumerate(cells):
        whole, short = _names(cell)
        owner = known.get(whole, known.get(short))
        if place in mapped.values() or not whole:
            continue
        if owner is None:
            unknown.append(cell)
        elif kind.columns[owner].name not in mapped:
            owners.setdefault(owner, []).append(place)
    _refuse_doubles(kind, owners, cells, line)
    if unknown and not reading.ignore_unknown:
        _refuse_unknown(kind, unknown, line)
    places = {kind.columns[owner].name: found[0] for owner, found in owners.items()} | mapped
    return _complete(kind, places, line, found=", ".join(f"«{cell}»" for cell in cells))


def _by_place(kind: ImportKind, width: int, reading: Reading, line: int) -> tuple[int, ...]:
    mapped = _mapped(kind, reading, width, (), line)
    if mapped:
        return _complete(kind, mapped, line, found=str(width))
    if width > len(kind.columns) and not reading.ignore_unknown:
        raise refuse(
            "columns",
            text(
                "core.imports.too_wide",
                "Line %(line)s: the file has no header and %(width)s cells in a row, but this kind has %(known)s columns. "
                "Add a header, or say which cell is what with --map COLUMN=NUMBER.",
                line=line,
                width=width,
                known=len(kind.columns),
            ),
        )
    return _complete(
        kind, {c.name: place for place, c in enumerate(kind.columns) if place < width}, line, found=str(width)
    )


def _mapped(kind: ImportKind, reading: Reading, width: int, headers: Sequence[str], line: int) -> dict[str, int]:
    """Return what the operator's mapping says: column -> cell index."""
    names, known = [folded(header) for header in headers], _aliases(kind)
    places: dict[str, int] = {}
    for asked, target in reading.mapping.items():
        owner = known.get(folded(asked))
        if owner is None:
            raise refuse(
                "columns",
                text(
                    "core.imports.map_column",
                    "This kind has no column %(name)s. Its columns: %(known)s.",
                    name=asked,
                    known=_known(kind),
                ),
            )
        column = kind.columns[owner].name
        if folded(target) in names:
            places[column] = names.index(folded(target))
        elif target.isdecimal() and 1 <= int(target) <= width:
            places[column] = int(target) - 1
        else:
            raise refuse(
                "columns",
                text(
                    "core.imports.map_target",
                    "Line %(line)s has no column «%(target)s» for %(name)s. Correct --map %(name)s=NAME.",
                    line=line,
                    target=target,
                    name=column,
                ),
            )
    return places


def _complete(kind: ImportKind, places: Mapping[str, int], line: int, found: str) -> tuple[int, ...]:
    missing = [column.name for column in kind.columns if column.required and column.name not in places]
    if missing:
        names = ", ".join(missing)
        raise refuse(
            "columns",
            text(
                "core.imports.missing",
                "Line %(line)s: these columns are missing: %(names)s. Found: %(found)s. "
                "Correct the header, or name the column with --map COLUMN=NAME.",
                line=line,
                names=names,
                found=found,
            ),
        )
    return tuple(places.get(column.name, -1) for column in kind.columns)


def _refuse_doubles(kind: ImportKind, owners: Mapping[int, Sequence[int]], cells: Sequence[str], line: int) -> None:
    for owner, places in owners.items():
        if len(places) > 1:
            names = ", ".join(f"«{cells[place]}»" for place in places)
            column = kind.columns[owner].name
            raise refuse(
                "columns",
                text(
                    "core.imports.double",
                    "Line %(line)s: %(names)s all mean %(column)s. Say which one is right with --map %(column)s=NAME or "
                    "--map %(column)s=NUMBER.",
                    line=line,
                    names=names,
                    column=column,
                ),
            )


def _refuse_unknown(kind: ImportKind, unknown: Sequence[str], line: int) -> None:
    names = ", ".join(f"«{name}»" for name in unknown)
    raise refuse(
        "columns",
        text(
            "core.imports.unknown",
            "Line %(line)s: these columns are not known: %(names)s. Say what they are with --map COLUMN=NAME, or leave them "
            "out with --ignore-unknown; if the line is no header but data, say --no-header. The columns of this kind: %(known)s.",
            line=line,
            names=names,
            known=_known(kind),
        ),
    )


def _known(kind: ImportKind) -> str:
    """Return the columns with what our customers' files call them: unit (ед. изм.)."""
    called = ((column.name, next(iter(column.aliases), "")) for column in kind.columns)
    return ", ".join(f"{name} ({alias})" if alias else name for name, alias in called)
