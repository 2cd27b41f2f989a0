"""Sessions as rows: begun, rotated, touched, revoked. The cookie holds a random token, a row its hash, and every request asks
the row: what is revoked here is refused at the very next request. Who a session belongs to is asked in accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Connection, Row, Select, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session as Unit
from sqlalchemy.orm import aliased

from lkportal.auth.contract import EverybodySignedOut, SessionRevoked, Whom
from lkportal.auth.models import Identity, Session
from lkportal.auth.settings import AuthSettings
from lkportal.core.columns import UTCDateTime
from lkportal.core.db import Database, limited
from lkportal.core.events import emit
from lkportal.core.ids import public_id, secret_token, token_hash
from lkportal.core.unit import now

TOUCH_EVERY = timedelta(minutes=5)
_LONGEST_MS = 600_000
_ALIVE = (Session.revoked_at.is_(None), Session.expires_at > bindparam("now"))
_MINE = Session.identity_id == bindparam("person")
_UNTIL = bindparam("until", type_=UTCDateTime())
_TOUCH = (
    update(Session)
    .where(Session.id == bindparam("session_id"), Session.revoked_at.is_(None))
    .values(
        seen_at=bindparam("now"),
        expires_at=case((Session.ends_at < _UNTIL, Session.ends_at), else_=_UNTIL),
        network=bindparam("from_network"),
        account_id=bindparam("last_account"),
    )
)
_ROTATE = (
    update(Session)
    .where(Session.id == bindparam("session_id"), *_ALIVE)
    .values(
        token_hash=bindparam("new_hash"),
        stepped_up_at=bindparam("now"),
        second_at=case((bindparam("by_second", type_=Boolean()), bindparam("now")), else_=Session.second_at),
    )
)
_RENEW = update(Session).where(Session.id == bindparam("session_id"), *_ALIVE).values(token_hash=bindparam("new_hash"))
_OTHER = aliased(Session)
_FIRST = (
    select(func.coalesce(_OTHER.origin_id, _OTHER.id)).where(_OTHER.token_hash == bindparam("hash")).scalar_subquery()
)
_END = (
    update(Session)
    .where(or_(Session.id == _FIRST, Session.origin_id == _FIRST), *_ALIVE)
    .values(revoked_at=bindparam("now"))
)
_FAMILY = (
    select(func.coalesce(_OTHER.origin_id, _OTHER.id)).where(_OTHER.public_id == bindparam("public")).scalar_subquery()
)
_REVOKE_ONE = update(Session).where(_MINE, func.coalesce(Session.origin_id, Session.id) == _FAMILY, *_ALIVE)
_REVOKE_ALL = update(Session).where(_MINE, Session.id != bindparam("keep"), *_ALIVE)
_REVOKE_WITHOUT = update(Session).where(_MINE, Session.second_at.is_(None), *_ALIVE)
_KEPT = select(func.coalesce(_OTHER.origin_id, _OTHER.id)).where(_OTHER.id == bindparam("keep")).scalar_subquery()
_REVOKE_EVERYBODYS = (
    update(Session)
    .where(func.coalesce(Session.origin_id, Session.id) != func.coalesce(_KEPT, 0), *_ALIVE)
    .values(revoked_at=bindparam("now"))
    .execution_options(preserve_rowcount=True)
)
_REVOKE_CUSTOMERS = _REVOKE_EVERYBODYS.where(
    Session.identity_id.in_(select(Identity.id).where(Identity.kind == "customer"))
)
_COUNTED: Select[*tuple[Any, ...]] = (
    select(Identity.kind, func.count().label("sessions"))
    .join(Session, Session.identity_id == Identity.id)
    .where(*_ALIVE)
    .group_by(Identity.kind)
)
_LIVING: Select[*tuple[Any, ...]] = (
    select(
        Session.id,
        Session.public_id,
        Session.device,
        Session.network,
        Session.created_at,
        Session.seen_at,
        Session.methods,
        func.coalesce(Session.origin_id, Session.id).label("family"),
    )
    .where(_MINE, *_ALIVE)
    .order_by(Session.seen_at.desc(), Session.id.desc())
)
_METHODS = select(Session.methods).where(Session.id == bindparam("session_id"))
_OLD = delete(Session).where(Session.expires_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in comes from, as far as it is kept: the device in words, the network without the last part."""

    device: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: its id for events, its token for the cookie and nowhere else."""

    id: int
    public_id: str
    token: str


def limits(kind: str, settings: AuthSettings) -> tuple[timedelta, timedelta]:
    """Return how long a session of this kind of person may idle, and how long it may last."""
    if kind == "staff":
        return timedelta(hours=settings.staff_idle_hours), timedelta(hours=settings.staff_whole_hours)
    return timedelta(hours=settings.customer_idle_hours), timedelta(hours=settings.customer_whole_hours)


def begin(
    db: Unit,
    identity_id: int,
    kind: str,
    origin: Origin,
    settings: AuthSettings,
    *,
    methods: tuple[str, ...] = (),
    second: bool = False,
) -> Begun:
    """Begin a session of a person who has just proved who they are by `methods`; `second` says that a second factor was one."""
    moment, token, public = now(db), secret_token(), public_id()
    idle, whole = limits(kind, settings)
    row = {
        "public_id": public,
        "token_hash": token_hash(token),
        "identity_id": identity_id,
        "created_at": moment,
        "seen_at": moment,
        "expires_at": moment + min(idle, whole),
        "ends_at": moment + whole,
        "stepped_up_at": moment,
        "methods": " ".join(methods)[:100],
        "second_at": moment if second else None,
        "device": origin.device,
        "network": origin.network,
    }
    made = db.execute(insert(Session).returning(Session.id), row).scalar_one()
    return Begun(made, public, token)


def rotate(db: Unit, session_id: int, *, second: bool = False) -> str:
    """Give a session a new token after a fresh proof and return it; "" when it was revoked meanwhile. `second`: by a second factor."""
    token = secret_token()
    values = {"session_id": session_id, "new_hash": token_hash(token), "now": now(db), "by_second": second}
    done = db.connection().execute(_ROTATE, values)
    return token if done.rowcount else ""


def renew(db: Unit, session_id: int) -> str:
    """Give a session a new token because its person may do something else from now on, and return it; "" when it was revoked.

    Nothing was proved by that: what asks for a fresh proof asks as before.
    """
    token = secret_token()
    values = {"session_id": session_id, "new_hash": token_hash(token), "now": now(db)}
    return token if db.connection().execute(_RENEW, values).rowcount else ""


def end(db: Unit, token: str) -> None:
    """End the session of this token, if it lives, with those it crossed to or came from: the person leaves, or signs in anew."""
    db.connection().execute(_END, {"hash": token_hash(token), "now": now(db)})


def revoke(db: Unit, identity_id: int, identity: str, session: str) -> bool:
    """End one session of a person, named by its public id, with those it crossed to or came from; say whether there was one.

    A stranger's is not found.
    """
    return bool(_revoke(db, _REVOKE_ONE, identity, {"person": identity_id, "public": session}))


def revoke_all(db: Unit, identity_id: int, identity: str, *, keep: int | None = None) -> int:
    """End all sessions of a person, but the one to `keep`; return how many."""
    return len(_revoke(db, _REVOKE_ALL, identity, {"person": identity_id, "keep": keep or 0}))


def revoke_without_second(db: Unit, identity_id: int, identity: str) -> int:
    """End the sessions of a person that began without a second factor, now that it is asked for; return how many."""
    return len(_revoke(db, _REVOKE_WITHOUT, identity, {"person": identity_id}))


def revoke_everybodys(db: Unit, whom: Whom, *, keep: int | None = None) -> int:
    """End all sessions there are, of customers or of everybody, by one statement; return how many. The one to `keep` stays, with
    those it crossed to or came from: they are one browser."""
    connection = db.connection()
    statement = _REVOKE_CUSTOMERS if whom == "customers" else _REVOKE_EVERYBODYS
    with limited(connection, _LONGEST_MS):
        ended = connection.execute(statement, {"keep": keep or 0, "now": now(db)}).rowcount
    emit(db, EverybodySignedOut(whom, ended))
    return ended


def counted(connection: Connection, moment: datetime) -> dict[str, int]:
    """Return how many sessions live, by kind of person ("customer", "staff")."""
    return {row.kind: int(row.sessions) for row in connection.execute(_COUNTED, {"now": moment})}


def _revoke(db: Unit, statement: Any, identity: str, values: dict[str, Any]) -> tuple[str, ...]:
    moment = now(db)
    ended = statement.values(revoked_at=moment).returning(Session.public_id)
    gone = tuple(db.connection().scalars(ended, {**values, "now": moment}))
    if gone:
        emit(db, SessionRevoked(identity, gone))
    return gone


def living(connection: Connection, identity_id: int, moment: datetime) -> Sequence[Row[Any]]:
    """Return the living sessions of a person, the latest seen first."""
    return connection.execute(_LIVING, {"person": identity_id, "now": moment}).all()


def methods_of(connection: Connection, session_id: int) -> str:
    """Return by what a session began, words with spaces between; "" when nobody wrote it down."""
    return str(connection.execute(_METHODS, {"session_id": session_id}).scalar() or "")


def touch(
    database: Database, session_id: int, moment: datetime, idle: timedelta, network: str, account_id: int | None
) -> None:
    """Note that a session was seen now, from where, and which account it looked at. Called after the answer, seldom."""
    values = {
        "session_id": session_id,
        "now": moment,
        "until": moment + idle,
        "from_network": network,
        "last_account": account_id,
    }
    with database.unit() as db:
        db.connection().execute(_TOUCH, values)


def forget_old(db: Unit, before: datetime) -> None:
    """Delete sessions that ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})
