"""Canaries: words and numbers that stand nowhere else, planted into everything that belongs to somebody, and found again in
whatever a portal says. Whose a row is, is read from the foreign keys; who may see it, is judged in verdicts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, String, Table, Text, select, update
from sqlalchemy.orm import Session

from lkportal.core.columns import Encrypted, JSONText, Milli, Minor
from lkportal.core.db import Base

Owner = tuple[str, int]
"""("account", id) or ("identity", id)."""

ACCOUNTS, IDENTITIES = "accounts_accounts", "auth_identities"
_WORD = re.compile(r"kanar[a-z0-9]{11}")
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f,]\d{3})*(?:[.,]\d{1,3})?|\d+(?:[.,]\d{1,3})?")
_NOT_DIGITS = re.compile(r"\D")
# Columns that hold codes, ids and addresses the portal itself makes: a strange word there breaks a page and shows nothing.
_CODES = (
    "action actor audience bound brand channel code currency event_id file_hash gateway hash hosts intent key kind locale"
    " message_id method_title next_kind next_value notice on_behalf_of origin outcome owner password_hash period previous"
    " provider_id public_id public_url purpose reason request_id resource role route source source_key source_version"
    " state status target template time_zone token token_hash topic unit account network"
)
CODES = frozenset(_CODES.split())
_SHORTEST = 20


@dataclass(frozen=True, slots=True)
class Canary:
    """One planted value: where it stands and whose it is (several accounts may share a premise)."""

    value: str
    table: str
    column: str
    owners: frozenset[Owner]

    @property
    def module(self) -> str:
        """The module whose table it is."""
        return self.table.partition("_")[0]

    def __str__(self) -> str:
        owners = ", ".join(f"{kind} {key}" for kind, key in sorted(self.owners))
        return f"{self.table}.{self.column} of {owners} ({self.value})"


@dataclass(slots=True)
class Canaries:
    """All that were planted, by value."""

    planted: dict[str, Canary] = field(default_factory=dict)

    def found(self, text: str) -> set[Canary]:
        """Return the canaries that stand in a text: words as they are, numbers however they are grouped and pointed."""
        plain = unescape(text)
        words = {self.planted[word] for word in _WORD.findall(plain) if word in self.planted}
        digits = {_NOT_DIGITS.sub("", number) for number in _NUMBER.findall(plain)}
        return words | {self.planted[each] for each in digits & self.planted.keys()}

    def word(self, table: str, column: str, owners: frozenset[Owner]) -> str:
        """Return a new word that is the canary of one value."""
        return self._keep(f"kanar{secrets.token_hex(8)[:11]}", table, column, owners)

    def number(self, table: str, column: str, owners: frozenset[Owner]) -> int:
        """Return a new number of eight digits, not ending in zero."""
        while True:
            value = str(secrets.randbelow(80_000_000) + 10_000_001)
            if value[-1] != "0" and value not in self.planted:
                return int(self._keep(value, table, column, owners))

    def _keep(self, value: str, table: str, column: str, owners: frozenset[Owner]) -> str:
        self.planted[value] = Canary(value, table, column, owners)
        return value


class Unowned(AssertionError):
    """A table that leads to an account has no row for somebody: the proof would not look there."""


def plant(db: Session, canaries: Canaries, modules: Iterable[str], codes: Iterable[str] = ()) -> None:
    """Put a canary into every textual, money and volume column of every owned row of these modules' tables.

    `codes` are more columns to leave alone, as "table.column": those whose values the module's own code compares.
    """
    spared = frozenset(codes)
    for table in tables_of(modules):
        columns = [column for column in table.columns if _is_plantable(column, spared)]
        if not columns or not table.primary_key:
            continue
        for key, owners in owned(db.connection(), table).items():
            values = {column: _value(canaries, column, owners) for column in columns}
            db.execute(update(table).where(*_same(table, key)).values(values))


def tables_of(modules: Iterable[str]) -> list[Table]:
    """Return the tables of modules, by the prefix of their names."""
    prefixes = frozenset(modules)
    return [table for table in _sorted(len(Base.metadata.tables)) if table.name.partition("_")[0] in prefixes]


@lru_cache(maxsize=1)
def _sorted(_known: int) -> list[Table]:
    """Return all tables, parents first; sorted anew when there are more of them."""
    return Base.metadata.sorted_tables


def owned(connection: Connection, table: Table) -> dict[tuple[Any, ...], frozenset[Owner]]:
    """Return the owners of each row that has any, by primary key. A row that names nobody itself (a message without its author) is
    its parent's."""
    rows = connection.execute(select(table)).mappings().all()
    found: dict[tuple[Any, ...], set[Owner]] = {}
    _owe(table, rows, _ways(connection, table), found)
    nobodys = [row for row in rows if _key(table, row) not in found]
    if nobodys and table.name not in (ACCOUNTS, IDENTITIES):
        _owe(table, nobodys, _through(connection, table, Base.metadata.tables[ACCOUNTS]), found)
    return {key: frozenset(owners) for key, owners in found.items()}


