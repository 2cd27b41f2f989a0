"""A column's cells turned into values: the parser's fast way when all cells are plain, a bounded memory of cells already
read when not, and one by one when some cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from lkportal.core.i18n import Text
from lkportal.core.imports_kind import EMPTY, Cell, Column, Unfit

_REMEMBERED = 50_000
T = TypeVar("T")


class Converter:
    """Reads the cells of one column, block after block."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._many = column.parse.many
        self._known = _Known(column)

    def column(self, cells: Sequence[str], index: int, bad: dict[int, tuple[int, Text]]) -> Sequence[Cell]:
        """Return the values of `cells`. A cell that cannot be read puts row -> (index, reason) into `bad` and gives None."""
        if self._many is not None and (self._column.required or "" not in cells):
            try:
                return self._many(cells)
            except ValueError:
                pass  # some cell is not plain: the exact way decides
        known = self._known
        if len(known) > _REMEMBERED:
            known.clear()
        try:
            return list(map(known.__getitem__, cells))
        except Unfit:
            return [self._one(cell, row, index, bad) for row, cell in enumerate(cells)]

    def _one(self, cell: str, row: int, index: int, bad: dict[int, tuple[int, Text]]) -> Cell:
        try:
            return self._known[cell]
        except Unfit as unfit:
            bad.setdefault(row, (index, unfit.reason))
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


def without(values: Sequence[T], rows: Collection[int]) -> list[T]:
    """Return `values` without those at `rows`."""
    return [value for row, value in enumerate(values) if row not in rows]
