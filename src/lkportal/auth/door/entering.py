"""Signing in, proving oneself again, leaving. Limits first, then the hash outside of any unit, then one unit for what came of it.
Known and unknown logins take the same steps: nobody learns from the answer or its time who has access here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from lkportal.auth import identities, limits, sessions
from lkportal.auth.contract import PasswordChanged, SignedIn, SignInRefused
from lkportal.auth.letters import recovering
from lkportal.auth.origins import Device
from lkportal.auth.own import visits
from lkportal.auth.passwords import Passwords
from lkportal.auth.second import entries
from lkportal.auth.sessions import Begun, Origin
from lkportal.auth.settings import AuthSettings, demanded
from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import UnitContext, open_unit

TELL = "auth.tell"
NEW_DEVICE = "auth.tell_new_device"


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


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a person came: by which methods, for which page, on which browser; `two` when that was two factors already."""

    methods: tuple[str, ...]
    wanted: str = ""
    two: bool = False
    known_device: bool = False
    old_token: str = ""


@dataclass(frozen=True, slots=True)
class Half:
    """The first step is done, the second is asked for; `token` is for the cookie and nowhere else."""

    token: str


def check_password(door: Door, login: str, password: str, *, device: Device = Device()) -> Row[Any]:  # noqa: B008 - frozen
    """Check login and password and return the person, whom nothing lets in yet. Raises TooOften, WrongPassword.

    A `device` that knows this person has a limit of its own; all others are strangers to them.
    """
    with door.database.reading() as connection:
        person = identities.by_login(connection, login)
    who = person.public_id if person else login
    known = device.number if device.knows(who) else ""
    allowed = limits.sign_in_limits(who, known, door.origin.network, door.settings)
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
    fits, newer = door.passwords.fits(password, person.password_hash if person else "")
    if person is None or not fits:
        with open_unit(door.database, door.circumstances) as db:
            refused_entry(db, person, door.origin, "password")
        raise WrongPassword
    with open_unit(door.database, replace(door.circumstances, actor=identities.as_actor(person))) as db:
        limits.give_back(db, allowed)
        if newer:
            identities.set_password(db, person.id, person.password_hash, newer)
            person = identities.by_id(db.connection(), person.id)
    if person is None:
        raise WrongPassword
    return person


def let_in(door: Door, person: Row[Any], arrival: Arrival) -> Entered | Half:
    """Begin a session of a person who proved who they are; the one of `old_token` ends. Half when a second step must follow.

    Raises WrongPassword when they were disabled or their password changed since `person` was read.
    """
    actor = identities.as_actor(person)
    with open_unit(door.database, replace(door.circumstances, actor=actor)) as db:
        held = identities.hold(db, person)
        if held is None:
            raise WrongPassword
        wanted = set(held.asks.split()) | demanded(person.kind, door.settings)
        if held.second_ways and "entry" in wanted and not arrival.two:
            return Half(entries.make(db, person, arrival.methods, arrival.wanted, door.settings.entry_minutes))
        return Entered(actor, begun(db, door, person, arrival))


def begun(db: Session, door: Door, person: Row[Any], arrival: Arrival) -> Begun:
    """Begin the session of an arrival in an open unit: row, event, audit."""
    if arrival.old_token:
        sessions.end(db, arrival.old_token)
    made = sessions.begin(
        db, person.id, person.kind, door.origin, door.settings, methods=arrival.methods, second=arrival.two
    )
    visits.came(db, person.id, door.origin, arrival.methods, known=arrival.known_device)
    if not arrival.known_device:
        enqueue(db, NEW_DEVICE, {"session": made.public_id, "brand": door.circumstances.brand or ""})
    emit(db, SignedIn(person.public_id, made.public_id, arrival.known_device))
    audit(db, "auth.signed_in", person.public_id, detail={"methods": " ".join(arrival.methods)})
    return made


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
    recovering.void(db, person.id)
    emit(db, event)
    audit(db, "auth.password_changed", person.public_id, detail={"how": event.how})
    enqueue(db, TELL, {"identity": person.public_id, "letter": "password_changed"})


def audit(
    db: Session, action: str, target: str, *, refused: bool = False, detail: dict[str, str | int] | None = None
) -> None:
    """Write what was done or refused to the audit log, in the unit of the act."""
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, action, target=target, outcome="refused" if refused else "done", detail=detail)


def refused_entry(db: Session, person: Row[Any] | None, origin: Origin, method: str) -> None:
    """Note that somebody was not let in, of a known person and of nobody by the same statements."""
    target = person.public_id if person else ""
    visits.refused(db, person.id if person else None, origin, method)
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
