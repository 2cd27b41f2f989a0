"""The staging table: a temporary table that lives for one batch. Rows go in by COPY on PostgreSQL, by many-row inserts on
SQLite. What is done with them is the kind's affair."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Column, Date, MetaData, Table, Text, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from lkportal.core.importing.kind import Cell, ImportKind
from lkportal.core.importing.read import Block

NAME = "core_import_staging"
_TYPES: dict[str, TypeEngine[Any]] = {"text": Text(), "integer": BigInteger(), "date": Date()}
# On SQLite `line` is the row's own key, and dates are text without an attempt to see a number in them.
_SQLITE = {"line": "INTEGER PRIMARY KEY", "text": "TEXT", "integer": "INTEGER", "date": "TEXT"}
_POSTGRES = {"line": "BIGINT", "text": "TEXT", "integer": "BIGINT", "date": "DATE"}
_ROWS_AT_ONCE = 50
_SPECIAL = ("\\", "\t", "\n", "\r")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def staging_table(kind: ImportKind) -> Table:
    """Return the staging table of `kind`: line, its columns, reject. One object for a whole run, so that statements cache."""
    columns = [Column(column.name, _TYPES[column.parse.stored]) for column in kind.columns]
    return Table(NAME, MetaData(), Column("line", BigInteger), *columns, Column("reject", Text))


def packed(block: Block, *, is_sqlite: bool) -> Any:
    """Return the rows of a block as their database takes them fastest: parameters of many rows, or the text of a COPY."""
    if not block.lines:
        return [] if is_sqlite else b""
    return _flat(block) if is_sqlite else _copy_text(block)


def stage(db: Session, kind: ImportKind, parts: Sequence[Any]) -> None:
    """Create the staging table in the transaction of `db` and fill it with `packed` blocks."""
    connection = db.connection()
    names = ["line", *(column.name for column in kind.columns)]
    quoted = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_creation(kind, _SQLITE))
        by_size: dict[int, list[tuple[Cell, ...]]] = {}
        for values in chain.from_iterable(parts):
            by_size.setdefault(len(values), []).append(values)
        for size, many in by_size.items():
            connection.exec_driver_sql(_insert(quoted, len(names), size // len(names)), many)
        return
    connection.exec_driver_sql(_creation(kind, _POSTGRES))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {NAME} ({quoted}) FROM STDIN") as copy:
        for part in parts:
            copy.write(part)


def refused(db: Session, table: Table) -> list[tuple[int, str]]:
    """Return (line, code) of the rows that the kind's SQL marked."""
    marked = select(table.c.line, table.c.reject).where(table.c.reject.is_not(None)).order_by(table.c.line)
    return [(row.line, row.reject) for row in db.execute(marked)]


def clear(db: Session) -> None:
    """Drop the staging table, so that the connection goes back clean."""
    db.connection().exec_driver_sql(f"DROP TABLE {NAME}")


def _creation(kind: ImportKind, types: dict[str, str]) -> str:
    columns = "".join(f', "{column.name}" {types[column.parse.stored]}' for column in kind.columns)
    return f'CREATE TEMPORARY TABLE {NAME} ("line" {types["line"]}{columns}, "reject" TEXT)'


def _flat(block: Block) -> list[tuple[Cell, ...]]:
    """Return the values row after row, as many rows in a tuple as one INSERT takes; the rows that are left stand alone."""
    width = 1 + len(block.columns)
    flat: list[Cell] = [None] * (width * len(block.lines))
    for place, values in enumerate((block.lines, *block.columns)):
        flat[place::width] = values
    step = width * _ROWS_AT_ONCE
    whole = len(flat) - len(flat) % step
    many = [tuple(flat[place : place + step]) for place in range(0, whole, step)]
    return many + [tuple(flat[place : place + width]) for place in range(whole, len(flat), width)]


def _insert(quoted: str, width: int, rows: int) -> str:
    marks = f"({', '.join('?' * width)})"
    return f"INSERT INTO {NAME} ({quoted}) VALUES {', '.join([marks] * rows)}"  # noqa: S608 - names that the kind declares


def _copy_text(block: Block) -> bytes:
    """Return the rows of a block in the text format of COPY."""
    columns = [_copy_column(column) for column in (block.lines, *block.columns)]
    return ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()


def _copy_column(values: Sequence[Cell]) -> list[str]:
    """Return values as COPY writes them: text is escaped only in a column that has something to escape."""
    texts = ["" if value is None else value for value in values if not isinstance(value, int)]
    joined = "".join(texts)
    if any(sign in joined for sign in _SPECIAL):
        return ["\\N" if value is None else str(value).translate(_ESCAPED) for value in values]
    if None in values:
        return ["\\N" if value is None else str(value) for value in values]
    return list(map(str, values))
