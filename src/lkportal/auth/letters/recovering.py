"""Recovery of a forgotten password as a machine of states. STATES and EDGES are the whole of it: every act is one conditional
statement that takes a row from the states its edges leave to the one they enter, and does nothing to a row that stands elsewhere.

No edge signs anybody in, takes a second factor away or sets a password somebody else chose: who uses the link chooses, is signed out
everywhere, and signs in anew, second factor and all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.auth.models import Recovery
from lkportal.core.ids import public_id, token_hash
from lkportal.core.jobs import enqueue
from lkportal.core.unit import now

SEND = "auth.send_recovery"
WAITS = timedelta(hours=6)
"""How long a request waits for its letter to leave; the link's own time begins then."""
State = Literal["asked", "nobody", "sent", "done", "void", "expired"]
Act = Literal["find_nobody", "send", "use", "void", "expire"]
StartedBy = Literal["person", "staff"]

STATES: tuple[State, ...] = ("asked", "nobody", "sent", "done", "void", "expired")
EDGES: tuple[tuple[State, Act, State], ...] = (
    ("asked", "find_nobody", "nobody"),
    ("asked", "send", "sent"),
    ("sent", "use", "done"),
    ("asked", "void", "void"),
    ("sent", "void", "void"),
    ("asked", "expire", "expired"),
    ("sent", "expire", "expired"),
)
FIRST: State = "asked"


def _edge(act: Act) -> ReturningUpdate[*tuple[Any, ...]]:
    """The statement of an act: from the states its edges leave to the one they enter."""
    left = [source for source, name, _ in EDGES if name == act]
    (entered,) = {target for _, name, target in EDGES if name == act}
    return (
        update(Recovery)
        .where(Recovery.state.in_(left))
        .values(state=entered, moved_at=bindparam("now"))
        .returning(Recovery.id, Recovery.identity_id)
    )


_MOVES = {act: _edge(act) for act in ("find_nobody", "send", "use", "void", "expire")}
_ONE = Recovery.public_id == bindparam("public")
_LIVES = Recovery.expires_at > bindparam("now")
_FIND_NOBODY = _MOVES["find_nobody"].where(_ONE)
_SEND = (
    _MOVES["send"]
    .where(_ONE, _LIVES)
    .values(token_hash=bindparam("hash"), bound=bindparam("under"), expires_at=bindparam("until"))
)
_USE = _MOVES["use"].where(Recovery.token_hash == bindparam("hash"), _LIVES)
_VOID = _MOVES["void"].where(Recovery.identity_id == bindparam("person"))
_EXPIRE = _MOVES["expire"].where(Recovery.expires_at <= bindparam("now"))
_ROW: Select[*tuple[Any, ...]] = select(
    Recovery.public_id, Recovery.identity_id, Recovery.state, Recovery.locale, Recovery.brand, Recovery.token_hash
).where(_ONE, _LIVES)
_LOOK: Select[*tuple[Any, ...]] = select(Recovery.identity_id, Recovery.bound).where(
    Recovery.token_hash == bindparam("hash"), Recovery.state == "sent", _LIVES
)
_OLD = delete(Recovery).where(Recovery.expires_at < bindparam("before"))


def ask(db: Session, identity_id: int | None, locale: str, brand: str, by: StartedBy = "person") -> str:
    """Begin a recovery and queue its letter; `identity_id` is None when nobody has the login. Return its public id."""
    public, moment = public_id(), now(db)
    row = {
        "public_id": public,
        "identity_id": identity_id,
        "state": FIRST,
        "started_by": by,
        "locale": locale,
        "brand": brand,
        "created_at": moment,
        "moved_at": moment,
        "expires_at": moment + WAITS,
    }
    db.execute(insert(Recovery), row)
    enqueue(db, SEND, {"recovery": public})
    return public


def row_of(connection: Connection, public: str, moment: datetime) -> Row[Any] | None:
    """Return a recovery that still lives, for the job that sends its letter."""
    return connection.execute(_ROW, {"public": public, "now": moment}).first()


def find_nobody(db: Session, public: str) -> bool:
    """Note that there is nobody to write to; say whether the edge was taken."""
    return _moved(db, _FIND_NOBODY, public=public)


def send(db: Session, public: str, token: str, bound: str, lasts: timedelta) -> bool:
    """Note the link that is being sent and the password it is made under; say whether the edge was taken."""
    return _moved(db, _SEND, public=public, hash=token_hash(token), under=bound, until=now(db) + lasts)


def look(connection: Connection, token: str, moment: datetime) -> Row[Any] | None:
    """Return the recovery behind a link that may still be used, without using it."""
    return connection.execute(_LOOK, {"hash": token_hash(token), "now": moment}).first()


def use(db: Session, token: str) -> bool:
    """Use a link; of many at once one does."""
    return _moved(db, _USE, hash=token_hash(token))


def void(db: Session, identity_id: int) -> bool:
    """Let no recovery of a person go on: their password or their mailbox is another one now."""
    return _moved(db, _VOID, person=identity_id)


def expire(db: Session) -> bool:
    """Close what ran out."""
    return _moved(db, _EXPIRE)


def forget_old(db: Session, before: datetime) -> None:
    """Delete recoveries that ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})


def _moved(db: Session, statement: Any, **values: Any) -> bool:
    return bool(db.connection().execute(statement, {**values, "now": now(db)}).all())
