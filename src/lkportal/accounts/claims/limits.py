"""How often anybody may try to prove an account, counted in core.rates and shared by all processes, before any look at the proof.
A number that strangers used up stays open to codes nobody can guess, and nobody who has the account is ever asked here."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from lkportal.accounts.settings import ClaimTable
from lkportal.auth.limits import TooOften
from lkportal.core.limits.rates import allow_in, give_back_in, seconds_to_wait
from lkportal.core.unit import now

DAY = 86_400
MONTH = 30 * DAY
Limits = tuple[tuple[str, int, int], ...]
"""Key, how many, in how many seconds."""


def proof_limits(table: ClaimTable, *, person: str, number: str, network: str, strong: bool) -> Limits:
    """Return the limits of one try, the same whether the number is anybody's. `person` is "" for a guest."""
    limits = [(f"accounts.claim.network:{network}", table.network_day, DAY)]
    if person:
        limits.append((f"accounts.claim.person:{person}", table.person_day, DAY))
    if not strong:
        limits.append((f"accounts.claim.number:{number}", table.number_day, DAY))
        limits.append((f"accounts.claim.number:{number}", table.number_month, MONTH))
    return tuple(limits)


def post_limits(table: ClaimTable, *, person: str, network: str) -> Limits:
    """Return the limits of asking for a letter with a code."""
    return (
        (f"accounts.post.network:{network}", table.network_day, DAY),
        (f"accounts.post.person:{person}", table.post_person, MONTH),
    )


def admit(db: Session, limits: Limits) -> None:
    """Count one try of each limit. Raises TooOften; nothing is counted then, for the unit rolls back."""
    moment = now(db)
    for key, most, seconds in limits:
        if not allow_in(db, key, most, seconds, moment):
            raise TooOften(timedelta(seconds=seconds_to_wait(db, key, most, seconds, moment)))


def give_back(db: Session, limits: Limits) -> None:
    """Take the count of one try back: it was right, and only wrong ones are to be few."""
    for key, _, seconds in limits:
        give_back_in(db, key, seconds)
