"""Prepared statements: compiled once for each database and run on the driver's own cursor. For those of every page and of the act
that everybody does in the same days, which cost more in SQLAlchemy than in the database; all others go through `connection.execute`."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Executable, Insert, SelectBase, Update

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one dialect runs a select: its SQL, parameters with their defaults and order, how values go in and come out."""

    sql: str
    defaults: Mapping[str, Any]
    order: Sequence[str] | None
    binds: Mapping[str, Convert]
    make: Convert
    results: tuple[tuple[int, Convert], ...] | None = None


class Prepared:
    """A statement ready to run. Rows of a select are named tuples: reading a column of them costs next to nothing.

    Types convert as ever, errors are told as ever. SQLAlchemy runs the statement itself while anybody observes the database,
    and when it is not plain: `text()`, a list in it (`in_`), whose SQL is another for every length, or defaults made in Python.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._plans: WeakKeyDictionary[Dialect, _Plan | None] = WeakKeyDictionary()

    def all(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return all rows. `values` fill the statement's parameters; those it does not have are left aside."""
        plan = self._plan(connection)
        if plan is None:
            return connection.execute(self.statement, values).all()
        given, cursor = _given(plan, values), None
        try:
            cursor = connection.connection.cursor()
            cursor.execute(plan.sql, given)
            found = cursor.fetchall()
            if plan.results is None:
                plan = self._plans[connection.dialect] = self._described(
                    connection.dialect, plan, cursor.description or ()
                )
            cursor.close()
        except BaseException as error:  # noqa: BLE001 - SQLAlchemy knows which of them mean what; it raises
            connection._handle_dbapi_exception(error, plan.sql, given, cursor, None)
        return _rows(plan.make, plan.results or (), found)

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run an update within the transaction of `connection`; return how many rows it changed."""
        plan = self._plan(connection)
        if plan is None:
            return connection.execute(self.statement, values).rowcount
        given, cursor = _given(plan, values), None
        try:
            cursor = connection.connection.cursor()
            cursor.execute(plan.sql, given)
            changed = int(cursor.rowcount)
            cursor.close()
        except BaseException as error:  # noqa: BLE001 - as above
            connection._handle_dbapi_exception(error, plan.sql, given, cursor, None)
        return changed

    def add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows within the transaction of `connection`. All have the same columns, the same at every call."""
        plan = self._plan(connection, tuple(rows[0]))
        if plan is None or any(row.keys() != plan.defaults.keys() for row in rows):
            connection.execute(self.statement, rows)
            return
        given, cursor = [_given(plan, row) for row in rows], None
        try:
            cursor = connection.connection.cursor()
            if len(given) == 1:
                cursor.execute(plan.sql, given[0])
            else:
                cursor.executemany(plan.sql, given)
            cursor.close()
        except BaseException as error:  # noqa: BLE001 - as above
            connection._handle_dbapi_exception(error, plan.sql, given, cursor, None)

    def _plan(self, connection: Connection, columns: tuple[str, ...] | None = None) -> _Plan | None:
        """Return how to run on the driver's cursor; None when SQLAlchemy has to: it is not plain, or somebody listens."""
        dialect = connection.dialect
        plan = self._plans[dialect] if dialect in self._plans else self._planned(dialect, columns)
        return None if plan is None or _is_heard(connection) else plan

    def _planned(self, dialect: Dialect, columns: tuple[str, ...] | None) -> _Plan | None:
        plan = None
        if isinstance(self.statement, SelectBase | Update | Insert):
            many: dict[str, Any] = {} if columns is None else {"column_keys": columns, "for_executemany": True}
            compiled: Any = self.statement.compile(dialect=dialect, **many)
            if not compiled.post_compile_params and not (columns and compiled.insert_prefetch):
                binds = compiled._bind_processors
                plan = _Plan(str(compiled), dict(compiled.params), compiled.positiontup, binds, _row_of(self.statement))
        self._plans[dialect] = plan
        return plan

    def _described(self, dialect: Dialect, plan: _Plan, description: Sequence[Any]) -> _Plan:
        """Note how columns come out: that depends on what the driver says of them after the first run."""
        columns: Any = getattr(self.statement, "selected_columns", ())
        kinds = [
            column.type._cached_result_processor(dialect, told[1])
            for column, told in zip(columns, description, strict=True)
        ]
        return replace(
            plan, results=tuple((place, convert) for place, convert in enumerate(kinds) if convert is not None)
        )


def _is_heard(connection: Connection) -> bool:
    """Whether somebody listens to statements. Other listeners (what begins a transaction on SQLite is one) do not count."""
    if not (connection._has_events or connection.engine._has_events):
        return False
    heard: Any = connection.dispatch
    return bool(
        heard.before_cursor_execute or heard.after_cursor_execute or heard.before_execute or heard.after_execute
    )


def _row_of(statement: SelectBase | Update | Insert) -> Convert:
    if not isinstance(statement, SelectBase):
        return tuple
    names: Any = [column.key or "" for column in statement.selected_columns]
    make: Convert = namedtuple("Row", names, rename=True)._make  # type: ignore[attr-defined]
    return make


def _given(plan: _Plan, values: Mapping[str, Any]) -> Any:
    given = {name: values.get(name, default) for name, default in plan.defaults.items()}
    for name, convert in plan.binds.items():
        given[name] = convert(given[name])
    return given if plan.order is None else [given[name] for name in plan.order]


def _rows(make: Convert, results: tuple[tuple[int, Convert], ...], found: Sequence[Sequence[Any]]) -> list[Any]:
    if not results:
        return [make(row) for row in found]
    made = []
    for row in found:
        values = list(row)
        for place, convert in results:
            values[place] = convert(values[place])
        made.append(make(values))
    return made
