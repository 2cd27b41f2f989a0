"""Everything that is held of one person, read by the declarations of all installed modules: of themselves, and of the accounts
that are theirs. Never what belongs to another member of an account. Files are made of it in exporting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, select

from lkportal.accounts.models import Account, Membership
from lkportal.accounts.reaching import living
from lkportal.auth.models import Identity
from lkportal.core.i18n import Text
from lkportal.core.module import Module, PersonalTable
from lkportal.core.protection.personal import Way, load_tables, way_of

OWNER = "owner"
"""The role of those whose account it is: its rows are theirs. Payers and readers of it get their own rows alone."""
_PERSON: Select[*tuple[Any, ...]] = select(
    Identity.id, Identity.public_id, Identity.login, Identity.email, Identity.phone, Identity.name, Identity.locale
).where(Identity.id == bindparam("person_id"))
_OWNED: Select[*tuple[Any, ...]] = (
    select(Account.id, Account.public_id, Account.number, Account.title, Account.currency, Account.time_zone)
    .join(Membership, Membership.account_id == Account.id)
    .where(
        Membership.identity_id == bindparam("person_id"),
        living(),
        Membership.role == OWNER,
        Membership.level >= bindparam("proved"),
    )
    .order_by(Account.id)
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as rows name them: by key, public id, label, or by a contact."""

    id: int
    public_id: str
    name: str
    email: str
    locale: str
    contacts: tuple[str, ...]

    @property
    def label(self) -> str:
        """How audit and events name them."""
        return f"customer:{self.public_id}"

    def wanted(self, way: Way) -> list[Any]:
        """Return what the column at the end of a way holds of this person."""
        found: Mapping[str, list[Any]] = {
            "person": [self.id],
            "label": [self.label],
            "public_id": [self.public_id],
            "contact": list(self.contacts),
        }
        return found[way.root]


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one table: `columns` are (name, label), rows hold the values as the database types give them."""

    module: str
    table: str
    title: Text | str
    columns: tuple[tuple[str, Text | str], ...]
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class AccountHeld:
    """What is held on one account of the person."""

    number: str
    title: str
    currency: str
    zone: str
    held: list[Held]


@dataclass(slots=True)
class Collected:
    """All of it."""

    person: Person
    held: list[Held] = field(default_factory=list)
    accounts: list[AccountHeld] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        parts = [self.held, *(each.held for each in self.accounts)]
        return sum(len(each.rows) for part in parts for each in part)


def person_of(connection: Connection, identity_id: int) -> Person | None:
    """Return a person by key, or None."""
    row = connection.execute(_PERSON, {"person_id": identity_id}).first()
    if row is None:
        return None
    contacts = tuple(dict.fromkeys(each for each in (row.login, row.email, row.phone) if each))
    return Person(row.id, row.public_id, row.name, row.email, row.locale, contacts)


def owned_accounts(connection: Connection, identity_id: int, proved: int, now: datetime) -> Sequence[Row[Any]]:
    """Return the accounts that are a person's own (id, public_id, number, title, currency, time_zone).

    `proved` is the level of proof at which all of an account is shown: one claimed by less is not handed out.
    """
    return connection.execute(_OWNED, {"person_id": identity_id, "proved": proved, "now": now}).all()


def declarations(modules: Sequence[Module]) -> Iterator[tuple[Module, PersonalTable, Way]]:
    """Yield what all modules declare, with the way to the rows."""
    load_tables(modules)
    for module in modules:
        for personal in module.personal:
            yield module, personal, way_of(personal)


def collect(
    connection: Connection,
    modules: Sequence[Module],
    person: Person,
    proved: int,
    now: datetime,
    beat: Callable[[], None],
) -> Collected:
    """Return everything that modules export of a person. `beat` is called between accounts, for a long job."""
    exported = [each for each in declarations(modules) if each[1].export]
    made = Collected(person)
    for module, personal, way in exported:
        if way.root != "account":
            _add(made.held, connection, module, personal, way, person.wanted(way))
    for account in owned_accounts(connection, person.id, proved, now):
        beat()
        held: list[Held] = []
        for module, personal, way in exported:
            if way.root == "account":
                _add(held, connection, module, personal, way, [account.id])
        made.accounts.append(AccountHeld(account.number, account.title, account.currency, account.time_zone, held))
    return made


def _add(
    held: list[Held], connection: Connection, module: Module, personal: PersonalTable, way: Way, wanted: list[Any]
) -> None:
    if not wanted:
        return
    rows = connection.execute(_statement(way.table, personal.export, way.rows_of(wanted))).mappings().all()
    if rows:
        labels = dict(personal.labels)
        columns = tuple((name, labels.get(name, "")) for name in personal.export)
        title = personal.title or module.title
        held.append(Held(module.name, personal.table, title, columns, [dict(row) for row in rows]))


def _statement(table: Table, columns: Sequence[str], condition: Any) -> Select[*tuple[Any, ...]]:
    return select(*(table.c[name] for name in columns)).where(condition).order_by(*table.primary_key.columns)
