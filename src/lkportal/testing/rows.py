"""The rows of a town's database: compared before and after, and put back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lkportal.core.db import Database
from lkportal.testing.canaries import Owner, owned, tables_of
from lkportal.testing.statements import Statements
from lkportal.testing.town import Town

Rows = dict[tuple[str, tuple[Any, ...]], tuple[tuple[str, ...], frozenset[Owner]]]
"""(table, key) -> (values, owners)."""

# Written about people by the portal itself, whoever acts: refusals in the audit, events on their way.
_OWN_BOOKS = frozenset({"audit", "core"})
_WRITTEN = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


def rows_of(town: Town, only: frozenset[str] | None = None) -> Rows:
    """Return every owned row of all installed modules, or those of some tables."""
    found: Rows = {}
    modules = {module.name for module in town.portal.registry.installed} - _OWN_BOOKS
    with town.portal.database.reading() as connection:
        for table in tables_of(modules):
            if only is not None and table.name not in only:
                continue
            owners = owned(connection, table)
            for row in connection.execute(select(table)).mappings() if owners else ():
                key = tuple(row[column] for column in table.primary_key.columns)
                if key in owners:
                    found[table.name, key] = (tuple(map(str, row.values())), owners[key])
    return found


def written_tables(statements: Statements, *, own_books: bool = False) -> frozenset[str]:
    """Return the tables that a block wrote to; those of the audit, which keeps refusals, only with `own_books`."""
    named = (_WRITTEN.match(text) for text in statements.writes)
    return frozenset(found[1] for found in named if found and (own_books or not found[1].startswith("audit_")))


def changes(before: Rows, after: Rows) -> Iterator[tuple[str, frozenset[Owner]]]:
    """Yield the table and owners of each row that was changed, added or deleted."""
    for place in before.keys() | after.keys():
        one, other = before.get(place), after.get(place)
        if one != other:
            yield place[0], (one or other or ((), frozenset()))[1]


class Snapshot:
    """The SQLite database as it is now, to be put back any number of times."""

    def __init__(self, database: Database) -> None:
        assert database.is_sqlite, "Only a SQLite database is put back; on PostgreSQL walk without forms."
        self._database = database
        self._file = Path(str(database.engine.url.database))
        self._kept = self._file.with_suffix(".kept")
        database.close()
        shutil.copyfile(self._file, self._kept)

    def restore(self) -> None:
        """Put the database back."""
        self._database.close()
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._file)
