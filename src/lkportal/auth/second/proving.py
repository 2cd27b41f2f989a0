"""The second step: at entry, after any first one, and again before something delicate. Limits first, hashes outside of any unit, then
one unit in which the proof is used up and the session begins or is renewed. The proofs stand in totp and recovery_codes; another kind of
second factor hands in its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from lkportal.auth import identities, limits, sessions
from lkportal.auth.contract import SecondFactorChanged
from lkportal.auth.door.entering import TELL, Arrival, Door, Entered, audit, begun
from lkportal.auth.passkeys import keys
from lkportal.auth.passwords import fingerprint
from lkportal.auth.second import entries, factors, recovery_codes, totp
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.jobs import enqueue
from lkportal.core.limits.rates import allow_in
from lkportal.core.policy import Actor
from lkportal.core.unit import now, open_unit

DAY = 86_400
RECOVERY = "recovery"
TOTP = "totp"


class WrongCode(PortalError):
    """The code does not fit, is too old, or was used already: the same words for all."""

    def __init__(self) -> None:
        message = text("auth.second.wrong", "This code does not fit or was used already. Wait for the next one.")
        super().__init__("wrong_code", message, 422)


class EntryGone(PortalError):
    """The first step is too long ago, was used already, or the password changed since."""

    def __init__(self) -> None:
        super().__init__("entry_gone", text("auth.second.gone", "Too much time went by. Please sign in anew."), 410)


@dataclass(frozen=True, slots=True)
class Proof:
    """A second factor as it was handed in: `method` is its word, `use(db, identity)` uses it up and says whether it holds."""

    method: str
    use: Callable[[Session, int], bool]


Prover = Callable[[Row[Any]], Proof]
"""Looks at what was typed for a person, outside of any unit, and returns the proof."""


def by_code(door: Door, typed: str) -> Prover:
    """Return the prover of what was typed: six digits of the app, or a recovery code."""

    def prove(person: Row[Any]) -> Proof:
        digits = "".join(typed.split())
        if len(digits) == totp.DIGITS and digits.isdecimal():
            return Proof(TOTP, lambda db, identity: totp.take(db, identity, digits))
        code = recovery_codes.plain(typed)
        found = recovery_codes.found(door.database, door.passwords, person.id, code) if code else None
        return Proof(RECOVERY, lambda db, identity: found is not None and recovery_codes.spend(db, identity, found))

    return prove


def waiting_person(door: Door, token: str) -> tuple[Row[Any], Row[Any]]:
    """Return the sign-in that waits behind a token, and its person. Raises EntryGone."""
    with door.database.reading() as connection:
        entry = entries.look(connection, token, door.circumstances.clock.now())
        person = identities.by_id(connection, entry.identity_id) if entry else None
    if entry is None or person is None or entry.bound != fingerprint(person.password_hash):
        raise EntryGone
    return entry, person


def take_step(door: Door, token: str, prove: Prover, *, device: str = "", old_token: str = "") -> tuple[Entered, str]:
    """Take the second step of a sign-in that waits and return the session with the page that was wanted.

    `device` is the number of a device that knows the person, "" for a stranger's. Raises EntryGone, TooOften, WrongCode.
    """
    entry, person = waiting_person(door, token)
    allowed = limits.second_limits(person.public_id, device, door.settings)
    _admitted(door, person, allowed)
    proof = prove(person)
    actor = identities.as_actor(person)
    arrival = Arrival((*entry.methods.split(), proof.method), entry.wanted, True, bool(device), old_token)
    try:
        with open_unit(door.database, replace(door.circumstances, actor=actor)) as db:
            if entries.spend(db, token) is None or identities.hold(db, person) is None:
                raise EntryGone
            _used(db, proof, person)
            limits.give_back(db, allowed)
            made = begun(db, door, person, arrival)
    except WrongCode:
        _refused(door, actor)
        raise
    return Entered(actor, made), entry.wanted


def prove_again(door: Door, actor: Actor, prove: Prover) -> str:
    """Check a second factor of somebody who is signed in; return the new token of their session.

    Raises TooOften, WrongCode, and EntryGone when the session ended meanwhile.
    """
    with door.database.reading() as connection:
        person = identities.by_id(connection, actor.id or 0)
    if person is None:
        raise EntryGone
    allowed = limits.proof_limits(actor.public_id, door.settings)
    _admitted(door, person, allowed)
    proof = prove(person)
    try:
        with open_unit(door.database, door.circumstances) as db:
            _used(db, proof, person)
            limits.give_back(db, allowed)
            token = sessions.rotate(db, actor.session_id or 0, second=True)
            if not token:
                raise EntryGone
            audit(db, "auth.stepped_up", actor.public_id, detail={"method": proof.method})
    except WrongCode:
        _refused(door, actor)
        raise
    return token


def set_up_totp(door: Door, actor: Actor, seed: str, code: str) -> tuple[str, list[str]]:
    """Set up an authenticator app, or another in its place, and recovery codes; return the session's new token and the codes.

    The other sessions end: they began without it. Raises TooOften, WrongCode.
    """
    allowed = limits.proof_limits(actor.public_id, door.settings)
    with open_unit(door.database, door.circumstances) as db:
        limits.admit(db, allowed)
    shown, kept = recovery_codes.make(door.passwords)
    identity = actor.id or 0
    with open_unit(door.database, door.circumstances) as db:
        if not totp.set_up(db, identity, seed, "".join(code.split())):
            raise WrongCode
        limits.give_back(db, allowed)
        factors.put(db, identity, TOTP, ask=True)
        recovery_codes.keep(db, identity, kept)
        sessions.revoke_all(db, identity, actor.public_id, keep=actor.session_id)
        token = sessions.rotate(db, actor.session_id or 0, second=True)
        if not token:
            raise EntryGone
        _changed(db, actor, TOTP, on=True)
    return token, shown


def turn_off_totp(door: Door, actor: Actor) -> str:
    """Turn the authenticator app off, and the recovery codes with the last second factor; return the session's new token."""
    identity = actor.id or 0
    with open_unit(door.database, door.circumstances) as db:
        totp.forget(db, identity)
        if not factors.drop(db, identity, TOTP):
            recovery_codes.forget(db, identity)
        token = sessions.rotate(db, actor.session_id or 0)
        _changed(db, actor, TOTP, on=False)
    return token


