"""What modules hold of people, told by their declarations: how a table leads to a person or an account, and the check that
nothing personal stands undeclared. What is done with the rows (export, erasure, retention) stands in privacy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, String, Table, Text

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime
from lkportal.core.db import Base
from lkportal.core.module import Module, PersonalTable
from lkportal.core.protection.retention import CLOSING, MOMENTS, parse_retention

PEOPLE, ACCOUNTS = "auth_identities", "accounts_accounts"
ROOTS = (PEOPLE, ACCOUNTS)
_BY_NAME = {"identity_id": PEOPLE, "account_id": ACCOUNTS}
"""Columns that lead to a root without a foreign key of their own."""
_NAMES = (
    "name names surname patronymic email mail phone telephone address holder birth birthday born passport snils inn"
    " tax comment comments text body note notes message login recipient contact contacts device network ip serial"
)
LOOKS_PERSONAL = frozenset(_NAMES.split())
"""Words of column names that make a text column look personal."""
_CODES = frozenset({"message_id", "mail_domain", "token_hash", "file_name"})


@dataclass(frozen=True, slots=True)
class Way:
    """How rows of a table are found: `root` is what their path leads to, `steps` the columns on the way."""

    table: Table
    root: Literal["person", "account", "label", "public_id", "contact"]
    steps: tuple[str, ...]

    def rows_of(self, wanted: Any) -> ColumnElement[bool]:
        """Return the condition that picks the rows of `wanted`: a list or a subquery of keys, labels, ids or contacts."""
        return _condition(self.table, self.steps, wanted)


def load_tables(modules: Iterable[Module]) -> None:
    """Import the tables of modules, those switched off too: duties towards people do not end with a switch."""
    for module in modules:
        if module.models:
            import_module(module.models)


def tables_of(module: Module) -> list[Table]:
    """Return the tables of a module, by the prefix of their names."""
    return [table for name, table in sorted(Base.metadata.tables.items()) if name.startswith(f"{module.name}_")]


def way_of(personal: PersonalTable) -> Way:
    """Return how the rows of a declaration are found. Raises ValueError with a sentence when its table or path is wrong."""
    table = Base.metadata.tables.get(personal.table)
    if table is None:
        raise ValueError(f"there is no table {personal.table}")
    steps = tuple(personal.path.split("."))
    if personal.by != "key":
        if len(steps) != 1 or steps[0] not in table.c:
            raise ValueError(f"{personal.table} has no column {personal.path!r}")
        return Way(table, personal.by, steps)
    return Way(table, "person" if _root(table, steps) == PEOPLE else "account", steps)


def moment_column(personal: PersonalTable, table: Table) -> str:
    """Return the column from which the table's rule of keeping counts; "" for CLOSING, settings and no rule.

    Raises ValueError with a sentence when there is none.
    """
    rule = parse_retention(personal.retain)
    if rule is None or rule.setting or rule.after == CLOSING:
        return ""
    if rule.after:
        if rule.after not in table.c:
            raise ValueError(f"{personal.table} has no column {rule.after!r} to keep rows after")
        return rule.after
    found = next((name for name in MOMENTS if name in table.c), "")
    if not found:
        raise ValueError(f"{personal.table} has no moment to count {personal.retain!r} from: add ' after <column>'")
    return found


def personal_gaps(modules: Sequence[Module]) -> list[str]:
    """Return a sentence for everything of `modules` that looks personal and is not declared, or is declared wrongly.

    Looked at are columns with a foreign key that leads, however far, to people or accounts, and text columns whose names
    tell of people. What only looks so is named in `Module.impersonal`.
    """
    load_tables(modules)
    return [sentence for module in modules for sentence in _gaps(module)]


def _gaps(module: Module) -> Iterator[str]:
    declared: dict[str, list[PersonalTable]] = {}
    for personal in module.personal:
        declared.setdefault(personal.table, []).append(personal)
        yield from _wrong(module, personal)
    for table in tables_of(module):
        if table.name in module.impersonal:
            continue
        mine = declared.get(table.name, [])
        if not mine and _leads_to_people(table, frozenset()):
            yield (
                f"{table.name} leads to people or accounts, and module {module.name!r} does not declare it:"
                f" add PersonalTable({table.name!r}, ...) to its `personal`."
            )
        named = {name for each in mine for name in (*each.export, *each.mask, *dict(each.erase))}
        for column in table.columns:
            spared = f"{table.name}.{column.name}" in module.impersonal
            if not spared and column.name not in named and looks_personal(column):
                yield (
                    f"{table.name}.{column.name} looks personal: name it in `export`, `mask` or `erase` of a"
                    f" PersonalTable, or in `impersonal` of module {module.name!r} if it tells of nobody."
                )


def looks_personal(column: Column[Any]) -> bool:
    """Whether a column holds text and its name speaks of people."""
    if column.name in _CODES or not isinstance(column.type, String | Text | Encrypted | JSONText):
        return False
    return bool(LOOKS_PERSONAL & set(column.name.split("_")))


def _wrong(module: Module, personal: PersonalTable) -> Iterator[str]:
    where = f"The declaration of {personal.table} in module {module.name!r}:"
    try:
        way = way_of(personal)
        rule = parse_retention(personal.retain)
        if rule is not None and rule.after == CLOSING and way.root != "account":
            raise ValueError('"after closing" is for what belongs to an account')
        moment = moment_column(personal, way.table)
        if (
            moment
            and not isinstance(way.table.c[moment].type, UTCDateTime)
            and "date" not in _kind(way.table.c[moment])
        ):
            raise ValueError(f"{moment} is no moment")
    except ValueError as error:
        yield f"{where} {error}."
        return
    for name in (*personal.export, *personal.mask, *dict(personal.erase)):
        if name not in way.table.c:
            yield f"{where} the table has no column {name!r}."
    for name, value in personal.erase:
        if value is None and name in way.table.c and not way.table.c[name].nullable:
            yield f"{where} {name} may not be empty: give a replacement."


def _kind(column: Column[Any]) -> str:
    return type(column.type).__name__.lower()


def _leads_to_people(table: Table, seen: frozenset[str]) -> bool:
    if table.name in ROOTS:
        return True
    return any(
        column.name in _BY_NAME
        or any(
            foreign.column.table.name not in seen and _leads_to_people(foreign.column.table, seen | {table.name})
            for foreign in column.foreign_keys
        )
        for column in table.columns
    )


def _root(table: Table, steps: tuple[str, ...]) -> str:
    """Return the root a path ends at. Raises ValueError."""
    step, rest = steps[0], steps[1:]
    if step == "id" and not rest:
        if table.name in ROOTS:
            return table.name
        raise ValueError(
            f"{table.name} is no table of people or accounts: its path must name a column that leads there"
        )
    if "<" in step:
        back = _back(step)
        return back.table.name if back.table.name in ROOTS and not rest else _root(back.table, rest or ("id",))
    if step not in table.c:
        raise ValueError(f"{table.name} has no column {step!r}")
    target = _target(table.c[step])
    if target is None:
        if step in _BY_NAME and not rest:
            return _BY_NAME[step]
        raise ValueError(f"{table.name}.{step} leads nowhere: it has no foreign key")
    if rest:
        return _root(target, rest)
    if target.name not in ROOTS:
        raise ValueError(f"{table.name}.{step} leads to {target.name}: go on from there, '{step}.<column>'")
    return target.name


def _condition(table: Table, steps: tuple[str, ...], wanted: Any) -> ColumnElement[bool]:
    step, rest = steps[0], steps[1:]
    if "<" in step:
        back = _back(step)
        inner = _condition(back.table, rest or ("id",), wanted)
        return table.c.id.in_(back.table.select().with_only_columns(back).where(inner, back.is_not(None)))
    column = table.c[step]
    target = _target(column)
    if rest and target is not None:
        return column.in_(target.select().with_only_columns(target.c.id).where(_condition(target, rest, wanted)))
    return column.in_(wanted)


def _target(column: Column[Any]) -> Table | None:
    return next((foreign.column.table for foreign in column.foreign_keys), None)


def _back(step: str) -> Column[Any]:
    """Return the column that points here, as "id<accounts_accounts:premise_id" names it."""
    table_name, _, column = step.partition("<")[2].partition(":")
    table = Base.metadata.tables.get(table_name)
    if table is None or column not in table.c:
        raise ValueError(f"{step!r} names no column that points here")
    return table.c[column]
