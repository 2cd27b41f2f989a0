"""Signing in, proving oneself again, leaving. Limits first, then the hash outside of any unit, then one unit for what came of it.
Known and unknown logins take the same steps: nobody learns from the answer or its time who has access here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from lkportal.auth import identities, limits, sessions
from lkportal.auth.contract import PasswordChanged, SignedIn, SignInRefused
from lkportal.auth.passwords import Passwords
from lkportal.auth.sessions import Begun, Origin
from lkportal.auth.settings import AuthSettings
from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import UnitContext, open_unit

TELL = "auth.tell"


class WrongPassword(PortalError):
    """Login and password do not fit: the same words for a wrong password, an unknown login and a disabled person."""

    def __init__(self) -> None:
        message = text("auth.login.wrong", "The login or the password does not fit. Check both and try again.")
        super().__init__("wrong_password", message, 422)


class NotThePassword(PortalError):
    """Somebody who is signed in did not type their password."""

    def __init__(self) -> None:
        super().__init__("not_the_password", text("auth.proof.wrong", "This is not your password."), 422)


@dataclass(frozen=True, slots=True)
class Door:
    """What a check at the door works with: database, circumstances, passwords, settings, and where the person stands."""

    database: Database
    circumstances: UnitContext
    passwords: Passwords
    settings: AuthSettings
    origin: Origin


@dataclass(frozen=True, slots=True)
class Entered:
    """Who signed in, and their new session."""

    person: Actor
    session: Begun


def sign_in(door: Door, login: str, password: str, *, device: str = "", old_token: str = "") -> Entered:
    """Check login and password and begin a session; the one of `old_token` ends. Raises TooOften, WrongPassword.

    `device` is the number of a device that knows this login, "" for a stranger's.
    """
    allowed = limits.sign_in_limits(login, device, door.origin.network, door.settings)
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
    with door.database.reading() as connection:
        person = identities.by_login(connection, login)
    fits, newer = door.passwords.fits(password, person.password_hash if person else "")
    if person is None or not fits:
        with open_unit(door.database, door.circumstances) as db:
            _refused(db, person)
        raise WrongPassword
    actor = identities.as_actor(person)
    with open_unit(door.database, replace(door.circumstances, actor=actor)) as db:
        limits.give_back(db, allowed)
        if newer:
            identities.set_password(db, person.id, person.password_hash, newer)
        if old_token:
            sessions.end(db, old_token)
        begun = sessions.begin(db, person.id, person.kind, door.origin, door.settings)
        emit(db, SignedIn(person.public_id, begun.public_id, bool(device)))
        audit(db, "auth.signed_in", person.public_id)
    return Entered(actor, begun)


def prove(door: Door, actor: Actor, password: str) -> str:
    """Check the password of somebody who is signed in; return the new token of their session.

    Raises TooOften, NotThePassword, and WrongPassword when the session ended meanwhile.
    """
    allowed = limits.proof_limits(actor.public_id, door.settings)
    _proved(door, actor, password, allowed)
    with open_unit(door.database, door.circumstances) as db:
        limits.give_back(db, allowed)
        token = sessions.rotate(db, actor.session_id or 0)
        audit(db, "auth.stepped_up", actor.public_id)
    if not token:
        raise WrongPassword
    return token


def change_password(door: Door, actor: Actor, current: str, new: str) -> str:
    """Give somebody who is signed in a new password: other sessions end, this one gets a new token, which is returned.

    Raises TooOften, NotThePassword, and WrongPassword when the session or the password was changed meanwhile.
    """
    allowed = limits.proof_limits(actor.public_id, door.settings)
    person = _proved(door, actor, current, allowed)
    made = door.passwords.make(new)
    with open_unit(door.database, door.circumstances) as db:
        limits.give_back(db, allowed)
        token = sessions.rotate(db, actor.session_id or 0)
        if not token or not identities.set_password(db, person.id, person.password_hash, made):
            raise WrongPassword
        sessions.revoke_all(db, person.id, person.public_id, keep=actor.session_id)
        password_changed(db, person, PasswordChanged(person.public_id, "changed"))
    return token


def leave(door: Door, token: str) -> None:
    """End the session of a token: the person signs out."""
    with open_unit(door.database, door.circumstances) as db:
        sessions.end(db, token)
        if door.circumstances.actor.kind != "anonymous":
            audit(db, "auth.signed_out", door.circumstances.actor.public_id)


def password_changed(db: Session, person: Row[Any], event: PasswordChanged) -> None:
    """Tell what follows a new password: event, audit, a letter to the person. Links sent earlier are void by themselves."""
    emit(db, event)
    audit(db, "auth.password_changed", person.public_id, detail={"how": event.how})
    enqueue(db, TELL, {"identity": person.public_id, "letter": "password_changed"})


def audit(
    db: Session, action: str, target: str, *, refused: bool = False, detail: dict[str, str | int] | None = None
) -> None:
    """Write what was done or refused to the audit log, in the unit of the act."""
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, action, target=target, outcome="refused" if refused else "done", detail=detail)


def _refused(db: Session, person: Row[Any] | None) -> None:
    target = person.public_id if person else ""
    emit(db, SignInRefused(target))
    audit(db, "auth.signed_in", target, refused=True)


def _proved(door: Door, actor: Actor, password: str, allowed: tuple[limits.Limit, ...]) -> Row[Any]:
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
    with door.database.reading() as connection:
        person = identities.by_id(connection, actor.id or 0)
    fits, _ = door.passwords.fits(password, person.password_hash if person else "")
    if person is None or not fits:
        with open_unit(door.database, door.circumstances) as db:
            audit(db, "auth.proved", actor.public_id, refused=True)
        raise NotThePassword
    return person


def text_of(error: PortalError) -> Text:
    """Return the words of an error of this room for a form."""
    return error.message if isinstance(error.message, Text) else text("auth.error.other", "This did not work.")
