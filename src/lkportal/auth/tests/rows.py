"""What the laws of rows ask of a house: a unit, people, all rows of a table."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Unit

from lkportal.auth.models import Identity, Session
from lkportal.auth.tests.house import House
from lkportal.core.unit import open_unit


def unit(house: House) -> AbstractContextManager[Unit]:
    """Open a unit of work."""
    return open_unit(house.portal.database, house.portal.unit_context())


def person(house: House, name: str) -> int:
    """Return the key of a new person who has no password."""
    with unit(house) as db:
        row = Identity(
            kind="customer",
            login=f"{name}@example.org",
            email=f"{name}@example.org",
            name=name,
            created_at=moment(house),
        )
        db.add(row)
        db.flush()
        return row.id


def moment(house: House) -> datetime:
    """The present."""
    return house.clock.now()


def all_of(house: House, model: Any) -> list[Any]:
    """Return all rows of a table, the oldest first."""
    with house.portal.database.reading() as connection:
        table = model.__table__
        return list(connection.execute(select(*table.columns).order_by(*table.primary_key.columns)))


def alive(house: House) -> list[str]:
    """Return the public ids of the sessions that nobody ended, the oldest first."""
    return [row.public_id for row in all_of(house, Session) if row.revoked_at is None]


def told(house: House, name: str) -> list[dict[str, Any]]:
    """Return the bodies of the events of a name."""
    with house.portal.database.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT body FROM core_outbox WHERE name = '{name}' ORDER BY id").scalars()
        return [json.loads(body) if isinstance(body, str) else body for body in found]
