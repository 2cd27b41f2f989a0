"""Who a vouched-for person is here. A link decides and nothing else: an e-mail address never joins anybody. It may only tell that
there is a known person, who then signs in the way they know and takes the link themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from lkportal.auth import identities
from lkportal.auth.contract import Registered
from lkportal.auth.door.entering import TELL, Door, audit
from lkportal.auth.external import links
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.models import Passkey
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor
from lkportal.core.unit import now, open_unit

WAITS = timedelta(minutes=15)


class NotLetIn(PortalError):
    """Somebody is vouched for, and may not come in here all the same. The words tell what to do."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code, message, 403)


@dataclass(frozen=True, slots=True)
class Known:
    """A person of ours: their row, and the link that named them."""

    person: Row[Any]
    link_id: int


def meet(door: Door, vouched: Vouched, browser: str, wanted: str) -> Known | None:
    """Return the person somebody vouches for; None when nobody knows them: they wait in this browser then. Raises NotLetIn."""
    with door.database.reading() as connection:
        found = links.by_subject(connection, vouched.issuer, vouched.subject)
        person = identities.by_id(connection, found.identity_id) if found else None
        known = None if found else owner(connection, vouched.email)
    if found is not None:
        return _known(door, vouched, found, person)
    if known is not None and known.kind != vouched.kind:
        raise _closed(door, vouched, "kind")
    if vouched.kind == "staff" and known is None:
        refused(door, vouched.provider, "unknown_staff")
        words = text("auth.external.no_staff", "You have no access to the desk yet. Ask an administrator to open it.")
        raise NotLetIn("unknown_staff", words)
    with open_unit(door.database, door.circumstances) as db:
        links.keep_stranger(db, browser, vouched, known.id if known else None, wanted, now(db) + WAITS)
    return None


def join(door: Door, browser: str, locale: str) -> tuple[Known, Vouched, str]:
    """Open access for the one who waits in this browser; return them, who vouches, the page they wanted. Raises NotLetIn."""
    with door.database.reading() as connection:
        waiting = links.stranger(connection, browser, door.circumstances.clock.now())
    if waiting is None:
        raise gone()
    if waiting.identity_id is not None:
        raise NotLetIn(
            "known_mailbox", text("auth.external.known", "You have access already. Sign in the way you know.")
        )
    if not door.settings.registration:
        refused(door, waiting.provider, "no_registration")
        raise NotLetIn(
            "no_registration", text("auth.external.closed", "Access is opened by the company. Ask it for yours.")
        )
    vouched = _vouched(waiting)
    with open_unit(door.database, door.circumstances) as db:
        if not links.take_stranger(db, waiting.id, browser):
            raise gone()
        person = _made(db, vouched, locale)
        if person is not None and not links.link(db, vouched, person.id):
            raise anothers()
    if person is None:
        raise _closed(door, vouched, "login_taken")
    with door.database.reading() as connection:
        made = links.by_subject(connection, vouched.issuer, vouched.subject)
    return Known(person, made.id if made else 0), vouched, waiting.wanted


def take(door: Door, actor: Actor, browser: str) -> str:
    """Link the one who waits in this browser to the person who signed in here; return the page they wanted. Raises NotLetIn."""
    with door.database.reading() as connection:
        waiting = links.stranger(connection, browser, door.circumstances.clock.now())
    if waiting is None:
        raise gone()
    if waiting.identity_id not in (None, actor.id):
        refused(door, waiting.provider, "another_person")
        raise anothers()
    with open_unit(door.database, door.circumstances) as db:
        if not links.take_stranger(db, waiting.id, browser):
            raise gone()
        linked(db, _vouched(waiting), actor)
    return str(waiting.wanted)


def link(door: Door, vouched: Vouched, actor: Actor) -> None:
    """Link a person elsewhere to the one who is signed in here. Raises NotLetIn."""
    if vouched.kind != actor.kind:
        refused(door, vouched.provider, "kind")
        raise anothers()
    with open_unit(door.database, door.circumstances) as db:
        linked(db, vouched, actor)


