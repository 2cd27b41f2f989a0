"""A column's cells turned into values: the parser's fast way when all cells are plain, a bounded memory of cells already
read when not, and one by one when some cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import compress
from typing import TypeVar

from lkportal.core.i18n import Text
from lkportal.core.importing.kind import EMPTY, Cell, Column, Unfit

_REMEMBERED = 50_000
_FEW = 32
T = TypeVar("T")


class Converter:
    """Reads the cells of one column, block after block."""

    def __init__(self, column: Column) -> None:
        self._required = column.required
        self._many = column.parse.many
        self._known = _Known(column)

    def column(self, cells: Sequence[str], index: int, bad: dict[int, tuple[int, Text]]) -> Sequence[Cell]:
        """Return the values of `cells`. A cell that cannot be read puts row -> (index, reason) into `bad` and gives None."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        found: dict[int, Text] = {}
        values = self._part(cells, 0, found)
        for row, reason in found.items():
            bad.setdefault(row, (index, reason))
        return values

    def _part(self, cells: Sequence[str], start: int, found: dict[int, Text]) -> Sequence[Cell]:
        """Read cells at once; when one is not plain, halve them, so that the others still go the fast way."""
        try:
            return self._at_once(cells)
        except ValueError:
            if len(cells) <= _FEW:
                return [self._one(cell, start + place, found) for place, cell in enumerate(cells)]
        half = len(cells) // 2
        return [*self._part(cells[:half], start, found), *self._part(cells[half:], start + half, found)]

    def _at_once(self, cells: Sequence[str]) -> Sequence[Cell]:
        if self._many is None:
            return list(map(self._known.__getitem__, cells))
        if self._required or "" not in cells:
            return self._many(cells)
        filled = [cell for cell in cells if cell]
        values = iter(self._many(filled) if filled else ())
        return [next(values) if cell else None for cell in cells]

    def _one(self, cell: str, row: int, found: dict[int, Text]) -> Cell:
        try:
            return self._known[cell]
        except Unfit as unfit:
            found[row] = unfit.reason
            return None


class _Known(dict[str, Cell]):
    """The cells already read and their values. Names of services, dates and accounts come again and again."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._required = column.required
        self._read = column.parse.one

    def __missing__(self, cell: str) -> Cell:
        value = self[cell] = self._value(cell.strip())
        return value

    def _value(self, cell: str) -> Cell:
        if cell:
            return self._read(cell)
        if self._required:
            raise Unfit(EMPTY)
        return None


def without(columns: Sequence[Sequence[T]], rows: Collection[int]) -> list[Sequence[T]]:
    """Return `columns` without the values at `rows`."""
    kept = bytearray(b"\x01") * (len(columns[0]) if columns else 0)
    for row in rows:
        kept[row] = 0
    return [list(compress(column, kept)) for column in columns]
