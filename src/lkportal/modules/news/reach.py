"""Whom an item concerns: its accounts, in portions. Streets are looked for coarsely by the database and judged exactly by places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from lkportal.accounts.models import Account, Premise
from lkportal.core.search import matching
from lkportal.modules.news.models import Item
from lkportal.modules.news.places import Place, stands_in, understood
from lkportal.modules.news.queries import fits

BATCH = 500
_EVERY: Select[*tuple[Any, ...]] = (
    select(Account.id, Account.number, Account.title)
    .select_from(Account)
    .join(Item, Item.id == bindparam("item_id"))
    .where(Account.closed_at.is_(None), fits())
)
_ACCOUNTS: Select[*tuple[Any, ...]] = (
    _EVERY.where(Account.id > bindparam("after")).order_by(Account.id).limit(bindparam("most"))
)


def places_of(lines: Sequence[str]) -> list[Place]:
    """Return the places of an item's lines."""
    return [place for line in lines if (place := understood(line)) is not None]


def concerned(connection: Connection, item_id: int, lines: Sequence[str], after: int) -> tuple[list[Any], int]:
    """Return the next accounts (id, number, title) that an item concerns, and the account to go on after; 0: there are no more."""
    statement, places = _statement(_ACCOUNTS, lines)
    rows = connection.execute(statement, {"item_id": item_id, "after": after, "most": BATCH}).all()
    found = [row for row in rows if not places or stands_in(places, row.address)]
    return found, rows[-1].id if len(rows) == BATCH else 0


def portions(connection: Connection, item_id: int, lines: Sequence[str]) -> Iterator[list[Any]]:
    """Yield all accounts that an item concerns, in portions."""
    after = -1
    while after:
        found, after = concerned(connection, item_id, lines, after)
        yield found


def count(connection: Connection, item_id: int, lines: Sequence[str]) -> int:
    """Return how many accounts an item concerns."""
    if lines:
        return sum(len(found) for found in portions(connection, item_id, lines))
    return connection.execute(select(func.count()).select_from(_EVERY.subquery()), {"item_id": item_id}).scalar_one()


def _statement(
    statement: Select[*tuple[Any, ...]], lines: Sequence[str]
) -> tuple[Select[*tuple[Any, ...]], list[Place]]:
    if not lines:
        return statement, []
    places = places_of(lines)
    rough = [found for place in places if (found := matching(place.words, Premise.address)) is not None]
    return statement.join(Premise, Premise.id == Account.premise_id).add_columns(Premise.address).where(
        or_(*rough)
    ), places