def _owe(
    table: Table, rows: Sequence[RowMapping], ways: Iterable[_Way], found: dict[tuple[Any, ...], set[Owner]]
) -> None:
    for way in ways:
        for row in rows:
            owners = way.get(row[table.c[way.column]], frozenset())
            if owners:
                found.setdefault(_key(table, row), set()).update(owners)


def _key(table: Table, row: RowMapping) -> tuple[Any, ...]:
    return tuple(row[column] for column in table.primary_key.columns)


class _Way(dict[Any, frozenset[Owner]]):
    """Value of one column -> owners."""

    def __init__(self, column: str, owners: Mapping[Any, frozenset[Owner]]) -> None:
        super().__init__(owners)
        self.column = column


def _ways(connection: Connection, table: Table) -> Iterator[_Way]:
    """Yield how rows of a table lead to their owners themselves: a person, the account it is about."""
    own = {ACCOUNTS: "account", IDENTITIES: "identity"}
    if table.name in own:
        keys = connection.execute(select(table.c.id)).scalars()
        yield _Way("id", {key: frozenset({(own[table.name], key)}) for key in keys})
        return
    accounts = Base.metadata.tables[ACCOUNTS]
    ways = [_direct(connection, table, accounts, name) for name in ("identity_id", "account_id", "account")]
    yield from (way for way in ways if way is not None)


def _direct(connection: Connection, table: Table, accounts: Table, name: str) -> _Way | None:
    if name not in table.columns or (name == "account_id" and not table.c[name].foreign_keys):
        return None
    if name == "account":
        rows = connection.execute(select(accounts.c.public_id, accounts.c.id))
        return _Way(name, {public: frozenset({("account", key)}) for public, key in rows})
    kind, target = ("account", ACCOUNTS) if name == "account_id" else ("identity", IDENTITIES)
    keys = connection.execute(select(Base.metadata.tables[target].c.id)).scalars()
    return _Way(name, {key: frozenset({(kind, key)}) for key in keys})


def _through(connection: Connection, table: Table, accounts: Table) -> Iterator[_Way]:
    """Yield the ways through a parent (a register's meter) and through accounts that point here (a premise, a company)."""
    for foreign in table.foreign_keys:
        parent = foreign.column.table
        if parent is not table and parent.name not in (ACCOUNTS, IDENTITIES):
            owners = owned(connection, parent)
            yield _Way(foreign.parent.name, {key[0]: found for key, found in owners.items()})
    for foreign in accounts.foreign_keys:
        if foreign.column.table is table:
            rows = connection.execute(select(accounts.c[foreign.parent.name], accounts.c.id)).all()
            back: dict[Any, set[Owner]] = {}
            for key, account in rows:
                back.setdefault(key, set()).add(("account", account))
            yield _Way(foreign.column.name, {key: frozenset(found) for key, found in back.items()})


def _is_plantable(column: Column[Any], spared: frozenset[str]) -> bool:
    if column.primary_key or column.foreign_keys or column.name in CODES:
        return False
    if f"{column.table.name}.{column.name}" in spared:
        return False
    if isinstance(column.type, JSONText):
        return False
    if isinstance(column.type, Minor | Milli | Encrypted | Text):
        return True
    return isinstance(column.type, String) and (column.type.length or _SHORTEST) >= _SHORTEST


def _value(canaries: Canaries, column: Column[Any], owners: frozenset[Owner]) -> str | int:
    table = column.table.name
    if isinstance(column.type, Minor | Milli):
        return canaries.number(table, column.name, owners)
    word = canaries.word(table, column.name, owners)
    return f"{word}@example.org" if column.name in ("email", "login", "recipient") else word


def _same(table: Table, key: tuple[Any, ...]) -> list[Any]:
    return [column == value for column, value in zip(table.primary_key.columns, key, strict=True)]
