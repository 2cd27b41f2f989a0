"""What was done on the first customer's account before the demo began: acts of the past months, about rows that are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.policy import SYSTEM, Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.payments.models import Payment
from lkportal.modules.readings.models import Reading

Act = tuple[datetime, Actor, str, str, dict[str, str | int]]
MOST, EVENING = 5, time(16, 10)
BEFORE = timedelta(days=200)
"""How long before the demo its people received their access."""


@contextmanager
def as_of(db: Session, moment: datetime, actor: Actor | None = None) -> Iterator[None]:
    """Write what stands in the block as of another moment, by another actor."""
    before = context(db)
    db.info["unit"] = replace(before, clock=MovableClock(moment), actor=actor or before.actor)
    try:
        yield
    finally:
        db.info["unit"] = before


def recall(db: Session, number: str, login: str) -> None:
    """Write into the history of account `number` what its payments and readings of the last months tell."""
    account = db.scalars(select(Account).where(Account.number == number)).one()
    about = port(db, Accounts).by_public_id(db, account.public_id)  # type: ignore[type-abstract]
    owner = _actor(db, login)
    paid = db.scalars(
        select(Payment)
        .where(Payment.account_id == account.id, Payment.paid_at.is_not(None))
        .order_by(Payment.paid_at.desc())
        .limit(MOST)
    )
    sent = db.scalars(
        select(Reading).where(Reading.account_id == account.id).order_by(Reading.taken_on.desc()).limit(3 * MOST)
    )
    latest = now(db) - timedelta(hours=1)
    acts: list[Act] = [_received(each, each.paid_at) for each in paid if each.paid_at is not None]
    acts += [_sent(each, owner, latest) for each in sent]
    for moment, actor, action, target, detail in sorted(acts, key=_moment):
        with as_of(db, moment, actor):
            port(db, AuditLog).record(db, action, target=target, account=about, detail=detail)  # type: ignore[type-abstract]


def _received(payment: Payment, moment: datetime) -> Act:
    return moment, SYSTEM, "payments.succeeded", payment.public_id, {"amount": payment.amount}


def _sent(reading: Reading, owner: Actor, latest: datetime) -> Act:
    moment = min(datetime.combine(reading.taken_on, EVENING, UTC), latest)
    return moment, owner, "readings.submitted", reading.public_id, {}


def _actor(db: Session, login: str) -> Actor:
    row = db.scalars(select(Identity).where(Identity.login == login)).one()
    return Actor("customer", row.id, row.public_id, row.name, row.login)


def _moment(act: Act) -> datetime:
    return act[0]
