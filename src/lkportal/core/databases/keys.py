"""Conditions on keys that another statement gives, looked up by the index of the column."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, CompoundSelect, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class among(FunctionElement[bool]):  # noqa: N801 - it reads as the functions of SQLAlchemy do
    """Whether a key is among those that a statement gives: `among(Account.id, keys)`.

    PostgreSQL gathers the keys once and looks each up. As a plain IN they are a semi-join, for which it may walk the table once
    for every key: the list of ten thousand accounts of one person took 0.5 s instead of 0.2 before the tables were counted.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any] | Any, keys: Select[Any] | CompoundSelect[Any]) -> None:
        super().__init__(column, keys.scalar_subquery())


@compiles(among)
def _in(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN {keys}"


@compiles(among, "postgresql")
def _any(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY(ARRAY{keys})"
