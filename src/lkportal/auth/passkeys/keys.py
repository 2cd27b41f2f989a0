"""Passkeys of people: added, named, removed, and used as a way in, as a second proof, as a proof again. Bytes are judged in
ceremonies, challenges in challenges; here are the rows and what follows from them.

Unknown keys, wrong signatures, foreign domains, used challenges and disabled people take the same steps to the same refusal. A
counter that went back is told to the owner, and the key opens nothing more until it is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from lkportal.auth import limits, sessions
from lkportal.auth.contract import PasskeyAdded, PasskeyRemoved, PasskeySuspended, SignInRefused
from lkportal.auth.door.entering import TELL, Door, audit
from lkportal.auth.models import Identity, Passkey
from lkportal.auth.passkeys import ceremonies, challenges
from lkportal.auth.passkeys.ceremonies import Answer, Made, Party, Shown
from lkportal.auth.passkeys.challenges import Bound
from lkportal.auth.second import factors, recovery_codes
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id, token_hash
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now, open_unit
from lkportal.web.trust.signing import Signing

MOST = 20
SECOND = "passkey"
_MINE = (Passkey.identity_id == bindparam("person"), Passkey.public_id == bindparam("public"))
_SHOWN = bindparam("shown", type_=BigInteger())
_OF: Select[*tuple[Any, ...]] = (
    select(
        Passkey.public_id,
        Passkey.name,
        Passkey.credential,
        Passkey.rp_id,
        Passkey.synced,
        Passkey.created_at,
        Passkey.used_at,
        Passkey.suspended_at,
    )
    .where(Passkey.identity_id == bindparam("person"))
    .order_by(Passkey.created_at, Passkey.id)
)
_FOUND: Select[*tuple[Any, ...]] = (
    select(
        Passkey.id.label("passkey_id"),
        Passkey.public_id.label("passkey"),
        Passkey.name.label("passkey_name"),
        Passkey.public_key,
        Identity.id,
        Identity.public_id,
    )
    .join(Identity, Identity.id == Passkey.identity_id)
    .where(
        Passkey.credential_hash == bindparam("hash"),
        Passkey.rp_id == bindparam("domain"),
        Identity.disabled_at.is_(None),
    )
)
# A counter only grows; keys of keepers that count nothing say 0 for ever.
_USE = (
    update(Passkey)
    .where(
        Passkey.id == bindparam("passkey_id"),
        Passkey.suspended_at.is_(None),
        or_(Passkey.sign_count < _SHOWN, and_(Passkey.sign_count == 0, _SHOWN == 0)),
    )
    .values(sign_count=_SHOWN, used_at=bindparam("now"))
    .execution_options(preserve_rowcount=True)
)
_SUSPEND = (
    update(Passkey)
    .where(Passkey.id == bindparam("passkey_id"), Passkey.suspended_at.is_(None))
    .values(suspended_at=bindparam("now"))
    .execution_options(preserve_rowcount=True)
)
_INSERT = insert_if_new(Passkey.__table__)  # type: ignore[arg-type]
_RENAME = update(Passkey).where(*_MINE).values(name=bindparam("called")).execution_options(preserve_rowcount=True)
_FORGET = delete(Passkey).where(Passkey.identity_id == bindparam("person"))
_REMOVE = delete(Passkey).where(*_MINE).execution_options(preserve_rowcount=True)


class PasskeyRefused(PortalError):
    """A proof by passkey that opens nothing: the same words whatever was wrong with it."""

    def __init__(self) -> None:
        message = text(
            "auth.passkey.wrong", "This passkey did not open anything. Try once more or sign in another way."
        )
        super().__init__("passkey_refused", message, 422)


class PasskeyCopied(PortalError):
    """The counter of a key went back: two devices hold it, one of them perhaps by theft."""

    def __init__(self) -> None:
        message = text(
            "auth.passkey.copied",
            "This passkey may have been copied and opens nothing any more. Sign in another way and remove it.",
        )
        super().__init__("passkey_copied", message, 422)


class PasskeyUnverified(PortalError):
    """A key was shown twice by a device that asked nobody for a finger, a face or a code: that is one factor."""

    def __init__(self) -> None:
        message = text(
            "auth.passkey.unverified",
            "The device did not make sure that it is you, and you came in with a passkey already. Prove it another way.",
        )
        super().__init__("passkey_unverified", message, 422)


class PasskeyNotAdded(PortalError):
    """The answer to a request for a new key was not one, came too late, or the key is known already."""

    def __init__(self) -> None:
        message = text("auth.passkey.not_added", "The passkey was not added. Begin once more on this page.")
        super().__init__("passkey_not_added", message, 422)


class TooManyPasskeys(PortalError):
    """A person has as many keys as anybody may."""

    def __init__(self) -> None:
        message = text("auth.passkey.too_many", "You have %(n)s passkeys already. Remove one you do not use.", n=MOST)
        super().__init__("too_many_passkeys", message, 422)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a proof by passkey is judged with: the door, who asks for keys, the signing of challenges, the browser."""

    door: Door
    party: Party
    signing: Signing
    browser: str
    device: str = ""

    def challenge(self, bound: Bound) -> bytes:
        """Return a new challenge for this browser."""
        return challenges.make(self.signing, bound, self.door.circumstances.clock.now())


