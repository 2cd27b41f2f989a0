"""What was done on the first customer's account before the demo began: acts of the past months, about rows that are there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from seeding.moments import account_of, as_of, person
from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.core.policy import SYSTEM, Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.payments.models import Payment
from lkportal.modules.readings.models import Reading

Act = tuple[datetime, Actor, str, str, dict[str, str | int]]
MOST, EVENING = 5, time(16, 10)
BEFORE = timedelta(days=200)
"""How long before the demo its people received their access."""


def remembered(db: Session, number: str, login: str) -> list[Act]:
    """Return what payments and readings of the last months tell of account `number`, the oldest first."""
    account = account_of(db, number)
    owner = person(db, login)
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
    return sorted(acts, key=_moment)


def recall(db: Session, number: str, acts: Iterable[Act]) -> None:
    """Write acts into the history of account `number`, which is read in the order it was written in."""
    account = account_of(db, number)
    for moment, actor, action, target, detail in acts:
        with as_of(db, moment, actor):
            port(db, AuditLog).record(db, action, target=target, account=account, detail=detail)  # type: ignore[type-abstract]


def _received(payment: Payment, moment: datetime) -> Act:
    return moment, SYSTEM, "payments.succeeded", payment.public_id, {"amount": payment.amount}


def _sent(reading: Reading, owner: Actor, latest: datetime) -> Act:
    moment = min(datetime.combine(reading.taken_on, EVENING, UTC), latest)
    return moment, owner, "readings.submitted", reading.public_id, {}


def _moment(act: Act) -> datetime:
    return act[0]
