"""Identities: found by a sign-in name, made, given a new password. What memberships they have stands in accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.auth import names
from lkportal.auth.models import Identity, Name
from lkportal.core.ids import public_id
from lkportal.core.policy import Actor
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

_PERSON: Select[*tuple[Any, ...]] = select(
    Identity.id,
    Identity.public_id,
    Identity.kind,
    Identity.login,
    Identity.name,
    Identity.email,
    Identity.email_confirmed_at,
    Identity.locale,
    Identity.password_hash,
    Identity.phone,
    Identity.phone_confirmed_at,
    Identity.asks,
    Identity.second_ways,
).where(Identity.disabled_at.is_(None))
# A row that was written without its name is found by its login alone.
_BY_LOGIN = _PERSON.where(
    or_(
        Identity.id == select(Name.identity_id).where(Name.name == bindparam("login")).scalar_subquery(),
        Identity.login == bindparam("login"),
    )
)
_BY_ID = _PERSON.where(Identity.id == bindparam("identity_id"))
_BY_PUBLIC_ID = _PERSON.where(Identity.public_id == bindparam("public"))
_TAKEN = select(Identity.id).where(
    or_(
        Identity.id == select(Name.identity_id).where(Name.name == bindparam("login")).scalar_subquery(),
        Identity.login == bindparam("login"),
    )
)
_MADE = select(Identity.id).where(Identity.public_id == bindparam("public"))
_UNDO = delete(Identity).where(Identity.id == bindparam("made"))
_INSERT = insert_if_new(Identity.__table__)  # type: ignore[arg-type]
# The password that was compared is named, so that two changes at once do not both believe they came first.
_NEW_PASSWORD = (
    update(Identity)
    .where(
        Identity.id == bindparam("identity_id"),
        Identity.password_hash == bindparam("before"),
        Identity.disabled_at.is_(None),
    )
    .values(password_hash=bindparam("after"))
    .execution_options(preserve_rowcount=True)
)
_ENABLE = update(Identity).where(Identity.id == bindparam("identity_id")).values(disabled_at=None)
# The row is locked by a change of nothing, so that what follows sees the person as they are until it is done.
_HOLD: ReturningUpdate[*tuple[Any, ...]] = (
    update(Identity)
    .where(
        Identity.id == bindparam("identity_id"),
        Identity.password_hash == bindparam("before"),
        Identity.disabled_at.is_(None),
    )
    .values(asks=Identity.asks)
    .returning(Identity.asks, Identity.second_ways)
)
_DISABLE = update(Identity).where(Identity.id == bindparam("identity_id")).values(disabled_at=bindparam("moment"))


def by_login(connection: Connection, login: str) -> Row[Any] | None:
    """Return the person of a sign-in name (login, confirmed e-mail or phone) that may sign in, or None."""
    return connection.execute(_BY_LOGIN, {"login": login}).first()


def by_id(connection: Connection, identity_id: int) -> Row[Any] | None:
    """Return a person that may sign in by internal key, or None."""
    return connection.execute(_BY_ID, {"identity_id": identity_id}).first()


def by_public_id(connection: Connection, public: str) -> Row[Any] | None:
    """Return a person that may sign in by public id, or None."""
    return connection.execute(_BY_PUBLIC_ID, {"public": public}).first()


def is_taken(connection: Connection, login: str) -> bool:
    """Whether a sign-in name belongs to somebody, disabled or not."""
    return connection.execute(_TAKEN, {"login": login}).first() is not None


def create(
    db: Session, *, kind: str, login: str, name: str, password_hash: str, email: str = "", locale: str = ""
) -> str | None:
    """Make an identity whose e-mail is known to be theirs; return its public id, or None when the login is taken."""
    made, moment = public_id(), now(db)
    row = {
        "public_id": made,
        "kind": kind,
        "login": login,
        "email": email,
        "email_confirmed_at": moment if email else None,
        "password_hash": password_hash,
        "name": name,
        "locale": locale,
        "phone": "",
        "phone_confirmed_at": None,
        "asks": "",
        "second_ways": "",
        "created_at": moment,
        "disabled_at": None,
    }
    connection = db.connection()
    if not connection.execute(_INSERT[db.get_bind().dialect.name], row).rowcount:
        return None
    key = connection.execute(_MADE, {"public": made}).scalar_one()
    if not names.claim(db, key, login):
        connection.execute(_UNDO, {"made": key})
        return None
    if email and email != login:
        names.claim(db, key, email)
    return made


def set_password(db: Session, identity_id: int, before: str, after: str) -> bool:
    """Replace the password hash `before` by `after`; say whether it was still the one before."""
    values = {"identity_id": identity_id, "before": before, "after": after}
    return bool(db.connection().execute(_NEW_PASSWORD, values).rowcount)


def hold(db: Session, person: Row[Any]) -> Row[Any] | None:
    """Hold a person as they were read until the unit ends and return what they ask a second factor for (`asks`) and which they
    have (`second_ways`); None when they were disabled or their password changed meanwhile."""
    values = {"identity_id": person.id, "before": person.password_hash}
    return db.connection().execute(_HOLD, values).first()


def disable(db: Session, identity_id: int) -> None:
    """Keep a person out from now on. Their sessions are ended by the caller."""
    db.connection().execute(_DISABLE, {"identity_id": identity_id, "moment": now(db)})


def enable(db: Session, identity_id: int) -> None:
    """Let a person in again who was kept out."""
    db.connection().execute(_ENABLE, {"identity_id": identity_id})


def as_actor(person: Row[Any]) -> Actor:
    """Return a person who has just proved who they are as the actor of what follows."""
    return Actor(
        person.kind, person.id, person.public_id, person.name, person.login, has_second=bool(person.second_ways)
    )
