"""Running set-based statements in the batch of an import: names and values filled in, one import at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import CursorResult, Date, Integer, String, bindparam, text
from sqlalchemy.orm import Session

from lkportal.core.columns import UTCDateTime
from lkportal.core.ids import sql_public_id
from lkportal.core.imports import Staged

_TYPES = {"now": UTCDateTime(), "batch": String()}


class Setwise:
    """The statements of one batch: `{staging}`, `{public_id}` and `names` are put in, values are given by name."""

    def __init__(self, db: Session, staged: Staged, values: Mapping[str, Any], **names: str) -> None:
        self._connection = db.connection()
        self._dialect = db.get_bind().dialect.name
        self._names = {"staging": staged.table.name, "public_id": sql_public_id(self._dialect), **names}
        self._values = dict(values)

    def take_turn(self) -> None:
        """Let batches of other imports of payments wait: they may touch the same bills and accounts in another order."""
        if self._dialect == "postgresql":
            self._connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('payments_import'))")

    def hold(self, table: str) -> None:
        """Let others who act on the accounts of `table` wait until the batch is written. Their ledgers are locked in the order of
        accounts, as by whoever pays for several at once: in any other the two would wait for each other."""
        if self._dialect == "postgresql":
            self._connection.exec_driver_sql(
                f"SELECT count(*) FROM (SELECT id FROM payments_ledgers WHERE account_id IN (SELECT account_id FROM {table})"  # noqa: S608 - our own names
                " ORDER BY account_id FOR NO KEY UPDATE) held"
            )

    def run(self, statement: str, **more: Any) -> CursorResult[Any]:
        """Run one statement with those values it names."""
        filled = statement.format(**self._names)
        known = {**self._values, **more}
        named = {name: value for name, value in known.items() if re.search(f":{name}\\b", filled)}
        typed = [bindparam(name, type_=_kind(name, value)) for name, value in named.items()]
        return self._connection.execute(text(filled).bindparams(*typed), named)

    def finds(self, statement: str) -> bool:
        """Whether a statement returns any row."""
        return self.run(statement).first() is not None

    def settle(self, *tables: str) -> None:
        """Tell PostgreSQL how large freshly filled temporary tables are: it would plan for empty ones."""
        if self._dialect == "postgresql":
            for table in tables:
                self._connection.exec_driver_sql(f"ANALYZE {table}")


def _kind(name: str, value: Any) -> Any:
    if name in _TYPES:
        return _TYPES[name]
    if isinstance(value, date):
        return Date()
    return Integer() if isinstance(value, int) else String()
