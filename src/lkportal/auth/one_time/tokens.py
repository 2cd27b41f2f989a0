"""One-time tokens: made for one purpose, looked at without being spent, spent by one conditional statement. Only hashes are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.auth.models import Registration, Token
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.unit import now

Purpose = Literal["confirm", "hired", "end"]
_VALID = (
    Token.token_hash == bindparam("hash"),
    Token.purpose == bindparam("wanted"),
    Token.used_at.is_(None),
    Token.expires_at > bindparam("now"),
)
_LOOK: Select[*tuple[Any, ...]] = select(
    Token.id, Token.identity_id, Token.registration_id, Token.bound, Token.session_id
).where(*_VALID)
_SPEND: ReturningUpdate[*tuple[Any, ...]] = (
    update(Token)
    .where(*_VALID)
    .values(used_at=bindparam("now"))
    .returning(Token.id, Token.identity_id, Token.registration_id, Token.bound, Token.session_id)
)
_REGISTRATION: Select[*tuple[Any, ...]] = select(
    Registration.id,
    Registration.public_id,
    Registration.email,
    Registration.name,
    Registration.locale,
    Registration.brand,
)
_REGISTRATION_BY_ID = _REGISTRATION.where(Registration.id == bindparam("registration_id"))
_REGISTRATION_BY_PUBLIC_ID = _REGISTRATION.where(Registration.public_id == bindparam("public"))
_OLD_TOKENS = delete(Token).where(Token.expires_at < bindparam("before"))
_OLD_REGISTRATIONS = delete(Registration).where(
    Registration.created_at < bindparam("before"),
    ~select(Token.id).where(Token.registration_id == Registration.id).exists(),
)


def make(
    db: Session,
    purpose: Purpose,
    lifetime: timedelta,
    *,
    identity_id: int | None = None,
    registration_id: int | None = None,
    session_id: int | None = None,
    bound: str = "",
) -> str:
    """Make a token of one identity or registration and return it: it goes into a letter and is kept nowhere."""
    token, moment = secret_token(), now(db)
    row = {
        "token_hash": token_hash(token),
        "purpose": purpose,
        "identity_id": identity_id,
        "registration_id": registration_id,
        "session_id": session_id,
        "bound": bound,
        "created_at": moment,
        "expires_at": moment + lifetime,
    }
    db.execute(insert(Token), row)
    return token


def look(connection: Connection, purpose: Purpose, token: str, moment: datetime) -> Row[Any] | None:
    """Return the row of a token that may still be spent, without spending it."""
    return connection.execute(_LOOK, {"hash": token_hash(token), "wanted": purpose, "now": moment}).first()


def spend(db: Session, purpose: Purpose, token: str) -> Row[Any] | None:
    """Spend a token and return its row; None when somebody was quicker, or it is old or foreign. One of many racers wins."""
    values = {"hash": token_hash(token), "wanted": purpose, "now": now(db)}
    return db.connection().execute(_SPEND, values).first()


def registration(connection: Connection, registration_id: int) -> Row[Any] | None:
    """Return a registration by internal key."""
    return connection.execute(_REGISTRATION_BY_ID, {"registration_id": registration_id}).first()


def registration_by_public_id(connection: Connection, public: str) -> Row[Any] | None:
    """Return a registration by public id."""
    return connection.execute(_REGISTRATION_BY_PUBLIC_ID, {"public": public}).first()


def forget_old(db: Session, before: datetime) -> None:
    """Delete tokens that ran out before this moment, and registrations of that age that nothing leads to."""
    connection = db.connection()
    connection.execute(_OLD_TOKENS, {"before": before})
    connection.execute(_OLD_REGISTRATIONS, {"before": before})