def linked(db: Session, vouched: Vouched, actor: Actor) -> None:
    """Link in an open unit, and tell: audit, a letter. Raises NotLetIn when that person is linked already."""
    if not links.link(db, vouched, actor.id or 0):
        raise anothers()
    audit(db, "auth.external_linked", actor.public_id, detail={"provider": vouched.provider})
    enqueue(db, TELL, {"identity": actor.public_id, "letter": "external_linked"})


def unlink(door: Door, actor: Actor, public: str) -> bool:
    """Take a link away; False when it is not theirs. Raises NotLetIn when it is their last way in."""
    with open_unit(door.database, door.circumstances) as db:
        person = identities.by_id(db.connection(), actor.id or 0)
        if person is None or identities.hold(db, person) is None:  # two at once would each leave the other's
            return False
        if not links.unlink(db, person.id, public):
            return False
        if not has_another_way(db, person):
            words = text("auth.external.last", "This is your only way in. Set a password or confirm an e-mail first.")
            raise NotLetIn("last_way", words)
        audit(db, "auth.external_unlinked", actor.public_id)
        enqueue(db, TELL, {"identity": actor.public_id, "letter": "external_unlinked"})
    return True


def has_another_way(db: Session, person: Row[Any]) -> bool:
    """Whether a person comes in without what was just taken away: by password, letter, message, passkey, another link."""
    if person.password_hash or (person.email and person.email_confirmed_at):
        return True
    if db.connection().execute(select(Passkey.id).where(Passkey.identity_id == person.id)).first() is not None:
        return True
    return bool(links.providers_of(db.connection(), person.id))


def owner(connection: Connection, email: str) -> Row[Any] | None:
    """Return the known person whose mailbox, or login, a confirmed e-mail is."""
    if not email:
        return None
    found = links.with_mailbox(connection, email)
    return identities.by_id(connection, found) if found else identities.by_login(connection, email)


def refused(door: Door, provider: str, why: str) -> None:
    """Write to the audit that somebody was not let in, and why, in one word."""
    with open_unit(door.database, door.circumstances) as db:
        audit(db, "auth.external_entered", "", refused=True, detail={"provider": provider, "why": why})


def gone() -> NotLetIn:
    """Return the refusal of a sign-in that waited too long, or was finished in another tab."""
    return NotLetIn("stranger_gone", text("auth.external.gone", "This sign-in took too long. Begin it again."))


def anothers() -> NotLetIn:
    """Return the refusal of a link that belongs to somebody else."""
    words = text(
        "auth.external.anothers", "This sign-in belongs to another person here. Sign out there and choose your own."
    )
    return NotLetIn("linked_to_another", words)


def _known(door: Door, vouched: Vouched, found: Row[Any], person: Row[Any] | None) -> Known:
    if person is None or person.kind != vouched.kind:
        raise _closed(door, vouched, "disabled" if person is None else "kind")
    with open_unit(door.database, replace(door.circumstances, actor=identities.as_actor(person))) as db:
        links.used(db, found.id)
    return Known(person, found.id)


def _closed(door: Door, vouched: Vouched, why: str) -> NotLetIn:
    refused(door, vouched.provider, why)
    words = text("auth.external.disabled", "This sign-in opens nothing here. Ask the company's support.")
    return NotLetIn("not_let_in", words)


def _made(db: Session, vouched: Vouched, locale: str) -> Row[Any] | None:
    login = vouched.email or f"{vouched.provider}-{public_id().lower()[:12]}"
    made = identities.create(
        db, kind="customer", login=login, name=vouched.name, password_hash="", email=vouched.email, locale=locale
    )
    if made is None:
        return None
    emit(db, Registered(made))
    audit(db, "auth.registered", made, detail={"provider": vouched.provider})
    return identities.by_public_id(db.connection(), made)


def _vouched(waiting: Row[Any]) -> Vouched:
    return Vouched(
        waiting.issuer,
        waiting.subject,
        waiting.provider,
        name=waiting.name,
        email=waiting.email,
        label=waiting.label,
        two=waiting.two,
    )
