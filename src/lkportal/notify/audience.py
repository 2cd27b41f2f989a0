"""Who is told: the members of an account who have the right, or the one who acted. Asked when an event is told, and again when
a letter leaves: who lost the right meanwhile gets nothing. Who reaches an account is known to accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef, Accounts
from lkportal.auth.models import Identity
from lkportal.core.ports import Ports
from lkportal.notify.models import Returned

Audience = Literal["members", "actor"]
IS_MARKED = and_(
    Returned.identity_id == Identity.id,
    Returned.address == func.lower(Identity.email),
    Returned.marked_at.is_not(None),
)
"""Joins to a person the mark on their present address: letters come back from it."""
_PEOPLE: Select[*tuple[Any, ...]] = (
    select(
        Identity.id,
        Identity.public_id,
        Identity.kind,
        Identity.email,
        Identity.email_confirmed_at,
        Identity.locale,
        Identity.phone,
        Identity.phone_confirmed_at,
        Returned.marked_at.label("returned_at"),
    )
    .outerjoin(Returned, IS_MARKED)
    .where(
        Identity.disabled_at.is_(None),
        or_(Identity.id.in_(bindparam("ids", expanding=True)), Identity.public_id == bindparam("public")),
    )
    .order_by(Identity.id)
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who is told. `email` and `phone` are empty until confirmed; `account` is None for what is about no account.
    `returned`: letters come back from the address, so `email` is empty too."""

    identity_id: int
    public_id: str
    email: str
    locale: str
    account: AccountRef | None
    phone: str = ""
    returned: bool = False


def members(db: Session | Connection, ports: Ports, account: str | None, right: str) -> list[Reader]:
    """Return the people who reach `account` (a public id) with `right` (empty: with any), each once."""
    accounts = ports.get(Accounts)  # type: ignore[type-abstract]
    about = accounts.by_public_id(db, account) if account else None
    if about is None:
        return []
    ids = [member.identity_id for member in accounts.members(db, about.id, right)]
    return _readers(db, ids, about)


def of_many(db: Session | Connection, ports: Ports, account_ids: Sequence[int], right: str) -> dict[int, list[Reader]]:
    """Return `members` of many accounts, by internal key of the account, with three statements for all."""
    accounts = ports.get(Accounts)  # type: ignore[type-abstract]
    reached = accounts.people(db, account_ids, right)
    ids = sorted({member.identity_id for _, people in reached for member in people})
    known = {reader.identity_id: reader for reader in _readers(db, ids, None)} if ids else {}
    return {
        about.id: [replace(known[each.identity_id], account=about) for each in people if each.identity_id in known]
        for about, people in reached
    }


def actor(db: Session | Connection, ports: Ports, label: str, account: str | None, right: str) -> list[Reader]:
    """Return the person who acted (`label`: "customer:Xk3...") if they are told: a customer needs the right to `account`."""
    kind, _, person = label.partition(":")
    if not person:
        return []
    if account and kind == "customer":
        return [reader for reader in members(db, ports, account, right) if reader.public_id == person]
    return _readers(db, (), None, person)


def still(db: Connection, ports: Ports, identity_id: int, account: str | None, right: str) -> Reader | None:
    """Return a reader again, or None when they may not be told any more."""
    found = members(db, ports, account, right) if account else _readers(db, [identity_id], None)
    return next((reader for reader in found if reader.identity_id == identity_id), None)


def _readers(
    db: Session | Connection, ids: Iterable[int], account: AccountRef | None, public: str = ""
) -> list[Reader]:
    rows = db.execute(_PEOPLE, {"ids": list(ids), "public": public}).all()
    return [
        Reader(
            row.id,
            row.public_id,
            row.email if row.email_confirmed_at and row.returned_at is None else "",
            row.locale,
            account,
            row.phone if row.phone_confirmed_at else "",
            row.returned_at is not None,
        )
        for row in rows
    ]
