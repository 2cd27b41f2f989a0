"""Everything a thief of a copy would read: each row of each table as text, and the bytes of a SQLite file."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from lkportal.core.db import Database

_SYSTEM = ("pg_catalog", "information_schema")


def dump(database: Database) -> str:
    """Return all rows of all tables of all schemas, a line each. On SQLite also the file itself and its journal."""
    lines: list[str] = []
    with database.reading() as connection:
        inspector = inspect(connection)
        schemas = [None] if database.is_sqlite else [s for s in inspector.get_schema_names() if s not in _SYSTEM]
        quote = connection.dialect.identifier_preparer.quote
        for schema in schemas:
            for table in inspector.get_table_names(schema=schema):
                name = quote(table) if schema is None else f"{quote(schema)}.{quote(table)}"
                rows = connection.exec_driver_sql(f"SELECT * FROM {name}")
                lines += [f"{name}: {tuple(row)}" for row in rows]
    if database.is_sqlite:
        file = Path(str(database.engine.url.database))
        for part in (file, file.with_name(f"{file.name}-wal")):
            lines += [part.read_bytes().decode("utf-8", "replace")] if part.is_file() else []
    return "\n".join(lines)
