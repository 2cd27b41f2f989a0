"""Asking the provider, always outside a unit of work: what it says is written by recording in a unit of its own.
Pages and jobs ask the same way, so whatever died half-way is gone on with by whoever comes next."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.modules.payments.contract import (
    Declined,
    GatewayPayment,
    GatewayUnavailable,
    PaymentGateway,
    Rejected,
)
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.paying import cases, intents, recording
from lkportal.modules.payments.paying.cases import Case
from lkportal.modules.payments.paying.recording import Absent, Answer, Refused, Seen, Silent

KEY_LIVES = timedelta(hours=23)
"""How long a key makes at most one payment: providers promise a day, an hour is left for clocks and slow calls."""

_SLACK = timedelta(minutes=10)
EVERY = timedelta(seconds=3)
"""How often at most a page asks about an unfinished payment."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How the caller reads and writes: a request and a job have each their own."""

    reading: Callable[[], AbstractContextManager[Connection]]
    unit: Callable[[], AbstractContextManager[Session]]


def ask(desk: Desk, ways: Ways, attempt: int, moment: datetime, *, at_once: bool = False) -> None:
    """Ask its provider about an attempt that may still change, and write down the answer. Nobody is asked about a finished one,
    nor about one whose gateway is off.

    `at_once` says that this is the very first call, made while the payer waits: only then a refusal is final, for nothing
    can have happened before it.
    """
    with ways.reading() as connection:
        case = cases.by_id(connection, attempt)
    gateway = desk.of(case.gateway) if case is not None and case.is_live else None
    if case is None or gateway is None:
        return
    answer = _answer(gateway, case, moment)
    with ways.unit() as db:
        recording.record(db, case, answer, refusal_is_final=at_once and case.state == "intended")


def look(gateway: PaymentGateway, ways: Ways, provider_id: str) -> bool:
    """Fetch a payment that somebody hinted at and write down what it is; False when it is none of ours."""
    try:
        seen = gateway.fetch(provider_id)
    except Rejected:
        return False
    return note(gateway.name, ways, seen)


def note(gateway: str, ways: Ways, seen: GatewayPayment) -> bool:
    """Write down a payment as the provider told it; False when it is none of ours."""
    with ways.reading() as connection:
        case = cases.by_provider(connection, gateway, seen.provider_id)
        case = case or cases.by_key(connection, gateway, seen.metadata.get(intents.ATTEMPT, ""))
    if case is None:
        return False
    with ways.unit() as db:
        recording.record(db, case, Seen(seen))
    return True


def _answer(gateway: PaymentGateway, case: Case, moment: datetime) -> Answer:
    try:
        if case.provider_id is not None:
            return Seen(gateway.fetch(case.provider_id))
        if moment - case.created_at < KEY_LIVES:
            created = gateway.charge_saved(case.intent) if case.intent.method else gateway.create(case.intent)
            return Seen(created.payment, created.next_step)
        return _search(gateway, case)
    except Declined as declined:
        return Seen(declined.payment)
    except Rejected as rejected:
        return Refused(rejected.reason)
    except GatewayUnavailable as silence:
        return Silent(silence.retry_after)


def _search(gateway: PaymentGateway, case: Case) -> Answer:
    """The key is too old to be used again: find the payment it may have made among those of its time."""
    since, until = case.created_at - _SLACK, case.created_at + KEY_LIVES + _SLACK
    seen = gateway.find(case.key, since, until)
    return Seen(seen) if seen else Absent()
