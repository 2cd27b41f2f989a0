"""The browsers that people allowed to show messages: kept, listed, forgotten. Their addresses are kept encrypted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lkportal.core.ids import public_id
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.notify.models import Device

MOST = 12
"""Browsers of one person: the oldest make room."""
_MINE = (
    select(Device.public_id, Device.name, Device.created_at, Device.used_at, Device.endpoint_hash)
    .where(Device.identity_id == bindparam("person"))
    .order_by(Device.id.desc())
)
_ONE = select(Device.endpoint, Device.keys).where(
    Device.public_id == bindparam("device"), Device.identity_id == bindparam("person")
)
_USED = update(Device).where(Device.public_id == bindparam("device")).values(used_at=bindparam("moment"))
_FORGET = delete(Device).where(Device.public_id == bindparam("device"), Device.identity_id == bindparam("person"))
_KEEP = {
    name: statement.on_conflict_do_update(
        index_elements=["endpoint_hash"],
        set_={each: statement.excluded[each] for each in ("identity_id", "keys", "name", "created_at")},
    )
    for name, statement in (("sqlite", sqlite.insert(Device)), ("postgresql", postgresql.insert(Device)))
}
_newest = select(Device.id).where(Device.identity_id == bindparam("person")).order_by(Device.id.desc()).limit(MOST)
_MAKE_ROOM = delete(Device).where(Device.identity_id == bindparam("person"), Device.id.not_in(_newest))
COUNT = select(func.count()).select_from(Device).where(Device.identity_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a browser gets its messages, and the keys they are sealed with."""

    endpoint: str
    keys: Mapping[str, str]


def mine(connection: Connection, person: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a person's browsers, newest first."""
    return connection.execute(_MINE, {"person": person}).all()


def address(connection: Connection, person: int, device: str) -> Address | None:
    """Return the address of a browser (a public id), or None when its owner or the push service took it back."""
    row = connection.execute(_ONE, {"person": person, "device": device}).first()
    return Address(row.endpoint, json.loads(row.keys)) if row else None


def keep(db: Session, person: int, address: Address, name: str) -> None:
    """Keep a browser. One that another person used before is this person's from now on."""
    row = {
        "public_id": public_id(),
        "identity_id": person,
        "endpoint_hash": mark(address.endpoint),
        "endpoint": address.endpoint,
        "keys": json.dumps(dict(address.keys)),
        "name": name[:120],
        "created_at": now(db),
    }
    db.execute(_KEEP[db.get_bind().dialect.name], row)
    db.connection().execute(_MAKE_ROOM, {"person": person})


def forget(db: Session, person: int, device: str) -> bool:
    """Forget a browser; return whether it was there."""
    return bool(changed(db.connection().execute(_FORGET, {"person": person, "device": device})))


def used(db: Session, device: str, moment: datetime) -> None:
    """Write down that a browser took a message."""
    db.connection().execute(_USED, {"device": device, "moment": moment})


def mark(endpoint: str) -> str:
    """What a browser is known by without its address: the page finds itself in the list by it."""
    return sha256(endpoint.encode()).hexdigest()
