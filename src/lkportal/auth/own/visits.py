"""Visits: every sign-in, done or refused, as its person may read it: when, by which way, on what, from where. Written in the unit of
the act; sessions themselves stand in sessions and go when they run out, visits stay for as long as the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select
from sqlalchemy.orm import Session as Unit

from lkportal.auth.models import Session, Visit
from lkportal.auth.sessions import Origin
from lkportal.core.unit import now

_INSERT = insert(Visit)
_MINE: Select[*tuple[Any, ...]] = (
    select(Visit.at, Visit.outcome, Visit.methods, Visit.device, Visit.network, Visit.known)
    .where(Visit.identity_id == bindparam("person"))
    .order_by(Visit.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_SESSION: Select[*tuple[Any, ...]] = select(
    Session.id, Session.public_id, Session.identity_id, Session.device, Session.network, Session.created_at
)
_OF_SESSION = _SESSION.where(Session.public_id == bindparam("session"))
_BEHIND = _SESSION.where(Session.id == bindparam("session"))
_OLD = delete(Visit).where(Visit.at < bindparam("before"))


def came(db: Unit, identity_id: int, origin: Origin, methods: tuple[str, ...], *, known: bool) -> None:
    """Note that a person signed in; `known` says that they had with this browser before."""
    _note(db, identity_id, "in", origin, " ".join(methods), known)


def refused(db: Unit, identity_id: int | None, origin: Origin, method: str) -> None:
    """Note that a sign-in was refused; of nobody when nobody has the login, which takes the same time."""
    _note(db, identity_id, "refused", origin, method, known=False)


def recent(connection: Connection, identity_id: int, most: int, skip: int = 0) -> Sequence[Row[Any]]:
    """Return the visits of a person, newest first."""
    return connection.execute(_MINE, {"person": identity_id, "most": most, "skip": skip}).all()


def session_named(connection: Connection, session: str) -> Row[Any] | None:
    """Return the session of a public id: what a letter about a new device tells."""
    return connection.execute(_OF_SESSION, {"session": session}).first()


def session_behind(connection: Connection, session_id: int) -> Row[Any] | None:
    """Return the session that the link of such a letter ends."""
    return connection.execute(_BEHIND, {"session": session_id}).first()


def forget_old(db: Unit, before: datetime) -> None:
    """Delete visits before this moment."""
    db.connection().execute(_OLD, {"before": before})


def _note(db: Unit, identity_id: int | None, outcome: str, origin: Origin, methods: str, known: bool) -> None:
    row = {
        "identity_id": identity_id,
        "at": now(db),
        "outcome": outcome,
        "methods": methods[:100],
        "device": origin.device,
        "network": origin.network,
        "known": known,
    }
    db.connection().execute(_INSERT, row)
