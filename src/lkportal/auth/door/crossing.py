"""A sign-in crosses to another host of the same portal, where another brand lives. Browsers share no cookies between hosts, so the
target begins: it leaves a secret in the browser and asks the origin for a token bound to it. Pages stand in routes_crossing.

The token lives a minute, is spent once by one conditional statement, opens only on the host it was made for, only in the browser
that asked, and only while the session it comes from lives. The session it opens is not stronger and not longer than that one."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Session as Unit
from sqlalchemy.orm import aliased

from lkportal.auth import identities
from lkportal.auth.contract import SignedIn
from lkportal.auth.door.entering import Door, Entered, audit
from lkportal.auth.models import Session, Token
from lkportal.auth.sessions import Begun, Origin, begin
from lkportal.auth.settings import AuthSettings
from lkportal.core.events import emit
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.policy import Actor
from lkportal.core.unit import now, open_unit

PURPOSE = "cross"
LASTS = timedelta(seconds=60)
_ORIGIN = aliased(Session)
_SPEND = (
    update(Token)
    .where(
        Token.token_hash == bindparam("hash"),
        Token.purpose == PURPOSE,
        Token.bound == bindparam("to"),
        Token.used_at.is_(None),
        Token.expires_at > bindparam("now"),
        exists(
            select(_ORIGIN.id).where(
                _ORIGIN.id == Token.session_id, _ORIGIN.revoked_at.is_(None), _ORIGIN.expires_at > bindparam("now")
            )
        ),
    )
    .values(used_at=bindparam("now"))
    .returning(Token.identity_id, Token.session_id)
)
_FROM = select(
    Session.ends_at,
    Session.stepped_up_at,
    Session.second_at,
    Session.methods,
    func.coalesce(Session.origin_id, Session.id).label("root"),
).where(Session.id == bindparam("session_id"))
_LIKE = (
    update(Session)
    .where(Session.id == bindparam("made"))
    .values(
        ends_at=bindparam("until"),
        expires_at=bindparam("idle"),
        stepped_up_at=bindparam("proved"),
        second_at=bindparam("by_second"),
        methods=bindparam("by"),
        origin_id=bindparam("root"),
    )
)


def challenge(secret: str) -> str:
    """Return what the target shows the origin of the secret it left in the browser."""
    return sha256(f"lkportal.cross.{secret}".encode()).hexdigest()


def give(door: Door, actor: Actor, brand: str, asked: str) -> str:
    """Return a token with which this person's browser enters on the host of `brand`; `asked` is the target's challenge."""
    token = secret_token()
    with open_unit(door.database, door.circumstances) as db:
        moment = now(db)
        row = {
            "token_hash": token_hash(token),
            "purpose": PURPOSE,
            "identity_id": actor.id,
            "session_id": actor.session_id,
            "bound": _bound(brand, asked),
            "created_at": moment,
            "expires_at": moment + LASTS,
        }
        db.execute(insert(Token), row)
    return token


def take(door: Door, brand: str, secret: str, token: str) -> Entered | None:
    """Spend a token on the host of `brand` and begin a session there; None when it does not open here, now, in this browser."""
    with open_unit(door.database, door.circumstances) as db:
        values = {"hash": token_hash(token), "to": _bound(brand, challenge(secret)), "now": now(db)}
        spent = db.connection().execute(_SPEND, values).first()
        person = identities.by_id(db.connection(), spent.identity_id) if spent else None
        if spent is None or person is None:
            return None
        begun = _like(db, person, spent.session_id, door.origin, door.settings)
        emit(db, SignedIn(person.public_id, begun.public_id, known_device=True))
        audit(db, "auth.crossed", person.public_id)
    return Entered(identities.as_actor(person), begun)


def _like(db: Unit, person: Any, session_id: int, origin: Origin, settings: AuthSettings) -> Begun:
    """Begin a session that ends with the one it comes from, and is proved no later than it was."""
    source = db.connection().execute(_FROM, {"session_id": session_id}).one()
    begun = begin(db, person.id, person.kind, origin, settings)
    made = db.connection().execute(select(Session.expires_at).where(Session.id == begun.id)).scalar_one()
    values = {
        "made": begun.id,
        "until": source.ends_at,
        "idle": min(made, source.ends_at),
        "proved": source.stepped_up_at,
        "by_second": source.second_at,
        "by": source.methods,
        "root": source.root,
    }
    db.connection().execute(_LIKE, values)
    return begun


def _bound(brand: str, asked: str) -> str:
    return sha256(f"{brand}\n{asked}".encode()).hexdigest()