def renew_codes(door: Door, actor: Actor) -> list[str]:
    """Make new recovery codes in place of the old ones and return them."""
    shown, kept = recovery_codes.make(door.passwords)
    with open_unit(door.database, door.circumstances) as db:
        recovery_codes.keep(db, actor.id or 0, kept)
        audit(db, "auth.codes_renewed", actor.public_id)
        enqueue(db, TELL, {"identity": actor.public_id, "letter": "codes_renewed"})
    return shown


def choose(door: Door, actor: Actor, purposes: frozenset[str]) -> None:
    """Set for what a person's second factor is asked. Sessions that began without it end once it is asked for at entry."""
    with open_unit(door.database, door.circumstances) as db:
        factors.choose(db, actor.id or 0, purposes)
        if "entry" in purposes:
            sessions.revoke_without_second(db, actor.id or 0, actor.public_id)
        audit(db, "auth.asks_changed", actor.public_id, detail={"asks": " ".join(sorted(purposes))})


def reset(db: Session, person: Row[Any]) -> None:
    """Take all second factors from a person who lost them, in the company's name: the app, passkeys, the codes, what
    they were asked for.

    Their sessions end. Who may ask for it, and how they prove themselves, is for the caller to judge.
    """
    totp.forget(db, person.id)
    recovery_codes.forget(db, person.id)
    keys.forget(db, person.id)
    for way in person.second_ways.split():
        factors.drop(db, person.id, way)
    sessions.revoke_all(db, person.id, person.public_id)
    emit(db, SecondFactorChanged(person.public_id, "", on=False))
    audit(db, "auth.second_reset", person.public_id)
    enqueue(db, TELL, {"identity": person.public_id, "letter": "second_off"})


def _used(db: Session, proof: Proof, person: Row[Any]) -> None:
    if not proof.use(db, person.id):
        raise WrongCode
    if proof.method == RECOVERY:
        enqueue(db, TELL, {"identity": person.public_id, "letter": "recovery_code_used"})


def _changed(db: Session, actor: Actor, way: str, *, on: bool) -> None:
    emit(db, SecondFactorChanged(actor.public_id, way, on))
    audit(db, "auth.second_on" if on else "auth.second_off", actor.public_id, detail={"way": way})
    enqueue(db, TELL, {"identity": actor.public_id, "letter": "second_on" if on else "second_off"})


def _admitted(door: Door, person: Row[Any], allowed: tuple[limits.Limit, ...]) -> None:
    """Count a try. Whoever reaches the limit knows the first step: the owner is told of it, once a day."""
    try:
        with open_unit(door.database, door.circumstances) as db:
            limits.admit(db, allowed)
    except limits.TooOften:
        with open_unit(door.database, door.circumstances) as db:
            if allow_in(db, f"auth.second_told:{person.public_id}", 1, DAY, now(db)):
                enqueue(db, TELL, {"identity": person.public_id, "letter": "second_refused"})
        raise


def _refused(door: Door, actor: Actor) -> None:
    with open_unit(door.database, door.circumstances) as db:
        audit(db, "auth.second_step", actor.public_id, refused=True)
