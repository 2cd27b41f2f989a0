"""What autopay does by itself: tells of a charge days before, makes it, and follows it to its end. Rules only; the provider is called
by jobs. Each step is one conditional UPDATE, so it may be begun again after a crash."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.contract import AutopayFailed, AutopayPlanned
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.methods import keeping, reads
from lkportal.modules.payments.methods.models import Run
from lkportal.modules.payments.methods.reads import Agreed, Planned
from lkportal.modules.payments.models import Payment
from lkportal.modules.payments.paying import deciding as pay

_NEW = insert_if_new(Run.__table__)  # type: ignore[arg-type]
_WAITS = select(Payment.id).where(
    Payment.account_id == bindparam("account"), Payment.state == "waiting", Payment.created_at > bindparam("since")
)
_PAYMENT = select(Payment.id).where(Payment.public_id == bindparam("payment"))
_CLAIM = (
    update(Run)
    .where(Run.id == bindparam("run"), Run.state == "planned", Run.tries == bindparam("before"))
    .values(state="charging", tries=Run.tries + 1, amount=bindparam("sum"), payment_id=bindparam("payment"))
)
_MOVE = update(Run).where(Run.id == bindparam("run"), Run.state == bindparam("at")).values(state=bindparam("to"))
_AGAIN = (
    update(Run)
    .where(Run.id == bindparam("run"), Run.state == "charging")
    .values(state="planned", due_on=bindparam("next"))
)
BUSY = timedelta(hours=1)
"""How long a payment that a person has begun himself makes autopay wait."""


def plan(db: Session, agreed: Agreed, today: date) -> bool:
    """Tell of the next charge of an agreement, if there is one to tell of; say whether there was."""
    settings = desk_of(db).settings.autopay
    ledger.hold(db, ledger.customer(db, agreed.account.id, agreed.account.currency))
    due_on = agreed.next_day(today, settings.notice_days)
    if due_on is None or reads.is_under_way(db, agreed.account.id):
        return False
    month = f"{due_on:%Y-%m}"
    owed = reads.owed(db, agreed.account.id)
    wanted = agreed.wanted(owed)
    amount = min(wanted, agreed.cap - reads.meant(db, agreed.account.id, month), desk_of(db).settings.most)
    if amount < desk_of(db).settings.least:
        return False
    row = {
        "account_id": agreed.account.id,
        "autopay_id": agreed.id,
        "payment_id": None,
        "period": month if agreed.mode == "bill" else due_on.isoformat(),
        "month": month,
        "amount": amount,
        "cap": agreed.cap,
        "planned_on": today,
        "first_on": due_on,
        "due_on": due_on,
        "tries": 0,
        "state": "planned",
    }
    if not moved(db, _NEW[db.get_bind().dialect.name], row):
        return False
    emit(db, AutopayPlanned(Money(amount, agreed.account.currency), due_on.isoformat()), account=agreed.account)
    return True


def charge(db: Session, run: Planned) -> int | None:
    """Begin a charge that was told of, unless nothing is due any more; return the attempt to ask the provider about.

    Never more than was told, than is due now, than the month allows. A person who is paying right now goes first.
    """
    account = run.agreed.account
    ledger.hold(db, ledger.customer(db, account.id, account.currency))
    if db.execute(_WAITS, {"account": account.id, "since": now(db) - BUSY}).first() is not None:
        return None
    amount = min(run.amount, run.agreed.wanted(reads.owed(db, account.id)))
    if amount < desk_of(db).settings.least:
        moved(db, _MOVE, {"run": run.id, "at": "planned", "to": "skipped"})
        return None
    order = pay.Order(
        amount,
        public_id(),
        run.agreed.about,
        lambda _payment: "",
        contact=run.agreed.contact,
        method=run.agreed.token,
        payer=account.public_id,
    )
    payment = pay.opened(db, account, order, run.agreed.gateway)
    key = db.execute(_PAYMENT, {"payment": payment}).scalar_one()
    if not moved(db, _CLAIM, {"run": run.id, "before": run.tries, "sum": amount, "payment": key}):
        raise LostRace
    return reads.attempt(db, key)


def follow(db: Session, run: Planned) -> None:
    """Note how a charge ended. A refusal is tried again on the days the settings name, then told as final."""
    if run.payment_state == "paid":
        moved(db, _MOVE, {"run": run.id, "at": "charging", "to": "paid"})
    elif run.payment_state in ("declined", "attention"):
        _refused(db, run)


def _refused(db: Session, run: Planned) -> None:
    days = desk_of(db).settings.autopay.tries
    account, revoked = run.agreed.account, run.reason == "method_revoked"
    again = run.tries < len(days) and run.payment_state == "declined" and not revoked and run.agreed.is_on
    next_on = run.first_on + timedelta(days=days[run.tries]) if again else None
    if next_on is not None:
        done = moved(db, _AGAIN, {"run": run.id, "next": next_on})
    else:
        done = moved(db, _MOVE, {"run": run.id, "at": "charging", "to": "failed"})
    if not done:
        return
    if revoked:
        keeping.revoke(db, account, run.agreed.method_id)
    told = next_on.isoformat() if next_on else ""
    emit(db, AutopayFailed(Money(run.amount, account.currency), told, run.reason[:100]), account=account)


class LostRace(Exception):
    """Another process began this charge: what this one wrote is taken back."""
