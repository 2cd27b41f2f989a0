"""Prepared statements: compiled once for each database and run on the driver's own cursor. For those of every page and of the act
that everybody does in the same days, which cost more in SQLAlchemy than in the database; all others go through `connection.execute`."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, ClauseElement, Connection, Dialect, Executable, Insert, SelectBase, Update
from sqlalchemy.sql.visitors import iterate

Convert = Callable[[Any], Any]
Shape = tuple[int, ...]
_SHAPES = 64
_TOGETHER = 8
"""Rows that are inserted by one statement of many values on PostgreSQL, where a pipeline of single ones is twice as dear."""
_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class _Plan:
    """How one dialect runs a statement: its SQL, parameters with their defaults and order, how values go in and come out. `lists`
    names the parameters that stand for the members of a list."""

    sql: str
    defaults: Mapping[str, Any]
    order: Sequence[str] | None
    binds: Mapping[str, Convert]
    make: Convert
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    results: tuple[tuple[int, Convert], ...] | None = None


class Prepared:
    """A statement ready to run. Rows of a select are named tuples: reading a column of them costs next to nothing.

    Types convert as ever, errors are told as ever. A list in it (`in_`) makes another statement of every length: each is compiled
    once. SQLAlchemy runs the statement itself while anybody observes the database, when lists came in many lengths already, and
    when it is not plain: `text()`, or defaults made in Python.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._plans: WeakKeyDictionary[Dialect, dict[Shape, _Plan | None]] = WeakKeyDictionary()
        self._lists: tuple[str, ...] | None = None
        self._many: dict[tuple[int, tuple[str, ...]], Prepared] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return all rows. `values` fill the statement's parameters; those it does not have are left aside."""
        plan = self._plan(connection, values)
        if plan is None:
            return connection.execute(self.statement, values).all()
        given, cursor = _given(plan, values), None
        try:
            cursor = connection.connection.cursor()
            cursor.execute(plan.sql, given)
            found = cursor.fetchall()
            if plan.results is None:
                plan.results = self._described(connection.dialect, cursor.description or ())
            cursor.close()
        except BaseException as error:  # noqa: BLE001 - SQLAlchemy knows which of them mean what; it raises
            connection._handle_dbapi_exception(error, plan.sql, given, cursor, None)
        return _rows(plan.make, plan.results or (), found)

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run an update within the transaction of `connection`; return how many rows it changed."""
        plan = self._plan(connection, values)
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
        plan = self._plan(connection, columns=tuple(rows[0]))
        if plan is None or any(row.keys() != plan.defaults.keys() for row in rows):
            connection.execute(self.statement, rows)
            return
        if 1 < len(rows) <= _TOGETHER and connection.dialect.name == "postgresql":
            self._together(len(rows), tuple(plan.defaults)).change(
                connection, {f"{name}_m{place}": row[name] for place, row in enumerate(rows) for name in row}
            )
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

    def _together(self, count: int, columns: tuple[str, ...]) -> Prepared:
        found = self._many.get((count, columns))
        if found is None:
            statement: Any = self.statement
            found = self._many[count, columns] = Prepared(statement.values([dict.fromkeys(columns)] * count))
        return found

    def _plan(
        self, connection: Connection, values: Mapping[str, Any] = _NOTHING, columns: tuple[str, ...] | None = None
    ) -> _Plan | None:
        """Return how to run on the driver's cursor; None when SQLAlchemy has to: it is not plain, or somebody listens."""
        if self._lists is None:
            self._lists = _lists_of(self.statement)
        plans = self._plans.get(connection.dialect)
        if plans is None:
            plans = self._plans[connection.dialect] = {}
        shape = tuple(len(values[name]) if name in values else -1 for name in self._lists) if self._lists else ()
        if shape not in plans:
            if len(plans) >= _SHAPES:
                return None
            plans[shape] = self._planned(connection.dialect, values, columns)
        return None if _is_heard(connection) else plans[shape]

    def _planned(self, dialect: Dialect, values: Mapping[str, Any], columns: tuple[str, ...] | None) -> _Plan | None:
        if not isinstance(self.statement, SelectBase | Update | Insert):
            return None
        many: dict[str, Any] = {} if columns is None else {"column_keys": columns, "for_executemany": True}
        compiled: Any = self.statement.compile(dialect=dialect, **many)
        if columns and compiled.insert_prefetch:
            return None
        make = _row_of(self.statement)
        if not compiled.post_compile_params:
            binds = compiled._bind_processors
            return _Plan(str(compiled), dict(compiled.params), compiled.positiontup, binds, make)
        given = {name: values[name] for name in self._lists or () if name in values}
        found = compiled.construct_expanded_state({**compiled.params, **given}, escape_names=False)
        lists = {name: places for name, places in found.parameter_expansion.items() if name in given}
        asked = {place for places in lists.values() for place in places}
        # What one visitor asked for is not kept: only the members of lists that stand in the statement itself are.
        defaults = {name: None if name in asked else value for name, value in found.parameters.items()}
        binds = {**compiled._bind_processors, **found.processors}
        binds = {name: convert for name, convert in binds.items() if name in defaults}
        return _Plan(found.statement, defaults, found.positiontup, binds, make, lists)

    def _described(self, dialect: Dialect, description: Sequence[Any]) -> tuple[tuple[int, Convert], ...]:
        """Return how columns come out: that depends on what the driver says of them after the first run."""
        columns: Any = getattr(self.statement, "selected_columns", ())
        kinds = [
            column.type._cached_result_processor(dialect, told[1])
            for column, told in zip(columns, description, strict=True)
        ]
        return tuple((place, convert) for place, convert in enumerate(kinds) if convert is not None)


def _lists_of(statement: Executable) -> tuple[str, ...]:
    """Return the names of the parameters that are lists."""
    found = iterate(statement) if isinstance(statement, ClauseElement) else ()
    return tuple(sorted({each.key for each in found if isinstance(each, BindParameter) and each.expanding}))


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
    for name, places in plan.lists.items():
        given.update(zip(places, values[name], strict=True))
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
