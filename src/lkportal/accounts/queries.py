"""Prepared reads of accounts, each bound to one person: what their memberships reach today. Who is asking stands in grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    select,
    union_all,
)

from lkportal.accounts.home.models import HomeLayout
from lkportal.accounts.models import Abstention, Account, GroupAccount, Membership
from lkportal.accounts.reaching import accounts_of, holds, living, of_accounts
from lkportal.auth.models import Identity
from lkportal.core.databases.keys import among
from lkportal.core.databases.prepared import Prepared
from lkportal.core.search import matching

Found = Sequence[Row[*tuple[Any, ...]]]
_COLUMNS = (Account.id, Account.public_id, Account.number, Account.title, Account.closed_at, Account.brand_id)
_MINE = (Membership.identity_id == bindparam("identity_id"), living())
_LAST = 2**62
_ABSTAINED = select(Abstention.without).where(Abstention.identity_id == bindparam("identity_id")).scalar_subquery()
_HELD = (Membership.role, Membership.without, func.coalesce(_ABSTAINED, "").label("abstained"))
# How they arranged the home page of the account they look at: it rides along with what the page asks anyway.
_HOME = (
    select(HomeLayout.cards)
    .where(HomeLayout.identity_id == bindparam("identity_id"), HomeLayout.account_id == bindparam("looked_at"))
    .scalar_subquery()
)
_BEGUN = select(*_COLUMNS, *_HELD, _HOME.label("home")).select_from(Membership)


@dataclass(slots=True)
class Held:
    """What a person is in one account: their roles there, and the rights that were switched off for them, by themself too."""

    roles: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)


# Begins with the few memberships of the person whatever the planner thinks, hence the outer joins: they may bring empty
# rows (an organisation without accounts), which readers leave out.
SOME: CompoundSelect[*tuple[Any, ...]] = union_all(
    _BEGUN.outerjoin(Account, Account.id == Membership.account_id).where(*_MINE, Membership.account_id.is_not(None)),
    _BEGUN.outerjoin(Account, Account.organisation_id == Membership.organisation_id).where(
        *_MINE, Membership.organisation_id.is_not(None)
    ),
    _BEGUN.outerjoin(GroupAccount, GroupAccount.group_id == Membership.group_id)
    .outerjoin(Account, and_(Account.id == GroupAccount.account_id, holds(GroupAccount)))
    .where(*_MINE, Membership.group_id.is_not(None)),
).limit(bindparam("limit"))
_ALL_MINE = accounts_of(Membership.identity_id == bindparam("identity_id"))


def _by_title(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .where(among(Account.id, _ALL_MINE), *conditions)
        .order_by(Account.title, Account.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


_SOME = Prepared(SOME)
ALL = _by_title()
_LAST_SEEN = select(Account.id).where(Account.public_id == bindparam("after")).subquery()
_TOLD = (*_COLUMNS, Account.currency, Account.time_zone)


def _listed(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Accounts by their key, behind the one of the public id :after (all of them when there is none)."""
    seen = select(func.coalesce(func.max(_LAST_SEEN.c.id), bindparam("nobody"))).scalar_subquery()
    return select(*_TOLD).where(Account.id > seen, *conditions).order_by(Account.id).limit(bindparam("limit"))


_REACHED = _listed(among(Account.id, _ALL_MINE))
_EVERY = _listed()
_ONE_TOLD = select(*_TOLD).where(Account.id == bindparam("account_id"))
_NUMBERED = Account.number == bindparam("number")
_THESE: BindParameter[int] = bindparam("accounts", expanding=True)
_reach = of_accounts(_THESE, Membership.identity_id == bindparam("identity_id")).subquery("reach")
HELD: Select[*tuple[Any, ...]] = select(_reach.c.account.label("id"), *_HELD).join(
    Membership, Membership.id == _reach.c.member
)
NAMES = select(Identity.public_id, Identity.kind, Identity.name).where(
    Identity.public_id.in_(bindparam("people", expanding=True))
)
_NAMED = Prepared(NAMES)
PERSON = select(Identity.name, Identity.locale).where(Identity.id == bindparam("identity_id"))


def some(connection: Connection, identity_id: int, now: datetime, most: int, looked_at: int = 0) -> Found:
    """Return up to `most` pairs of account and role of a person, in no order: all of them when there are fewer.

    Rows are (id, public_id, number, title, closed_at, brand_id, role, without, abstained, home); `home` is how they arranged
    the home page of the account `looked_at`. Costs the same for a person with ten thousand accounts.
    """
    values = {"identity_id": identity_id, "now": now, "limit": most, "looked_at": looked_at}
    found = _SOME.all(connection, values)
    return [row for row in found if row.id is not None]


def by_title(
    connection: Connection, identity_id: int, now: datetime, limit: int, offset: int = 0, typed: str = ""
) -> Found:
    """Return accounts of a person (id, public_id, number, title, closed_at, brand_id) by title, each once.

    With `typed` those whose number, title or holder have all its words.
    """
    condition = matching(typed, Account.number, Account.title, Account.holder)
    statement = ALL if condition is None else _by_title(condition)
    values = {"identity_id": identity_id, "now": now, "limit": limit, "offset": offset}
    return connection.execute(statement, values).all()


def reached(
    connection: Connection, identity_id: int, now: datetime, limit: int, after: str = "", number: str = ""
) -> Found:
    """Return accounts that a person reaches (id, public_id, number, title, closed_at, brand_id, currency, time_zone), behind the
    one of the public id `after` (none when there is no such account); with `number` those of that number."""
    values = {"identity_id": identity_id, "now": now, "limit": limit, "after": after, "nobody": _LAST if after else 0}
    statement = _REACHED.where(_NUMBERED) if number else _REACHED
    return connection.execute(statement, {**values, "number": number}).all()


def every(connection: Connection, limit: int, after: str = "", number: str = "") -> Found:
    """Return accounts of the portal, as `reached` does those of a person; with `number` those of that number. For systems alone."""
    values = {"limit": limit, "after": after, "nobody": _LAST if after else 0}
    statement = _EVERY.where(_NUMBERED) if number else _EVERY
    return connection.execute(statement, {**values, "number": number}).all()


def told(connection: Connection, account_id: int) -> Row[*tuple[Any, ...]]:
    """Return one account as `reached` does; it was found through its reader."""
    return connection.execute(_ONE_TOLD, {"account_id": account_id}).one()


def held(connection: Connection, identity_id: int, now: datetime, accounts: Iterable[int]) -> Mapping[int, Held]:
    """Return what a person is in each of `accounts`."""
    values = {"identity_id": identity_id, "now": now, "accounts": list(accounts)}
    return by_account(connection.execute(HELD, values).all())


def by_account(pairs: Found) -> Mapping[int, Held]:
    """Gather pairs of account and role by account."""
    found: dict[int, Held] = {}
    for row in pairs:
        mine = found.setdefault(row.id, Held())
        mine.roles.add(row.role)
        mine.off.update(row.without.split(), row.abstained.split())
    return found


def people(connection: Connection, public_ids: Iterable[str]) -> Mapping[str, Any]:
    """Return (public_id, kind, name) of people by public id: those who did something on an account."""
    asked = sorted(set(public_ids))
    return {row.public_id: row for row in _NAMED.all(connection, {"people": asked})} if asked else {}


def person(connection: Connection, identity_id: int) -> Row[*tuple[Any, ...]]:
    """Return (name, locale) of a person."""
    return connection.execute(PERSON, {"identity_id": identity_id}).one()
