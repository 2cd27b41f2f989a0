"""Comparing one payment as the provider tells it with what the books hold of it. Pure: who asks and writes stands in jobs, service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from lkportal.modules.payments.contract import GatewayPayment

Kind = Literal["missing_here", "missing_there", "other_amount", "other_state", "other_refund"]
TAKEN = frozenset({"succeeded", "refunded_part", "refunded"})
"""States in which the provider has, or had, the money."""


@dataclass(frozen=True, slots=True)
class Ours:
    """An attempt with what the books hold of it: `booked` was credited, `refunded` given back. Minor units."""

    attempt: int
    key: str
    provider_id: str | None
    state: str
    amount: int
    currency: str
    refunded: int
    booked: int


@dataclass(frozen=True, slots=True)
class Found:
    """One difference."""

    kind: Kind
    subject: str
    currency: str
    attempt: int | None
    theirs: int
    ours: int
    their_state: str
    our_state: str


@dataclass(slots=True)
class Totals:
    """A day in one currency, both sides. `found` are its differences."""

    theirs_count: int = 0
    theirs: int = 0
    theirs_back: int = 0
    ours_count: int = 0
    ours: int = 0
    ours_back: int = 0
    found: list[Found] = field(default_factory=list)


def add(days: dict[str, Totals], seen: GatewayPayment | None, ours: Ours | None) -> None:
    """Count one payment into the day's totals by currency, with how the two sides differ in it. One of them is not None."""
    if seen is not None and taken(seen):
        theirs = days.setdefault(seen.currency, Totals())
        theirs.theirs_count += 1
        theirs.theirs += seen.amount
        theirs.theirs_back += seen.refunded
    if ours is not None and ours.booked:
        mine = days.setdefault(ours.currency, Totals())
        mine.ours_count += 1
        mine.ours += ours.booked
        mine.ours_back += ours.refunded
    for found in differences(seen, ours):
        days.setdefault(found.currency, Totals()).found.append(found)


def differences(seen: GatewayPayment | None, ours: Ours | None) -> Iterable[Found]:
    """Yield in what the two sides differ. A payment that neither has taken is no difference, whatever its state."""
    theirs = taken(seen) if seen is not None else 0
    booked = ours.booked if ours is not None else 0
    kind = _kind(seen, ours, theirs, booked)
    if kind:
        yield _found(kind, seen, ours, theirs, booked)
    elif seen is not None and ours is not None and booked and seen.refunded != ours.refunded:
        yield _found("other_refund", seen, ours, seen.refunded, ours.refunded)


def taken(seen: GatewayPayment) -> int:
    """Return what the provider took, before anything was given back."""
    return seen.amount if seen.status in TAKEN else 0


def _kind(seen: GatewayPayment | None, ours: Ours | None, theirs: int, booked: int) -> Kind | None:
    if not theirs and not booked:
        return None
    if ours is None:
        return "missing_here"
    if seen is None:
        return "missing_there"
    if theirs and (theirs != ours.amount or seen.currency != ours.currency):
        return "other_amount"
    return "other_state" if theirs != booked else None


def _found(kind: Kind, seen: GatewayPayment | None, ours: Ours | None, theirs: int, booked: int) -> Found:
    named = seen.provider_id if seen is not None else ""
    known = (ours.provider_id or ours.key) if ours is not None else ""
    currency = seen.currency if seen is not None else ours.currency if ours is not None else ""
    return Found(
        kind=kind,
        subject=(named or known)[:64],
        currency=currency,
        attempt=ours.attempt if ours is not None else None,
        theirs=theirs,
        ours=booked,
        their_state=seen.status if seen is not None else "",
        our_state=ours.state if ours is not None else "",
    )
