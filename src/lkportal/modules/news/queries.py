"""Prepared reads of news. What a customer sees is bound to one account: an item that does not concern it is not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from lkportal.accounts.models import Account, Brand
from lkportal.modules.news.models import Concerned, Item, Read, Update

_SEEN = Item.state.in_(("published", "closed"))
_ITEM = (
    Item.id,
    Item.public_id,
    Item.kind,
    Item.state,
    Item.texts,
    Item.important,
    Item.places,
    Item.service,
    Item.cause,
    Item.begins_at,
    Item.expected_end,
    Item.ended_at,
    Item.published_at,
)


def fits(account: type[Account] = Account) -> ColumnElement[bool]:
    """Return the condition that an item concerns a row of accounts, but for its places."""
    segment = case((account.organisation_id.is_(None), "household"), else_="company")
    return and_(
        or_(Item.brand_id.is_(None), Item.brand_id == account.brand_id),
        or_(Item.segment == "", Item.segment == segment),
    )


_CONCERNS = and_(
    _SEEN,
    or_(
        and_(Item.targeted.is_(False), fits()),
        exists().where(Concerned.item_id == Item.id, Concerned.account_id == Account.id),
    ),
)
_HAS_READ = exists().where(Read.item_id == Item.id, Read.identity_id == bindparam("person_id"))
_MINE = select(*_ITEM).join(Account, Account.id == bindparam("account_id")).where(_CONCERNS)
_SHOWN = (Item.show_from <= bindparam("today"), or_(Item.show_until.is_(None), Item.show_until >= bindparam("today")))
_ORDER = (Item.kind.desc(), Item.state.desc(), Item.important.desc(), Item.begins_at, Item.id.desc())

HERE = _MINE.where(*_SHOWN, or_(Item.kind == "outage", ~_HAS_READ)).order_by(*_ORDER).limit(4)
"""What concerns an account now: its outages, and announcements that :person_id has not marked as read."""

_LIST = (
    _MINE.add_columns(_HAS_READ.label("has_read"))
    .order_by(Item.published_at.desc(), Item.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_KIND: Any = bindparam("kind", type_=String())
_NEWEST = (
    _MINE.add_columns(_HAS_READ.label("has_read"))
    .where(or_(literal_column("''") == _KIND, Item.kind == _KIND))
    .order_by(Item.published_at.desc(), Item.id.desc())
    .limit(bindparam("limit"))
)
_LAST_SEEN = (
    select(Item.published_at, Item.id)
    .join(Account, Account.id == bindparam("account_id"))
    .where(_CONCERNS, Item.public_id == bindparam("after"))
    .subquery()
)
_LAST_AT = select(_LAST_SEEN.c.published_at).scalar_subquery()
_OLDER = _NEWEST.where(
    or_(
        Item.published_at < _LAST_AT,
        and_(Item.published_at == _LAST_AT, Item.id < select(_LAST_SEEN.c.id).scalar_subquery()),
    )
)
_ONE = _MINE.add_columns(_HAS_READ.label("has_read")).where(Item.public_id == bindparam("item"))
_UPDATES = (
    select(Update.public_id, Update.texts, Update.expected_end, Update.made_at)
    .where(Update.item_id == bindparam("item_id"))
    .order_by(Update.id.desc())
    .limit(50)
)
_PUBLIC = (
    select(*_ITEM)
    .where(
        Item.kind == "outage",
        Item.state == "published",
        *_SHOWN,
        or_(Item.brand_id.is_(None), Item.brand_id == bindparam("brand_id")),
    )
    .order_by(Item.begins_at, Item.id)
    .limit(100)
)


_GOING_ON = (
    select(func.count())
    .select_from(Item)
    .outerjoin(Brand, Brand.id == Item.brand_id)
    .where(
        Item.kind == "outage",
        Item.state == "published",
        Item.begins_at <= bindparam("now"),
        or_(Item.brand_id.is_(None), Brand.key == bindparam("brand")),
    )
)


def recent(
    connection: Connection, account_id: int, person_id: int, limit: int, offset: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what concerned an account, newest first, and whether the person has read it."""
    values = {"account_id": account_id, "person_id": person_id, "limit": limit, "offset": offset}
    return connection.execute(_LIST, values).all()


def behind(
    connection: Connection, account_id: int, person_id: int, kind: str, limit: int, after: str
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what concerns an account, newest first, of a kind ("": of both), behind the item of the public id `after`."""
    values = {"account_id": account_id, "person_id": person_id, "kind": kind, "limit": limit, "after": after}
    return connection.execute(_OLDER if after else _NEWEST, values).all()


def one(connection: Connection, account_id: int, person_id: int, item: str) -> Row[*tuple[Any, ...]] | None:
    """Return an item that concerns the account, or None."""
    values = {"account_id": account_id, "person_id": person_id, "item": item}
    return connection.execute(_ONE, values).first()


def updates(connection: Connection, item_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what was added to an item, newest first."""
    return connection.execute(_UPDATES, {"item_id": item_id}).all()


def going_on(connection: Connection, brand: str, moment: datetime) -> int:
    """Return how many outages of a brand (its key) have begun and are not over."""
    return int(connection.execute(_GOING_ON, {"brand": brand, "now": moment}).scalar_one())


def public(connection: Connection, brand_id: int, today: Any) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the outages that everybody may see on a brand's pages, those that are over left out."""
    return connection.execute(_PUBLIC, {"brand_id": brand_id, "today": today}).all()
