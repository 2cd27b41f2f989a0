"""Who is told: the members of an account who have the right, or the one who acted. Read when an event is told, and asked
again when a letter leaves: who lost the right meanwhile gets nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select

from lkportal.accounts.models import Account, Brand, Membership
from lkportal.auth.models import Identity

Audience = Literal["members", "actor"]
_ACCOUNT = (
    Account.id.label("account_id"),
    Account.public_id.label("account"),
    Account.number,
    Account.title,
    Account.time_zone,
    Brand.key.label("brand"),
)
_PERSON = (Identity.id, Identity.public_id, Identity.kind, Identity.email, Identity.email_confirmed_at, Identity.locale)
_REACHES = and_(
    Membership.revoked_at.is_(None),
    or_(Membership.account_id == Account.id, Membership.organisation_id == Account.organisation_id),
)
_MEMBERS = (
    select(*_PERSON, Membership.role, *_ACCOUNT)
    .select_from(Account)
    .join(Brand, Brand.id == Account.brand_id)
    .join(Membership, _REACHES)
    .join(Identity, Identity.id == Membership.identity_id)
    .where(Identity.disabled_at.is_(None), Identity.kind == "customer")
    .order_by(Identity.id, Membership.id)
)
_OF_ACCOUNT = _MEMBERS.where(Account.public_id == bindparam("account"))
_ONE_MEMBER = _MEMBERS.where(Account.id == bindparam("account_id"), Identity.id == bindparam("identity_id"))
_PEOPLE: Select[*tuple[Any, ...]] = select(*_PERSON).where(Identity.disabled_at.is_(None))
_BY_PUBLIC_ID = _PEOPLE.where(Identity.public_id == bindparam("person"))
_BY_ID = _PEOPLE.where(Identity.id == bindparam("identity_id"))


@dataclass(frozen=True, slots=True)
class About:
    """The account a notice is about, as far as letters name it."""

    id: int
    public_id: str
    number: str
    title: str
    time_zone: str
    brand: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who is told. `email` is empty until its owner confirmed it; `about` is empty for what is about no account."""

    identity_id: int
    public_id: str
    email: str
    locale: str
    about: About | None


def members(connection: Connection, account: str, roles: frozenset[str] | None) -> list[Reader]:
    """Return the people who reach `account` (a public id) in one of `roles` (None: in any), each once."""
    return list(_once(connection.execute(_OF_ACCOUNT, {"account": account}).all(), roles))


def actor(connection: Connection, label: str, account: str | None, roles: frozenset[str] | None) -> list[Reader]:
    """Return the person who acted (`label`: "customer:Xk3...") if they are told: a customer needs the right to `account`."""
    kind, _, person = label.partition(":")
    if not person:
        return []
    if account and kind == "customer":
        return [reader for reader in members(connection, account, roles) if reader.public_id == person]
    rows = connection.execute(_BY_PUBLIC_ID, {"person": person}).all()
    return [_reader(row, None) for row in rows]


def still(
    connection: Connection, identity_id: int, account_id: int | None, roles: frozenset[str] | None
) -> Reader | None:
    """Return a reader again by keys, or None when they may not be told any more."""
    if account_id is None:
        rows = connection.execute(_BY_ID, {"identity_id": identity_id}).all()
        return _reader(rows[0], None) if rows else None
    found = connection.execute(_ONE_MEMBER, {"account_id": account_id, "identity_id": identity_id}).all()
    return next(_once(found, roles), None)


def _once(rows: Any, roles: frozenset[str] | None) -> Iterator[Reader]:
    seen: set[int] = set()
    for row in rows:
        if row.id not in seen and (roles is None or row.role in roles):
            seen.add(row.id)
            yield _reader(row, About(row.account_id, row.account, row.number, row.title, row.time_zone, row.brand))


def _reader(row: Row[Any], about: About | None) -> Reader:
    email = row.email if row.email_confirmed_at is not None else ""
    return Reader(row.id, row.public_id, email, row.locale, about)
