"""Column types and mixins that mean the same on SQLite and PostgreSQL: exact numbers, UTC times, sealed values,
public ids, provenance. The declarative base is in db."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from lkportal.core.errors import StartupError
from lkportal.core.ids import public_id
from lkportal.core.protection.crypto import KeyRing

_PG_NUMERIC = 1700
KEYRING = "portal_keyring"


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive datetime is refused: nobody knows which zone it meant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: take the moment from a clock, or attach the zone it is in")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Exact(TypeDecorator[int]):
    """A scaled integer. Floats and Decimals are refused on the way in; a sum comes back as int on both databases."""

    impl = BigInteger
    cache_ok = True
    unit: ClassVar[str]

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None or type(value) is int:
            return value
        raise TypeError(f"{value!r} is not a whole number of {self.unit}: convert it with lkportal.core.money first")

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], int | None] | None:
        # PostgreSQL answers sum(bigint) with numeric, which the driver reads as Decimal.
        return _whole if coltype == _PG_NUMERIC else None


class Minor(_Exact):
    """Money in minor units of its currency (kopecks)."""

    cache_ok = True
    unit = "minor units"


class Milli(_Exact):
    """A volume in thousandths of its unit."""

    cache_ok = True
    unit = "thousandths"


class Rate(_Exact):
    """A rate in millionths of a minor unit per whole unit of volume."""

    cache_ok = True
    unit = "millionths of a minor unit"


class JSONText(TypeDecorator[Any]):
    """A JSON value kept as text: compact, keys sorted, letters as they are, the same bytes on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class _SealedComparator(TypeDecorator.Comparator[str]):
    def operate(self, op: operators.OperatorType, *other: Any, **kwargs: Any) -> Any:
        if op in (operators.is_, operators.is_not, operators.eq, operators.ne) and other == (None,):
            return super().operate(op, *other, **kwargs)
        raise TypeError("An encrypted column cannot be compared or sorted: keep a hash beside it to search by")


class Encrypted(TypeDecorator[str]):
    """Text sealed with the portal's key ring, which rides on the engine's dialect. `context` is "table.column".

    Empty text hides nothing and stays empty, so that a value erased can be told from one that is not.
    """

    impl = Text
    cache_ok = True
    comparator_factory = _SealedComparator

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return keyring_of(dialect).encrypt(value.encode(), self.context) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return keyring_of(dialect).decrypt(value, self.context).decode() if value else value


def keyring_of(dialect: Dialect) -> KeyRing:
    """Return the key ring of the portal this dialect serves."""
    ring = getattr(dialect, KEYRING, None)
    if not isinstance(ring, KeyRing):
        raise StartupError("keyring_missing", "This database was opened without a key ring: use Database.connect.")
    return ring


def pk() -> MappedColumn[int]:
    """Return the internal key of a table: bigint, counted by the database. It never leaves the portal."""
    return mapped_column(big_key(), primary_key=True, autoincrement=True)


def big_key() -> TypeEngine[int]:
    """Return the type of internal keys and of columns that point at them (SQLite counts only plain INTEGER)."""
    return BigInteger().with_variant(Integer(), "sqlite")


def public_id_column() -> MappedColumn[str]:
    """Return the random id by which the world knows the row: in URLs, API, files and events."""
    return mapped_column(String(16), unique=True, nullable=False, default=public_id)


class Provenance:
    """Where a fed row comes from: unique by `source` and `source_key`; all empty on a row born in the portal.

    `source_version` is the feeder's own version or hash of the row, `seen_at` when the source last confirmed it.
    """

    source: Mapped[str | None] = mapped_column(String(64))
    source_key: Mapped[str | None] = mapped_column(String(200))
    source_version: Mapped[str | None] = mapped_column(String(100))
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = cls.__dict__.get("__table__")
        if isinstance(table, Table) and not _has_source_key(table):
            table.append_constraint(UniqueConstraint("source", "source_key"))


def sealed_columns(table: Table) -> list[Column[Any]]:
    """Return the encrypted columns of `table`; a context that is not "table.column" is refused."""
    found = [column for column in table.columns if isinstance(column.type, Encrypted)]
    for column in found:
        _check_context(table, column)
    return found


def _check_context(table: Table, column: Column[Any]) -> None:
    expected = f"{table.name}.{column.name}"
    if isinstance(column.type, Encrypted) and column.type.context != expected:
        _refuse_context(expected, column.type.context)


def _refuse_context(expected: str, actual: str) -> NoReturn:
    raise StartupError(
        "sealed_context", f"The encrypted column {expected} has the context {actual!r}: make it {expected!r}."
    )


def _has_source_key(table: Table) -> bool:
    return any(
        isinstance(constraint, UniqueConstraint)
        and [column.name for column in constraint.columns] == ["source", "source_key"]
        for constraint in table.constraints
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
