"""The account as the place of a page: its address with its seal, and the person's other accounts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from lkportal.accounts import queries
from lkportal.accounts.contract import Owes
from lkportal.accounts.directory import Directory
from lkportal.core.i18n import Text, text
from lkportal.core.money import Money
from lkportal.web import Request

SEALS = 8
"""Families of seals: so many accounts of a person never look alike. Who has more finds them in a list with a search."""
_MOST_PAIRS = 25
_PAID = text("accounts.place.paid", "All paid")
_CLOSED = text("accounts.place.closed", "Closed")
_FAMILIES = tuple(range(SEALS))


@dataclass(frozen=True, slots=True)
class Place:
    """One account to go to. `family` is that of its seal (None: by its number), `text` what is owed on it, or ""."""

    title: str
    number: str
    url: str
    family: int | None = None
    text: Text | str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """The account of a page and the person's other accounts; with too many of them `all_url` leads to their list instead."""

    title: str
    number: str
    family: int | None = None
    others: tuple[Place, ...] = ()
    all_url: str = ""


def here(request: Request) -> Here:
    """Return the place of a customer's page about an account. At most two statements: the accounts, what they owe."""
    account = request.own_account
    pairs = queries.some(request.db, request.actor.id or 0, _MOST_PAIRS)
    roles = _roles(pairs)
    mine = sorted({row.id: row for row in pairs}.values(), key=lambda row: row.id)
    if len(pairs) == _MOST_PAIRS or len(mine) > SEALS:
        return Here(account.title, account.number, all_url=request.url("accounts:list"))
    family = {row.id: place for row, place in zip(mine, _FAMILIES, strict=False)}
    others = [row for row in mine if row.id != account.id and row.closed_at is None]
    return Here(account.title, account.number, family[account.id], tuple(places(request, others, roles, family)))


def places(
    request: Request, rows: Sequence[Row[Any]], roles: Mapping[int, set[str]], family: Mapping[int, int] | None = None
) -> list[Place]:
    """Return accounts (rows of queries) as places to go to; `roles` are the person's in each of them."""
    owed = _owed(request, rows, roles)
    return [
        Place(
            row.title,
            row.number,
            request.url("accounts:home", account=row.public_id),
            family[row.id] if family else None,
            _CLOSED if row.closed_at else _words(owed.get(row.id)),
        )
        for row in rows
    ]


def first(request: Request) -> str:
    """Return the public id of an account of this person to begin with, "" when they have none."""
    rows = queries.some(request.db, request.actor.id or 0, _MOST_PAIRS)
    return min(rows, key=lambda row: (row.closed_at is not None, row.id)).public_id if rows else ""


def _owed(request: Request, rows: Sequence[Row[Any]], roles: Mapping[int, set[str]]) -> Mapping[int, Money]:
    """Return what is owed where this person may be told."""
    ports = request.portal.ports
    owes = ports.find(Owes)  # type: ignore[type-abstract]
    if owes is None or not rows:
        return {}
    rights = ports.get(Directory).rights
    telling = {role for role, allowed in rights.items() if owes.right in allowed}
    wanted = [row.id for row in rows if telling & roles.get(row.id, set())]
    return owes.amounts(request.db, wanted) if wanted else {}


def _roles(pairs: Sequence[Row[Any]]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in pairs:
        found.setdefault(row.id, set()).add(row.role)
    return found


def _words(owed: Money | None) -> Text | str:
    if owed is None:
        return ""
    return text("accounts.place.owes", "%(amount)s to pay", amount=owed) if owed.minor > 0 else _PAID
