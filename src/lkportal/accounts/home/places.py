"""The account as the place of a page: its address with its seal, and the person's other accounts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from lkportal.accounts import queries
from lkportal.accounts.contract import Owes
from lkportal.accounts.directory import Directory
from lkportal.accounts.queries import Held
from lkportal.core.i18n import Text, text
from lkportal.core.money import Money
from lkportal.web import Request

SEALS = 8
"""Families of seals: so many accounts of a person never look alike. Who has more finds them in a list with a search."""
_MOST_PAIRS = 25
_PAID = text("accounts.place.paid", "All paid")
_CLOSED = text("accounts.place.closed", "Closed")


@dataclass(frozen=True, slots=True)
class Place:
    """One account to go to. `family` is that of its seal (None: by its number), `text` what is owed on it, or "".

    `owing`: something is.
    """

    title: str
    number: str
    url: str
    family: int | None = None
    text: Text | str = ""
    owing: bool = False


@dataclass(frozen=True, slots=True)
class Here:
    """The account of a page and the person's other accounts; with too many of them `all_url` leads to their list instead. `closed` is
    the day it was closed."""

    title: str
    number: str
    family: int | None = None
    others: tuple[Place, ...] = ()
    all_url: str = ""
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person reaches, as far as it is few: `rows` are their accounts, oldest first, `held` what they are in each,
    `family` the seals that tell them apart. With `many` the rows are not all of them, and there is no such family."""

    rows: tuple[Row[Any], ...]
    held: Mapping[int, Held]
    family: Mapping[int, int]
    many: bool
    home: str = ""


def reach(request: Request) -> Reach:
    """Return what the person of a request reaches: one statement, quick for ten thousand accounts too. `home` is how they
    arranged the home page of the account the request is about."""
    looked_at = request.account.id if request.account else 0
    pairs = queries.some(request.db, request.actor.id or 0, request.portal.clock.now(), _MOST_PAIRS, looked_at)
    rows = tuple(sorted({row.id: row for row in pairs}.values(), key=lambda row: row.id))
    many = len(pairs) == _MOST_PAIRS or len(rows) > SEALS
    family = {} if many else {row.id: place for place, row in enumerate(rows)}
    return Reach(rows, queries.by_account(pairs), family, many, (pairs[0].home or "") if pairs else "")


def here(request: Request, mine: Reach) -> Here:
    """Return the place of a customer's page about an account, for a person who reaches `mine`: a statement, what others owe."""
    account = request.own_account
    if mine.many:
        return Here(account.title, account.number, all_url=request.url("accounts:list"))
    others = [row for row in mine.rows if row.id != account.id and row.closed_at is None]
    shown = places(request, others, mine.held, mine.family)
    ended = next((row.closed_at for row in mine.rows if row.id == account.id), None)
    closed = ended.astimezone(ZoneInfo(account.time_zone)).date() if ended else None
    return Here(account.title, account.number, mine.family.get(account.id), tuple(shown), closed=closed)


def places(
    request: Request, rows: Sequence[Row[Any]], held: Mapping[int, Held], family: Mapping[int, int]
) -> list[Place]:
    """Return accounts (rows of queries) as places to go to; `held` is what the person is in each of them."""
    owed = _owed(request, rows, held)
    return [
        Place(
            row.title,
            row.number,
            _address(request, row),
            family.get(row.id),
            _CLOSED if row.closed_at else _words(owed.get(row.id)),
            row.id in owed and owed[row.id].minor > 0,
        )
        for row in rows
    ]


def together(request: Request, shown: Sequence[Place]) -> str:
    """Return the address where accounts are paid for at once, "" unless more than one of those shown owes something."""
    owes = request.portal.ports.find(Owes)  # type: ignore[type-abstract]
    many = sum(place.owing for place in shown) > 1
    return request.url(owes.together) if owes is not None and owes.together and many else ""


def _address(request: Request, row: Row[Any]) -> str:
    """Return where an account lives: a page here, or, when its brand has a host of its own, a crossing to that host."""
    here = request.url("accounts:home", account=row.public_id)
    if len(request.portal.sites) == 1:
        return here
    brand = request.portal.ports.get(Directory).brand(request.db, row.brand_id)
    site = next((each for each in request.portal.sites if each.key == brand), request.site)
    if site.origin == request.site.origin:
        return here
    below = request.visit.edge.routes.path("auth:cross", {"from": request.brand, "next": here})
    return site.public_url.rstrip("/") + below


def first(request: Request) -> str:
    """Return the public id of an account of this person to begin with, "" when they have none."""
    rows = reach(request).rows
    return min(rows, key=lambda row: (row.closed_at is not None, row.id)).public_id if rows else ""


def _owed(request: Request, rows: Sequence[Row[Any]], held: Mapping[int, Held]) -> Mapping[int, Money]:
    """Return what is owed where this person may be told."""
    ports = request.portal.ports
    owes = ports.find(Owes)  # type: ignore[type-abstract]
    if owes is None or not rows:
        return {}
    directory = ports.get(Directory)
    if directory.gates.get(owes.right, 0) > 0:
        return {}
    rights = directory.rights
    telling = {role for role, allowed in rights.items() if owes.right in allowed}
    mine = [(row.id, held.get(row.id, Held())) for row in rows]
    module = owes.right.partition(".")[0]
    there = {row.id for row in rows if directory.has(module, row.public_id)}
    wanted = [
        account for account, each in mine if telling & each.roles and owes.right not in each.off and account in there
    ]
    return owes.amounts(request.db, wanted) if wanted else {}


def _words(owed: Money | None) -> Text | str:
    if owed is None:
        return ""
    return text("accounts.place.owes", "%(amount)s to pay", amount=owed) if owed.minor > 0 else _PAID
