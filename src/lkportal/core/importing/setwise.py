"""Set-based statements on a batch of an import: names and values filled in, each with its type on both databases.
What the statements say is for the kinds; how rows come into the staging table is in stage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CursorResult, Date, String, bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from lkportal.core.columns import UTCDateTime
from lkportal.core.ids import sql_public_id
from lkportal.core.importing.kind import Staged


class Setwise:
    """The statements of one batch: `{staging}`, `{public_id}` and `names` are put in, values are given by name."""

    def __init__(self, db: Session, staged: Staged, values: Mapping[str, Any], **names: str) -> None:
        self._connection = db.connection()
        self._dialect = db.get_bind().dialect.name
        self._names = {"staging": staged.table.name, "public_id": sql_public_id(self._dialect), **names}
        self._values = dict(values)

    def take_turn(self, matter: str) -> None:
        """Let batches of other imports of this matter wait: they may touch the same rows in another order."""
        self.on_postgresql(f"SELECT pg_advisory_xact_lock(hashtext('{matter}'))")

    def run(self, statement: str, **more: Any) -> CursorResult[Any]:
        """Run one statement with those values it names."""
        filled = statement.format(**self._names)
        known = {**self._values, **more}
        named = {name: value for name, value in known.items() if re.search(f":{name}\\b", filled)}
        typed = [bindparam(name, type_=_type_of(value)) for name, value in named.items()]
        return self._connection.execute(text(filled).bindparams(*typed), named)

    def finds(self, statement: str) -> bool:
        """Whether a statement returns any row."""
        return self.run(statement).first() is not None

    def settle(self, *tables: str) -> None:
        """Tell PostgreSQL how large freshly filled temporary tables are: it would plan for empty ones."""
        for table in tables:
            self.on_postgresql(f"ANALYZE {table}")

    def on_postgresql(self, statement: str) -> None:
        """Run what SQLite does not need: it lets one write at a time."""
        if self._dialect == "postgresql":
            self._connection.exec_driver_sql(statement)


def staged_day(db: Session, column: str) -> str:
    """Return the SQL of a staged day as a date: it is staged as text, which is what SQLite keeps."""
    return column if db.get_bind().dialect.name == "sqlite" else f"CAST({column} AS date)"


def _type_of(value: object) -> TypeEngine[Any]:
    match value:
        case datetime():
            return UTCDateTime()
        case date():
            return Date()
        case int():
            return BigInteger()
    return String()
