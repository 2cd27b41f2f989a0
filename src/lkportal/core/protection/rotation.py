"""Re-encryption of stored values under the newest key while the portal runs. Keys are in crypto, the column type in columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, and_, bindparam, column, func, select, table, tuple_, update
from sqlalchemy.sql.expression import TableClause

from lkportal.core.columns import sealed_columns
from lkportal.core.db import Database
from lkportal.core.protection.crypto import KeyRing


def rotate(
    database: Database,
    metadata: MetaData,
    ring: KeyRing,
    batch: int = 500,
    done: Callable[[str, int], None] = lambda _context, _count: None,
) -> int:
    """Re-encrypt every value of every Encrypted column that is not under the newest key; return how many were.

    Each batch is a unit of its own, and a value is replaced only if it still is what was read, so people may go on
    writing and a stopped rotation continues where it was. It ends when a whole pass finds nothing: then the older keys
    may leave the setting, provided that all processes already run with the new one. `done(context, count)` hears of
    every batch.
    """
    total = 0
    for owner in metadata.sorted_tables:
        for sealed in sealed_columns(owner):
            while changed := _rotate_column(database, owner, sealed, ring, batch, done):
                total += changed
    return total


def _rotate_column(
    database: Database,
    owner: Table,
    sealed: Column[Any],
    ring: KeyRing,
    batch: int,
    done: Callable[[str, int], None],
) -> int:
    context = f"{owner.name}.{sealed.name}"
    keys = [key.name for key in owner.primary_key.columns]
    # A plain twin of the table: the sealed column is text here, so that tokens pass as they are.
    twin = table(
        owner.name, *(column(key.name, key.type) for key in owner.primary_key.columns), column(sealed.name, Text())
    )
    last: tuple[Any, ...] | None = None
    changed = 0
    while rows := _outdated(database, twin, keys, sealed.name, ring, batch, last):
        last = rows[-1]
        count = _replace(database, twin, keys, sealed.name, [_renewed(row, keys, ring, context) for row in rows])
        changed += count
        done(context, count)
    return changed


def _outdated(
    database: Database,
    twin: TableClause,
    keys: list[str],
    name: str,
    ring: KeyRing,
    batch: int,
    last: tuple[Any, ...] | None,
) -> list[tuple[Any, ...]]:
    prefix = f"{ring.primary}:"
    order = [twin.c[key] for key in keys]
    query = select(*order, twin.c[name]).where(twin.c[name] != "", func.substr(twin.c[name], 1, len(prefix)) != prefix)
    if last is not None:
        query = query.where(tuple_(*order) > tuple_(*last[: len(keys)]))
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(*order).limit(batch))]


def _renewed(row: tuple[Any, ...], keys: list[str], ring: KeyRing, context: str) -> dict[str, Any]:
    token: str = row[len(keys)]
    renewed = ring.encrypt(ring.decrypt(token, context), context)
    return {**{f"key_{key}": row[position] for position, key in enumerate(keys)}, "old": token, "new": renewed}


def _replace(database: Database, twin: TableClause, keys: list[str], name: str, rows: list[dict[str, Any]]) -> int:
    same = and_(*(twin.c[key] == bindparam(f"key_{key}") for key in keys), twin.c[name] == bindparam("old"))
    statement = update(twin).where(same).values({name: bindparam("new")})
    with database.unit() as db:
        return sum(db.connection().execute(statement, row).rowcount for row in rows)
