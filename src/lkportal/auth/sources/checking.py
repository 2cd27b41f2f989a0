"""A sign-in whose password somebody else checks: limits first, the source outside of any unit, then one unit for what it says is the
person's. Known and unknown take the same steps here; how alike a source answers is its own promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from lkportal.auth import identities, limits
from lkportal.auth.contract import Registered, SignInRefused
from lkportal.auth.door.entering import Door, WrongPassword, audit
from lkportal.auth.external import links, meeting
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.sources.ldap_client import tuned
from lkportal.core.asked.vouching import Holdings, PasswordSource, PasswordSourceSpec, PersonThere, SourceAway
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.policy import ANONYMOUS
from lkportal.core.ports import port
from lkportal.core.unit import open_unit


class NotReached(PortalError):
    """The source cannot be asked: nothing is wrong with what was typed."""

    def __init__(self) -> None:
        words = text("auth.source.away", "Passwords cannot be checked just now. Try again in a few minutes.")
        super().__init__("source_away", words, 503)


class Sources:
    """Port filled by auth: the password sources that are on, made once at boot."""

    def __init__(self, portal: Any) -> None:
        settings = portal.settings_of("auth")
        self.open: Sequence[PasswordSourceSpec] = [
            tuned(each, settings) for each in portal.registry.password_sources if each.on(settings)
        ]
        self._made: dict[str, PasswordSource] = {}
        self._portal = portal
        for spec in self.open:
            self._made[spec.name] = spec.factory(portal)

    def find(self, name: str) -> PasswordSourceSpec | None:
        """Return what is declared of a source that is on, or None."""
        return next((each for each in self.open if each.name == name), None)

    def get(self, name: str) -> tuple[PasswordSourceSpec, PasswordSource]:
        """Return a source that is on. Raises NotFound: one that is off leaves no trace."""
        spec = self.find(name)
        if spec is None:
            raise NotFound
        return spec, self._made[name]


def issuer_of(name: str) -> str:
    """Return how links name a source, so that no provider's issuer can be taken for it."""
    return f"source:{name}"


def check(
    door: Door, spec: PasswordSourceSpec, source: PasswordSource, login: str, password: str, device: str
) -> PersonThere:
    """Return whose password fits by the word of a source. Raises TooOften, WrongPassword, NotReached.

    `device` is the number of a device that knows this login, "" for a stranger's.
    """
    allowed = limits.sign_in_limits(f"{spec.name}:{login}", device, door.origin.network, door.settings)
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
    try:
        found = source.check(login, password)
    except SourceAway as error:
        with open_unit(door.database, door.circumstances) as db:
            limits.give_back(db, allowed)
        meeting.refused(door, spec.name, f"away_{error.why}"[:60])
        raise NotReached from error
    with open_unit(door.database, door.circumstances) as db:
        if found is None:
            emit(db, SignInRefused(""))
            audit(db, "auth.signed_in", "", refused=True, detail={"provider": spec.name})
        else:
            limits.give_back(db, allowed)
    if found is None:
        raise WrongPassword
    return found


def meet(
    door: Door, spec: PasswordSourceSpec, there: PersonThere, login: str, browser: str, wanted: str
) -> Row[Any] | None:
    """Return the identity of a person a source knows, making one at the first sign-in and giving them what is theirs.

    None when their confirmed e-mail is a known person's: they wait in this browser until that one signs in. Raises NotLetIn.
    """
    vouched = Vouched(issuer_of(spec.name), there.subject, spec.name, spec.kind, there.name, there.email, there.label)
    with door.database.reading() as connection:
        linked = links.by_subject(connection, vouched.issuer, vouched.subject)
        owner = None if linked else meeting.owner(connection, there.email)
    if linked is not None or owner is not None:
        known = meeting.meet(door, vouched, browser, wanted)
        if known is not None:
            _give(door, spec, there, known.person)
        return known.person if known else None
    return _made(door, spec, vouched, there, login)


def _made(door: Door, spec: PasswordSourceSpec, vouched: Vouched, there: PersonThere, login: str) -> Row[Any]:
    with open_unit(door.database, door.circumstances) as db:
        names = [each for each in (there.email, login, f"{spec.name}-{there.subject.lower()}"[:254]) if each]
        made = next((found for name in names if (found := _create(db, spec, there, name))), None)
        person = identities.by_public_id(db.connection(), made) if made else None
        if person is None or not links.link(db, vouched, person.id):
            raise meeting.anothers()
        emit(db, Registered(person.public_id))
        audit(db, "auth.registered", person.public_id, detail={"provider": spec.name})
    _give(door, spec, there, person)
    return person


def _create(db: Session, spec: PasswordSourceSpec, there: PersonThere, login: str) -> str | None:
    return identities.create(db, kind=spec.kind, login=login, name=there.name, password_hash="", email=there.email)


def _give(door: Door, spec: PasswordSourceSpec, there: PersonThere, person: Row[Any]) -> None:
    """Give the person what the source says is theirs; acted by the portal, for nobody is signed in yet."""
    if not there.accounts and there.staff_roles is None:
        return
    with open_unit(door.database, replace(door.circumstances, actor=ANONYMOUS)) as db:
        holdings = port(db, Holdings)  # type: ignore[type-abstract]
        if spec.kind == "customer" and there.accounts:
            holdings.give_accounts(db, person.id, there.accounts)
        if spec.kind == "staff" and there.staff_roles is not None:
            holdings.set_staff_roles(db, person.id, person.public_id, there.staff_roles)
