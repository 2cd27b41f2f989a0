"""Prepared reads of accounts, each bound to one person: what their memberships reach today. Who is asking stands in grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    bindparam,
    or_,
    select,
    union,
    union_all,
)

from lkportal.accounts.models import Account, Membership
from lkportal.accounts.search import matching
from lkportal.auth.models import Identity
from lkportal.core.prepared import Prepared

Found = Sequence[Row[*tuple[Any, ...]]]
_COLUMNS = (Account.id, Account.public_id, Account.number, Account.title, Account.closed_at, Account.brand_id)
_MINE = (Membership.identity_id == bindparam("identity_id"), Membership.revoked_at.is_(None))


# Begins with the few memberships of the person whatever the planner thinks, hence the outer join: it may bring one empty
# row (an organisation without accounts), which readers leave out.
SOME: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS, Membership.role)
    .select_from(Membership)
    .outerjoin(Account, or_(Account.id == Membership.account_id, Account.organisation_id == Membership.organisation_id))
    .where(*_MINE)
    .limit(bindparam("limit"))
)
_ALL_MINE: CompoundSelect[*tuple[Any, ...]] = union(
    select(Membership.account_id).where(*_MINE, Membership.account_id.is_not(None)),
    select(Account.id).join(Membership, Membership.organisation_id == Account.organisation_id).where(*_MINE),
)


def _by_title(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .where(Account.id.in_(_ALL_MINE), *conditions)
        .order_by(Account.title, Account.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


_SOME = Prepared(SOME)
ALL = _by_title()
_THESE: BindParameter[int] = bindparam("accounts", expanding=True)
ROLES: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(Membership.account_id.label("id"), Membership.role).where(*_MINE, Membership.account_id.in_(_THESE)),
    select(Account.id, Membership.role)
    .join(Membership, Membership.organisation_id == Account.organisation_id)
    .where(*_MINE, Account.id.in_(_THESE)),
)
NAMES = select(Identity.public_id, Identity.kind, Identity.name).where(
    Identity.public_id.in_(bindparam("people", expanding=True))
)
PERSON = select(Identity.name, Identity.locale).where(Identity.id == bindparam("identity_id"))


def some(connection: Connection, identity_id: int, most: int) -> Found:
    """Return up to `most` pairs of account and role of a person, in no order: all of them when there are fewer.

    Rows are (id, public_id, number, title, closed_at, brand_id, role). Costs the same for a person with ten thousand accounts.
    """
    found = _SOME.all(connection, {"identity_id": identity_id, "limit": most})
    return [row for row in found if row.id is not None]


def by_title(connection: Connection, identity_id: int, limit: int, offset: int = 0, typed: str = "") -> Found:
    """Return accounts of a person (id, public_id, number, title, closed_at, brand_id) by title, each once.

    With `typed` those whose number, title or holder have all its words.
    """
    condition = matching(typed, Account.number, Account.title, Account.holder)
    statement = ALL if condition is None else _by_title(condition)
    return connection.execute(statement, {"identity_id": identity_id, "limit": limit, "offset": offset}).all()


def roles(connection: Connection, identity_id: int, accounts: Iterable[int]) -> Mapping[int, set[str]]:
    """Return the roles a person has in each of `accounts`."""
    found: dict[int, set[str]] = {}
    for row in connection.execute(ROLES, {"identity_id": identity_id, "accounts": list(accounts)}):
        found.setdefault(row.id, set()).add(row.role)
    return found


def people(connection: Connection, public_ids: Iterable[str]) -> Mapping[str, Row[*tuple[Any, ...]]]:
    """Return (public_id, kind, name) of people by public id: those who did something on an account."""
    asked = sorted(set(public_ids))
    return {row.public_id: row for row in connection.execute(NAMES, {"people": asked})} if asked else {}


def person(connection: Connection, identity_id: int) -> Row[*tuple[Any, ...]]:
    """Return (name, locale) of a person."""
    return connection.execute(PERSON, {"identity_id": identity_id}).one()
