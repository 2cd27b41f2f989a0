"""Asking for access and recovering a password: a letter leads back here. The request only writes down what was asked and
queues a job: known and unknown mailboxes cost the same and get the same answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from lkportal.auth import identities, limits, sessions
from lkportal.auth.contract import PasswordChanged, Registered
from lkportal.auth.door.entering import Door, audit, password_changed
from lkportal.auth.letters import recovering
from lkportal.auth.models import Registration
from lkportal.auth.one_time import tokens
from lkportal.auth.passwords import fingerprint
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.unit import now, open_unit

SEND_CONFIRMATION = "auth.send_confirmation"


class LinkGone(PortalError):
    """A link from a letter opens nothing any more: used, old, or followed by a newer password."""

    def __init__(self) -> None:
        message = text("auth.link.gone", "This link was used already or is too old. Ask for a new letter.")
        super().__init__("link_gone", message, 410)


class AlreadyKnown(PortalError):
    """The mailbox got access in the meantime by another link."""

    def __init__(self) -> None:
        super().__init__("already_known", text("auth.register.known", "You have access already. Sign in."), 409)


def ask_for_access(door: Door, name: str, email: str, locale: str, brand: str) -> None:
    """Write down that somebody asks for access with a mailbox; a job writes to it. Raises TooOften."""
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, limits.letter_limits("register", email, door.origin.network, door.settings))
        asked = {
            "public_id": public_id(),
            "email": email,
            "name": name,
            "locale": locale,
            "brand": brand,
            "created_at": now(db),
        }
        db.execute(insert(Registration), asked)
        enqueue(db, SEND_CONFIRMATION, {"registration": asked["public_id"]})


def ask_for_recovery(door: Door, login: str, locale: str, brand: str) -> None:
    """Queue a letter to the mailbox of a login, if it has one. Raises TooOften."""
    with door.database.reading() as connection:
        person = identities.by_login(connection, login)
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, limits.letter_limits("recover", login, door.origin.network, door.settings))
        recovering.ask(db, person.id if person else None, locale, brand)


def start_recovery(db: Session, person: Row[Any], brand: str) -> None:
    """Begin a recovery for a person who called the desk: the letter goes to their mailbox, they choose, the desk never sees it."""
    recovering.ask(db, person.id, person.locale, brand, "staff")
    audit(db, "auth.recovery_started", person.public_id)


def registration_behind(door: Door, token: str) -> Row[Any]:
    """Return the registration a confirmation link leads to. Raises LinkGone."""
    with door.database.reading() as connection:
        found = tokens.look(connection, "confirm", token, door.circumstances.clock.now())
        asked = tokens.registration(connection, found.registration_id) if found else None
    if asked is None:
        raise LinkGone
    return asked


def person_behind(door: Door, token: str) -> Row[Any]:
    """Return the person a recovery link leads to. Raises LinkGone, also when their password changed since it was made."""
    with door.database.reading() as connection:
        found = recovering.look(connection, token, door.circumstances.clock.now())
        person = identities.by_id(connection, found.identity_id) if found else None
    if found is None or person is None or found.bound != fingerprint(person.password_hash):
        raise LinkGone
    return person


def confirm(door: Door, token: str, asked: Row[Any], password: str) -> str:
    """Spend a confirmation link: an identity comes to be, with this password; return its public id. Raises LinkGone, AlreadyKnown."""
    made = door.passwords.make(password)
    with open_unit(door.database, door.circumstances) as db:
        if tokens.spend(db, "confirm", token) is None:
            raise LinkGone
        identity = identities.create(
            db,
            kind="customer",
            login=asked.email,
            name=asked.name,
            password_hash=made,
            email=asked.email,
            locale=asked.locale,
        )
        if identity is None:
            raise AlreadyKnown
        emit(db, Registered(identity))
        audit(db, "auth.registered", identity)
    return identity


def recover(door: Door, token: str, person: Row[Any], password: str) -> None:
    """Spend a recovery link: a new password, all sessions end, nobody is signed in. Raises LinkGone.

    The link was made under the password that is replaced here; of many attempts at once one wins.
    """
    made = door.passwords.make(password)
    with open_unit(door.database, door.circumstances) as db:
        used = recovering.use(db, token)
        if not used or not identities.set_password(db, person.id, person.password_hash, made):
            raise LinkGone
        sessions.revoke_all(db, person.id, person.public_id)
        password_changed(db, person, PasswordChanged(person.public_id, "recovered"))
