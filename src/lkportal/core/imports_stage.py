"""The staging table: a temporary table that lives for one batch. Rows go in by COPY on PostgreSQL, by executemany on SQLite.
What is done with them is the kind's affair."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Date, MetaData, Table, Text, select
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import TypeEngine

from lkportal.core.imports_kind import Cell, ImportKind
from lkportal.core.imports_read import Block

NAME = "core_import_staging"
_TYPES: dict[str, TypeEngine[Any]] = {"text": Text(), "integer": BigInteger(), "date": Date()}


def staging_table(kind: ImportKind) -> Table:
    """Return the staging table of `kind`: line, its columns, reject. One object for a whole run, so that statements cache."""
    columns = [Column(column.name, _TYPES[column.parse.stored]) for column in kind.columns]
    line = Column("line", BigInteger, nullable=False)
    return Table(NAME, MetaData(), line, *columns, Column("reject", Text), prefixes=["TEMPORARY"])


def packed(blocks: Sequence[Block], *, is_sqlite: bool) -> Any:
    """Return the rows of `blocks` as their database takes them fastest: tuples, or the text of a COPY."""
    if is_sqlite:
        return [row for block in blocks for row in _rows(block)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for block in blocks:
        writer.writerows(_rows(block))
    return text.getvalue().encode()


def stage(db: Session, table: Table, rows: Any) -> None:
    """Create the staging table in the transaction of `db` and fill it with `packed` rows."""
    connection = db.connection()
    filled = [column for column in table.columns if column.name != "reject"]
    names = ", ".join(f'"{column.name}"' for column in filled)
    connection.execute(CreateTable(table))
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(filled))
        connection.exec_driver_sql(f"INSERT INTO {NAME} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {NAME} ({names}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(rows)


def refused(db: Session, table: Table) -> list[tuple[int, str]]:
    """Return (line, code) of the rows that the kind's SQL marked."""
    marked = select(table.c.line, table.c.reject).where(table.c.reject.is_not(None)).order_by(table.c.line)
    return [(row.line, row.reject) for row in db.execute(marked)]


def clear(db: Session, table: Table) -> None:
    """Drop the staging table, so that the connection goes back clean."""
    db.execute(DropTable(table))


def _rows(block: Block) -> Iterator[tuple[Cell, ...]]:
    return zip(block.lines, *block.columns, strict=True)
