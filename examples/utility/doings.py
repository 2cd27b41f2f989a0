"""What was done on the first customer's account before the demo began: acts of the past months, about rows that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.policy import SYSTEM, AccountRef, Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import outbox
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


def tell_nobody_of_old(db: Session) -> None:
    """Let nobody be told today of what was done before today: they were told then."""
    db.execute(delete(outbox).where(outbox.c.occurred_at < now(db) - timedelta(hours=3)))


def _received(payment: Payment, moment: datetime) -> Act:
    return moment, SYSTEM, "payments.succeeded", payment.public_id, {"amount": payment.amount}


def _sent(reading: Reading, owner: Actor, latest: datetime) -> Act:
    moment = min(datetime.combine(reading.taken_on, EVENING, UTC), latest)
    return moment, owner, "readings.submitted", reading.public_id, {}


def person(db: Session, login: str) -> Actor:
    """Return somebody of the demo as the one who acts."""
    row = db.scalars(select(Identity).where(Identity.login == login)).one()
    return Actor("staff" if row.kind == "staff" else "customer", row.id, row.public_id, row.name, row.login)


def account_of(db: Session, number: str) -> AccountRef:
    """Return an account by its number."""
    public = db.scalars(select(Account.public_id).where(Account.number == number)).one()
    found = port(db, Accounts).by_public_id(db, public)  # type: ignore[type-abstract]
    assert found is not None
    return found


def _moment(act: Act) -> datetime:
    return act[0]