@dataclass(frozen=True, slots=True)
class Proved:
    """Who proved themselves, as a key of identities, and whether the device asked for a finger, a face or a code."""

    identity_id: int
    identity: str
    verified: bool


def of(connection: Connection, identity_id: int) -> Sequence[Row[Any]]:
    """Return the passkeys of a person, the oldest first."""
    return connection.execute(_OF, {"person": identity_id}).all()


def prove(desk: Desk, purpose: challenges.Purpose, raw: str, person: str = "") -> Proved:
    """Judge the answer of a browser and spend its challenge. `person` is who it must be, "" when the key tells who it is.

    Raises TooOften, PasskeyRefused, PasskeyCopied.
    """
    door = desk.door
    allowed = limits.passkey_limits(desk.device, door.origin.network, door.settings)
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
    answer = ceremonies.read(raw)
    with door.database.reading() as connection:
        known = _found(connection, answer, desk.party)
    bound, moment = Bound(purpose, desk.browser, person), door.circumstances.clock.now()
    ends = challenges.until(desk.signing, bound, answer.challenge if answer else b"", moment)
    proof = _checked(desk.party, answer, known)
    if answer is None or known is None or ends is None or proof is None or person not in ("", known.public_id):
        _refuse(door, known)
        raise PasskeyRefused
    with open_unit(door.database, replace(door.circumstances)) as db:
        first = challenges.spend(db, answer.challenge, ends)
        counted = first and _use(db, known, proof)
        if first and not counted:
            _suspend(db, known)
        if counted:
            limits.give_back(db, allowed)
    if not first:
        _refuse(door, known)
        raise PasskeyRefused
    if not counted:
        raise PasskeyCopied
    return Proved(known.id, known.public_id, proof.verified)


def add(desk: Desk, actor: Actor, raw: str, name: str) -> str:
    """Keep a new key of somebody who is signed in; return the new token of their session.

    Raises PasskeyNotAdded, TooManyPasskeys.
    """
    door, answer = desk.door, ceremonies.read(raw)
    bound, moment = Bound("add", desk.browser, actor.public_id), door.circumstances.clock.now()
    ends = challenges.until(desk.signing, bound, answer.challenge, moment) if answer else None
    made = ceremonies.made(desk.party, answer) if answer and ends else None
    if answer is None or ends is None or made is None:
        raise PasskeyNotAdded
    row = _row(desk.party, actor, made, name, moment)
    with open_unit(door.database, door.circumstances) as db:
        if len(of(db.connection(), actor.id or 0)) >= MOST:
            raise TooManyPasskeys
        token = sessions.rotate(db, actor.session_id or 0)
        new = challenges.spend(db, answer.challenge, ends) and bool(
            db.connection().execute(_INSERT[db.get_bind().dialect.name], row).rowcount
        )
        if not new or not token:
            raise PasskeyNotAdded
        factors.put(db, actor.id or 0, SECOND)
        emit(db, PasskeyAdded(actor.public_id, row["public_id"]))
        audit(db, "auth.passkey_added", row["public_id"])
        enqueue(db, TELL, {"identity": actor.public_id, "letter": "passkey_added"})
    return token


