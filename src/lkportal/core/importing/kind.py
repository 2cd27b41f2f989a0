"""What a module says of a file it takes: columns, how a cell is read, what is done with a loaded batch. Plain data.
How cells are read lives in imports_parse, the run in imports_run; others import all of it from imports."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Table
from sqlalchemy.orm import Session

from lkportal.core.i18n import Text, text

if TYPE_CHECKING:
    from lkportal.core.events import Event

Cell = str | int | None
Stored = Literal["text", "integer", "date"]


class Unfit(ValueError):
    """A cell that cannot be read: `reason` says what was expected, for the rejects file."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parser:
    """How the cells of a column are read.

    `one(cell)` gets a trimmed, non-empty cell and returns its value or raises `Unfit`. `stored` is the staging type: dates
    are ISO strings, money and volumes integers. `many(cells)` is an optional fast way for plain cells: it returns exactly
    what `one` would for each, or raises ValueError when any cell is not plain; then `one` is asked. `schema` tells in JSON
    Schema what may be sent, with `examples` of it: a text when empty.
    """

    one: Callable[[str], Cell]
    stored: Stored
    many: Callable[[Sequence[str]], Sequence[Cell]] | None = None
    show: Callable[[Cell], str] = str
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: `name` in the staging table, `aliases` its headers in Russian and English.

    Headers are compared without case, spaces, punctuation and the dots of ё; `name` itself is an alias. A column that is not
    `required` may be absent or empty: then the staged value is NULL.
    """

    name: str
    title: Text
    parse: Parser
    aliases: tuple[str, ...] = ()
    required: bool = True


def column(name: str, title: Text, parse: Parser, *aliases: str, required: bool = True) -> Column:
    """Return a column with its headers one after the other."""
    return Column(name, title, parse, aliases, required)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a batch's SQL refuses a row: the `column` at fault and the `reason` with its cure."""

    column: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Staged:
    """A batch waiting in the staging table, all rows well-formed, none of them applied yet.

    `table` is a temporary table with `line` (integer, unique: the line in the file), the kind's columns and `reject` (text,
    NULL). `parameters` are the named groups of the file's name and what the operator set; `import_id` is core_imports.id,
    `import_public` the id the world sees, `batch` counts from 1.
    """

    table: Table
    rows: int
    import_id: int
    import_public: str
    batch: int
    kind: str
    file_name: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch: one `event` to emit for it, and `counts` (name -> rows) summed up over the whole import."""

    event: Event | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of file. `apply(db, staged)` writes a batch into the module's tables by set-based SQL, in the batch's transaction.

    It marks the rows it refuses with `UPDATE staging SET reject = '<code>'` (codes are keys of `rejections`) and writes the
    rest. It must be right when the same fact comes twice: another file may bring it again.
    `file_name` is a regular expression by which a file is known (its named groups become parameters); `answers_to` are names
    of other kinds under which such a file is also found. `positional` kinds may come without a header, in column order.
    `parameters` are names the operator may set (name -> title). `permission` guards the staff's upload.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    apply: Callable[[Session, Staged], Applied]
    rejections: Mapping[str, Rejection] = field(default_factory=dict)
    file_name: str = ""
    answers_to: tuple[str, ...] = ()
    positional: bool = False
    parameters: Mapping[str, Text] = field(default_factory=dict)
    permission: str = ""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        taken = {"line", "reject"} & set(names) or {name for name in names if names.count(name) > 1}
        if taken or not names:
            raise ValueError(
                f"The import kind {self.name} needs columns of their own names: {sorted(taken)} cannot be used"
            )

    def claims(self, file_name: str) -> Mapping[str, str] | None:
        """Return the parameters found in `file_name` when this kind knows it by name, else None."""
        match = re.fullmatch(self.file_name, file_name, re.IGNORECASE) if self.file_name else None
        return (
            None if match is None else {name: value for name, value in match.groupdict().items() if value is not None}
        )

    def column(self, name: str) -> Column:
        """Return the column called `name`. Raises KeyError."""
        return {column.name: column for column in self.columns}[name]


EMPTY = text("core.imports.cell_empty", "The cell is empty. Fill it in.")
"""The reason given for an empty cell of a required column."""


def rejection(kind: ImportKind, code: str) -> Rejection:
    """Return why `kind` refused a row by `code`; an undeclared code is shown as it is."""
    known = kind.rejections.get(code)
    if known is not None:
        return known
    return Rejection("", text("core.imports.refused", "The row was refused: %(code)s.", code=code))
