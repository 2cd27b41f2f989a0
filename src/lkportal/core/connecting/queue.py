"""What waits to be told to another system: queued in the transaction of the fact itself, once for each fact, told by a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from lkportal.core.connecting.tables import IS_REFUSED, IS_WAITING, connections, dispatches
from lkportal.core.errors import NotFound
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed

_NEW = insert_if_new(dispatches)
_FOUND = select(dispatches.c.external_id).where(
    dispatches.c.connector == bindparam("of"),
    dispatches.c.kind == bindparam("kind"),
    dispatches.c.subject == bindparam("subject"),
    dispatches.c.state == "sent",
)
_SHOWN = (
    dispatches.c.id,
    dispatches.c.connector,
    dispatches.c.kind,
    dispatches.c.subject,
    dispatches.c.attempt,
    dispatches.c.error,
    dispatches.c.created_at,
)
_STANDING = (
    select(
        dispatches.c.connector,
        func.count().label("waiting"),
        func.min(dispatches.c.created_at).label("oldest"),
    )
    .where(IS_WAITING)
    .group_by(dispatches.c.connector)
)
_REFUSED = select(*_SHOWN).where(IS_REFUSED).order_by(dispatches.c.created_at).limit(bindparam("most"))
_CONNECTIONS = select(connections)
_AGAIN = (
    update(dispatches)
    .where(dispatches.c.id == bindparam("dispatch"), dispatches.c.state == "refused")
    .values(state="waiting", due_at=bindparam("moment"), error="")
)
_AWAY = (
    update(dispatches)
    .where(dispatches.c.id == bindparam("dispatch"), dispatches.c.state == "refused")
    .values(state="dropped", done_at=bindparam("moment"))
)
_OWNER = select(dispatches.c.connector).where(dispatches.c.id == bindparam("dispatch"))
_NOW = (
    update(dispatches).where(dispatches.c.connector == bindparam("of"), IS_WAITING).values(due_at=bindparam("moment"))
)
_HURRY = update(connections).where(connections.c.name == bindparam("of")).values(next_at=None)


@dataclass(frozen=True, slots=True)
class Standings:
    """How connections stand: rows of core_connections and of what waits by name, and the dispatches that were refused."""

    connections: Mapping[str, Row[*tuple[Any, ...]]]
    waiting: Mapping[str, Row[*tuple[Any, ...]]]
    refused: Sequence[Row[*tuple[Any, ...]]]


def dispatch(db: Session, connector: str, kind: str, subject: str, facts: Mapping[str, Any] | None = None) -> bool:
    """Queue a fact for another system in the transaction of `db`; False when it was queued before: a fact is told once.

    `facts` are ids and codes: what people wrote is read again when it is told.
    """
    moment = now(db)
    row = {
        "key": public_id(), "connector": connector, "kind": kind, "subject": subject, "facts": dict(facts or {}),
        "state": "waiting", "attempt": 0, "due_at": moment, "error": "", "external_id": "", "created_at": moment,
    }  # fmt: skip
    if not changed(db.execute(_NEW[db.get_bind().dialect.name], row)):
        return False
    wake(db, connector)
    return True


def wake(db: Session, connector: str) -> None:
    """Let a connector go its round soon: something new waits, or the other side gave a hint."""
    job = f"{connector}.exchange"
    enqueue(db, job, {}, dedup=job)


def external_id(connection: Connection | Session, connector: str, kind: str, subject: str) -> str | None:
    """Return what the other system calls a thing it was told of, or None."""
    found = connection.execute(_FOUND, {"of": connector, "kind": kind, "subject": subject}).scalar()
    return None if found is None else str(found)


def standings(connection: Connection, most: int = 100) -> Standings:
    """Return how all connections stand, by three statements."""
    return Standings(
        {row.name: row for row in connection.execute(_CONNECTIONS)},
        {row.connector: row for row in connection.execute(_STANDING)},
        connection.execute(_REFUSED, {"most": most}).all(),
    )


def try_now(db: Session, connector: str) -> None:
    """Let a connector go round at once, with all that waits, whatever pause it is in."""
    db.execute(_NOW, {"of": connector, "moment": now(db)})
    db.execute(_HURRY, {"of": connector})
    wake(db, connector)


def try_again(db: Session, key: int) -> None:
    """Put a refused dispatch back into the queue. Raises NotFound when it is not refused any more."""
    if not changed(db.execute(_AGAIN, {"dispatch": key, "moment": now(db)})):
        raise NotFound
    wake(db, str(db.execute(_OWNER, {"dispatch": key}).scalar_one()))


def put_away(db: Session, key: int) -> None:
    """Let a refused dispatch be: it is not told. Raises NotFound when it is not refused any more."""
    if not changed(db.execute(_AWAY, {"dispatch": key, "moment": now(db)})):
        raise NotFound
