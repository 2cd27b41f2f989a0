"""How often anybody may try, counted in core.rates and shared by all processes. Limits come before any hashing.

Strangers share a limit for each login and one for their network; a device that signed in before has a limit of its own,
which no stranger can use up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from lkportal.auth.settings import AuthSettings
from lkportal.core.errors import PortalError
from lkportal.core.i18n import ntext
from lkportal.core.limits.rates import allow_in, give_back_in, seconds_to_wait
from lkportal.core.unit import now

HOUR = 3600
BURST = 10
"""Seconds of the limit that keeps a flood of sign-ins from taking all processor time for hashing."""
SLOT = 300
"""Seconds in which one more message goes to somebody for whom too many were asked: half of how long a link lives."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of one key in so many seconds. Keys are hashed before they are stored."""

    key: str
    most: int
    seconds: int = HOUR


class TooOften(PortalError):
    """The limit is used up; `wait` is how long until the next try counts."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        message = ntext(
            "auth.limit.wait",
            "Too many attempts. Try again in %(n)s minute.",
            "Too many attempts. Try again in %(n)s minutes.",
            minutes,
        )
        super().__init__("too_often", message, 429)


def sign_in_limits(who: str, device: str, network: str, settings: AuthSettings) -> tuple[Limit, ...]:
    """Return the limits of a password check for `who`: a public id, so that all names of a person count together, or a login
    nobody has. `device` is the number of a device that knows them, or "".

    The whole portal's limits are for lists of stolen passwords that are tried from everywhere, once for each login: one keeps
    the guesses of an hour few, one leaves the processors to those who work here while a flood lasts.
    """
    if device:
        return (Limit(f"auth.device:{device}:{who}", settings.device_tries),)
    return (
        Limit(f"auth.network:{network}", settings.network_tries),
        Limit(f"auth.login:{who}", settings.stranger_tries),
        Limit("auth.portal", settings.portal_tries),
        Limit("auth.portal_now", settings.portal_burst, BURST),
    )


def passkey_limits(device: str, network: str, settings: AuthSettings) -> tuple[Limit, ...]:
    """Return the limits of proofs by passkey: a known browser has its own, strangers of a network share one."""
    if device:
        return (Limit(f"auth.passkey.device:{device}", settings.device_tries),)
    return (Limit(f"auth.passkey:{network}", settings.network_tries),)


def proof_limits(identity: str, settings: AuthSettings) -> tuple[Limit, ...]:
    """Return the limits of a password check by somebody who is signed in."""
    return (Limit(f"auth.proof:{identity}", settings.device_tries),)


def second_limits(identity: str, device: str, settings: AuthSettings) -> tuple[Limit, ...]:
    """Return the limits of the second step of a sign-in; `device` is the number of a device that knows the person, or ""."""
    if device:
        return (Limit(f"auth.second:{device}:{identity}", settings.second_tries),)
    return (Limit(f"auth.second:{identity}", settings.stranger_tries),)


def letter_limits(purpose: str, login: str, network: str, settings: AuthSettings) -> tuple[Limit, ...]:
    """Return the limits of asking for a letter with a link, the same whether anybody has this login or not."""
    return (
        Limit(f"auth.letters:{network}", settings.letters_network),
        Limit(f"auth.letter:{purpose}:{login}", settings.letters_mailbox),
    )


def may_send(db: Session, who: str, device: str, network: str, settings: AuthSettings) -> bool:
    """Count one more request for a code of `who` (a public id, or a login nobody has) and say whether a message goes out.

    Past the free messages of an hour one goes out in each SLOT, whoever asks: its link lives for two slots, so that a stranger
    who keeps asking fills a mailbox slowly and never keeps its owner out. A known `device` has free messages of its own.
    Raises TooOften only when one network asks for far too many people.
    """
    moment = now(db)
    own = f"auth.code_device:{device}:{who}"
    if device and allow_in(db, own, settings.letters_mailbox, HOUR, moment):
        return True
    admit(db, (Limit(f"auth.codes_network:{network}", settings.letters_network * 3),))
    free = (
        Limit(f"auth.code:{who}", settings.letters_mailbox),
        Limit(f"auth.letters:{network}", settings.letters_network),
        Limit("auth.codes", settings.letters_portal),
    )
    if all(allow_in(db, limit.key, limit.most, HOUR, moment) for limit in free):
        return True
    slot = int(moment.timestamp()) // SLOT
    return allow_in(db, f"auth.code_slot:{who}:{slot}", 1, HOUR, moment)


def link_limits(network: str, settings: AuthSettings) -> tuple[Limit, ...]:
    """Return the limits of opening links from letters."""
    return (Limit(f"auth.links:{network}", settings.network_tries),)


def admit(db: Session, limits: tuple[Limit, ...]) -> None:
    """Count one more of each limit. Raises TooOften; nothing is counted then, for the unit rolls back."""
    moment = now(db)
    for limit in limits:
        if not allow_in(db, limit.key, limit.most, limit.seconds, moment):
            raise TooOften(timedelta(seconds=seconds_to_wait(db, limit.key, limit.most, limit.seconds, moment)))


def give_back(db: Session, limits: tuple[Limit, ...]) -> None:
    """Take the count of one attempt back: it was right, and only wrong ones are to be few."""
    for limit in limits:
        give_back_in(db, limit.key, limit.seconds)
