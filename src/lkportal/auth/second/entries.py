"""Sign-ins that wait for their second step: a row for minutes, its token in a short cookie. Who is let in is judged in entering."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.auth.models import Entry
from lkportal.auth.passwords import fingerprint
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.unit import now

_VALID = (Entry.token_hash == bindparam("hash"), Entry.used_at.is_(None), Entry.expires_at > bindparam("now"))
_COLUMNS = (Entry.id, Entry.identity_id, Entry.methods, Entry.wanted, Entry.bound)
_LOOK: Select[*tuple[Any, ...]] = select(*_COLUMNS).where(*_VALID)
_SPEND: ReturningUpdate[*tuple[Any, ...]] = (
    update(Entry).where(*_VALID).values(used_at=bindparam("now")).returning(*_COLUMNS)
)
_OLD = delete(Entry).where(Entry.expires_at < bindparam("before"))


def make(db: Session, person: Row[Any], methods: tuple[str, ...], wanted: str, minutes: int) -> str:
    """Note that a person took the first step and return the token of the second."""
    token, moment = secret_token(), now(db)
    row = {
        "token_hash": token_hash(token),
        "identity_id": person.id,
        "methods": " ".join(methods)[:100],
        "wanted": wanted[:1000],
        "bound": fingerprint(person.password_hash),
        "created_at": moment,
        "expires_at": moment + timedelta(minutes=minutes),
    }
    db.execute(insert(Entry), row)
    return token


def look(connection: Connection, token: str, moment: datetime) -> Row[Any] | None:
    """Return the row of a sign-in that still waits, without ending the wait."""
    return connection.execute(_LOOK, {"hash": token_hash(token), "now": moment}).first()


def spend(db: Session, token: str) -> Row[Any] | None:
    """Take up a sign-in that waits: of many at once one gets its row, the others None."""
    return db.connection().execute(_SPEND, {"hash": token_hash(token), "now": now(db)}).first()


def forget_old(db: Session, before: datetime) -> None:
    """Delete sign-ins that ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})