def rename(db: Session, actor: Actor, passkey: str, name: str) -> bool:
    """Call a key of this person so; say whether there is one."""
    done = db.connection().execute(_RENAME, {"person": actor.id, "public": passkey, "called": name})
    if done.rowcount:
        audit(db, "auth.passkey_renamed", passkey)
    return bool(done.rowcount)


def remove(db: Session, actor: Actor, passkey: str) -> str:
    """Remove a key of this person; return the new token of their session. Raises NotFound when it is gone already."""
    if not db.connection().execute(_REMOVE, {"person": actor.id, "public": passkey}).rowcount:
        raise NotFound
    if not of(db.connection(), actor.id or 0) and not factors.drop(db, actor.id or 0, SECOND):
        recovery_codes.forget(db, actor.id or 0)
    emit(db, PasskeyRemoved(actor.public_id, passkey))
    audit(db, "auth.passkey_removed", passkey)
    enqueue(db, TELL, {"identity": actor.public_id, "letter": "passkey_removed"})
    return sessions.rotate(db, actor.session_id or 0)


def _row(party: Party, actor: Actor, made: Made, name: str, moment: datetime) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "identity_id": actor.id,
        "name": name,
        "credential_hash": token_hash(ceremonies.packed(made.credential)),
        "credential": ceremonies.packed(made.credential),
        "public_key": ceremonies.packed(made.public_key),
        "sign_count": made.sign_count,
        "rp_id": party.id,
        "transports": " ".join(made.transports),
        "synced": made.synced,
        "created_at": moment,
        "used_at": None,
        "suspended_at": None,
    }


def forget(db: Session, identity_id: int) -> None:
    """Remove all keys of a person who lost what holds them. What else follows is for the caller."""
    db.connection().execute(_FORGET, {"person": identity_id})


def _found(connection: Connection, answer: Answer | None, party: Party) -> Row[Any] | None:
    hashed = token_hash(ceremonies.packed(answer.credential)) if answer else ""
    return connection.execute(_FOUND, {"hash": hashed, "domain": party.id}).first()


def _checked(party: Party, answer: Answer | None, known: Row[Any] | None) -> Shown | None:
    """Return what the answer proves; one of an unknown key costs a check too, and proves nothing."""
    if answer is None:
        return None
    proof = ceremonies.shown(party, answer, known.public_key if known else ceremonies.NOBODYS_KEY)
    mine = known is not None and answer.handle in (b"", known.public_id.encode())
    return proof if mine else None


def _use(db: Session, known: Row[Any], proof: Shown) -> bool:
    values = {"passkey_id": known.passkey_id, "shown": proof.sign_count, "now": now(db)}
    return bool(db.connection().execute(_USE, values).rowcount)


def _suspend(db: Session, known: Row[Any]) -> None:
    """Let a copied key open nothing more, and tell its owner once."""
    audit(db, "auth.passkey_suspended", known.passkey, refused=True)
    if db.connection().execute(_SUSPEND, {"passkey_id": known.passkey_id, "now": now(db)}).rowcount:
        emit(db, PasskeySuspended(known.public_id, known.passkey))
        enqueue(db, TELL, {"identity": known.public_id, "letter": "passkey_copied"})


def _refuse(door: Door, known: Row[Any] | None) -> None:
    with open_unit(door.database, door.circumstances) as db:
        target = known.public_id if known else ""
        emit(db, SignInRefused(target))
        audit(db, "auth.signed_in", target, refused=True)
