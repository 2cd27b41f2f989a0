"""The contacts and the login of a person: each is a name they sign in with. A new e-mail or phone counts once a code sent there came
back; the old one is told. Names are kept apart in names, codes in codes."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Row, bindparam, case, select, update
from sqlalchemy.orm import Session

from lkportal.auth import identities, limits, names
from lkportal.auth.contract import ContactChanged
from lkportal.auth.door.entering import Door, audit
from lkportal.auth.letters import recovering
from lkportal.auth.limits import Limit
from lkportal.auth.models import Identity
from lkportal.auth.one_time import codes
from lkportal.auth.one_time.codes import Asking, Channel
from lkportal.auth.one_time.minting import Mint
from lkportal.core.asked.letters import Letters
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.policy import Actor
from lkportal.core.ports import port
from lkportal.core.unit import now, open_unit

MEANWHILE = text(
    "auth.contact.meanwhile",
    "This was changed in another window at the same moment. Look at what stands here now, then try again.",
)
Kind = Literal["email", "phone"]
Outcome = Literal["kept", "wrong", "taken"]
_ME = Identity.id == bindparam("person")
_LOGIN_TOO = case((Identity.login == bindparam("before"), bindparam("after")), else_=Identity.login)
_EMAIL = update(Identity).where(_ME, Identity.email == bindparam("before"))
_EMAIL = _EMAIL.values(email=bindparam("after"), email_confirmed_at=bindparam("moment"), login=_LOGIN_TOO)
_PHONE = update(Identity).where(_ME, Identity.phone == bindparam("before"))
_PHONE = _PHONE.values(phone=bindparam("after"), phone_confirmed_at=bindparam("moment"), login=_LOGIN_TOO)
_KEEPING = {"email": _EMAIL, "phone": _PHONE}
_LOGIN = update(Identity).where(_ME, Identity.login == bindparam("before")).values(login=bindparam("after"))
_HOLDING = {
    kept.key: select(Identity.id).where(_ME, kept == bindparam("before")).with_for_update()
    for kept in (Identity.login, Identity.email, Identity.phone)
}


class ChangedMeanwhile(PortalError):
    """The contact or login is not what this change began with: another change of the same person came first."""

    def __init__(self) -> None:
        super().__init__("changed_meanwhile", MEANWHILE, 409)


def ask(door: Door, mint: Mint, actor: Actor, kind: Kind, target: str, locale: str, brand: str) -> str:
    """Send a code to a new contact of somebody who is signed in; return the secret of the browser's cookie. Raises TooOften.

    Whether another has this contact already is told to nobody but who reads the code.
    """
    allowed = (
        Limit(f"auth.contact:{actor.public_id}", door.settings.contact_tries),
        Limit(f"auth.letter:contact:{target}", door.settings.letters_mailbox),
    )
    channel: Channel = "sms" if kind == "phone" else "email"
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
        return codes.ask(db, mint, Asking(kind, actor.id, channel, door.origin, locale, brand, target))


def confirm(door: Door, mint: Mint, actor: Actor, kind: Kind, browser: str, code: str) -> Outcome:
    """Spend the code that came back: the contact is the person's from now on, unless another confirmed it first.

    Raises ChangedMeanwhile when the contact it takes the place of was changed at the same moment.
    """
    with open_unit(door.database, door.circumstances) as db:
        person = identities.by_id(db.connection(), actor.id or 0)
        if person is None:
            return "wrong"
        _hold(db, person, kind)
        row = codes.guess(db, mint, browser, kind, code)
        if row is None or row.identity_id != person.id:
            return "wrong"
        new = codes.target_of(db, row.id)
        if not names.claim(db, person.id, new):
            return "taken"
        _keep(db, person, kind, new)
    return "kept"


def drop_phone(door: Door, actor: Actor) -> bool:
    """Forget the phone of somebody who is signed in; say whether they have none now: a phone that is the login stays.

    Raises ChangedMeanwhile.
    """
    with open_unit(door.database, door.circumstances) as db:
        person = identities.by_id(db.connection(), actor.id or 0)
        if person is None or not person.phone:
            return True
        if person.login == person.phone:
            return False
        _hold(db, person, "phone")
        values = {"person": person.id, "before": person.phone, "after": "", "moment": None}
        db.connection().execute(_KEEPING["phone"], values)
        names.release(db, person.id, person.phone)
        _tell(db, person, "phone", person.phone)
    return True


def change_login(door: Door, actor: Actor, new: str) -> bool:
    """Give somebody who is signed in another login; say whether it was free. Their addresses stay names of theirs.

    Raises ChangedMeanwhile, and nothing is claimed, when they chose yet another one at the same moment.
    """
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, (Limit(f"auth.login_change:{actor.public_id}", door.settings.contact_tries),))
    with open_unit(door.database, door.circumstances) as db:
        person = identities.by_id(db.connection(), actor.id or 0)
        if person is None or person.login == new:
            return True
        _hold(db, person, "login")
        if not names.claim(db, person.id, new):
            return False
        db.connection().execute(_LOGIN, {"person": person.id, "before": person.login, "after": new})
        if person.login not in (person.email, person.phone):
            names.release(db, person.id, person.login)
        _tell(db, person, "login", "")
    return True


def _keep(db: Session, person: Row[Any], kind: Kind, new: str) -> None:
    before = person.email if kind == "email" else person.phone
    values = {"person": person.id, "before": before, "after": new, "moment": now(db)}
    db.connection().execute(_KEEPING[kind], values)
    if before and before != new:
        names.release(db, person.id, before)
    codes.void(db, person.id)
    recovering.void(db, person.id)
    _tell(db, person, kind, before if before != new else "")


def _hold(db: Session, person: Row[Any], what: Kind | Literal["login"]) -> None:
    """Keep other changes of a person out until the unit ends. Raises ChangedMeanwhile when theirs came after `person` was read.

    Held before any name is claimed: a new name holds its person's row too, and two claims would wait for each other.
    """
    if db.connection().execute(_HOLDING[what], {"person": person.id, "before": getattr(person, what)}).first() is None:
        raise ChangedMeanwhile


def _tell(db: Session, person: Row[Any], what: Literal["email", "phone", "login"], old: str) -> None:
    """Event, audit, and a notice to the contact that was: its owner hears of it even if somebody else did this."""
    emit(db, ContactChanged(person.public_id, what))
    audit(db, "auth.contact_changed", person.public_id, detail={"what": what})
    letters = port(db, Letters)  # type: ignore[type-abstract]
    told = {each for each in (old, person.email if person.email_confirmed_at else "") if each}
    for to in sorted(told):
        letters.send(
            db,
            to=to,
            template="auth/texts/contact_changed" if to.startswith("+") else "auth/letters/contact_changed",
            values={"name": person.name, "what": what},
            locale=person.locale,
            brand="",
            kind="auth.contact_changed",
        )
