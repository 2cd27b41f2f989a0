"""Prepared reads of the desk about news: all items, whomever they concern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select

from lkportal.accounts.models import Brand
from lkportal.modules.news.models import Concerned, Item, Read

_ITEM = select(
    Item.id,
    Item.public_id,
    Item.kind,
    Item.state,
    Item.texts,
    Item.important,
    Item.brand_id,
    Item.segment,
    Item.places,
    Item.service,
    Item.cause,
    Item.begins_at,
    Item.expected_end,
    Item.ended_at,
    Item.show_from,
    Item.show_until,
    Item.publish_at,
    Item.published_at,
)
_RANK = case({"draft": 0, "waiting": 1, "published": 2}, value=Item.state, else_=3)
_ALL = (
    _ITEM.where(Item.state != "dropped")
    .order_by(_RANK, Item.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_ONE = _ITEM.where(Item.public_id == bindparam("item"), Item.state != "dropped")
_BRANDS = select(Brand.id, Brand.key, Brand.name).order_by(Brand.id)
_READERS = select(func.count()).where(Read.item_id == bindparam("item_id"))
_FOUND = select(func.count()).where(Concerned.item_id == bindparam("item_id"))


def items(connection: Connection, limit: int, offset: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return items: those customers see first, then drafts, then what is over, newest first."""
    return connection.execute(_ALL, {"limit": limit, "offset": offset}).all()


def one(connection: Connection, item: str) -> Row[*tuple[Any, ...]] | None:
    """Return an item, or None."""
    return connection.execute(_ONE, {"item": item}).first()


def brands(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the brands of the portal."""
    return connection.execute(_BRANDS).all()


def brand_id(connection: Connection, key: str) -> int:
    """Return the internal key of a brand; 0 when it has no row yet."""
    return next((row.id for row in brands(connection) if row.key == key), 0)


def readers(connection: Connection, item_id: int) -> int:
    """Return how many people have marked an item as read."""
    return connection.execute(_READERS, {"item_id": item_id}).scalar_one()


def found(connection: Connection, item_id: int) -> int:
    """Return how many accounts were found for a published item with places."""
    return connection.execute(_FOUND, {"item_id": item_id}).scalar_one()
