"""Telling of bills that an import brought: once for each bill and person, some minutes after the import, in portions. The import tells
one event a batch; nothing here is done row by row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.core.contributions import JobSpec, Listener, Notice, NoticeSender
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.language.formats import Month
from lkportal.core.module import Topic
from lkportal.core.money import Money
from lkportal.core.notices import Due, Told, no_event
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.payments.contract import BillRaised, BillsImported
from lkportal.modules.payments.desk import Desk, desk_of
from lkportal.modules.payments.models import Bill
from lkportal.modules.payments.reminders import reads

BATCH = 500
JOB, NOTICE = "payments.tell_bills", "payments.new_bill"
_PAUSE = timedelta(minutes=10)
"""How long after a batch its bills are told of: the rest of the import may still add lines to them."""
_NEW = (
    select(
        Bill.id,
        Bill.account_id,
        Bill.public_id,
        Bill.period,
        Bill.due_on,
        Bill.currency,
        Bill.total,
        Account.title,
        Account.number,
    )
    .join(Account, Account.id == Bill.account_id)
    .where(
        Bill.id > bindparam("after"),
        Bill.source_version == bindparam("brought_by"),
        Bill.due_on >= bindparam("day"),
        Bill.total > 0,
        Account.closed_at.is_(None),
    )
    .order_by(Bill.id)
    .limit(bindparam("most"))
)


def arrived(db: Session, envelope: Envelope) -> None:
    """Let the bills of an import be told of when it has come to rest. Batches of ten minutes share one job."""
    if not desk_of(db).settings.reminders.new_bills:
        return
    moment = now(db)
    brought_by, slot = envelope.body["import_id"], int(moment.timestamp()) // int(_PAUSE.total_seconds())
    enqueue(db, JOB, {"brought_by": brought_by}, run_at=moment + _PAUSE, dedup=f"{JOB}/{brought_by}/{slot}")


def raised(db: Session, envelope: Envelope) -> None:
    """Let a bill that a module asked for be told of."""
    if desk_of(db).settings.reminders.new_bills:
        bill = envelope.body["bill"]
        enqueue(db, JOB, {"brought_by": bill}, dedup=f"{JOB}/{bill}")


def tell(ctx: JobContext, *, brought_by: str) -> None:
    """Tell of the bills an import (public id) brought whose term is still to come, 500 a unit; memory does not grow with the import."""
    day, after = ctx.ports.get(Desk).today(), 0
    while True:
        with ctx.reading() as connection:
            rows = connection.execute(_NEW, {"after": after, "brought_by": brought_by, "day": day, "most": BATCH}).all()
        if not rows:
            return
        with ctx.unit() as db:
            told = [Told(row.account_id, row.public_id, _facts(row)) for row in rows]
            port(db, NoticeSender).tell_many(db, NOTICE, told)  # type: ignore[type-abstract]
        ctx.heartbeat()
        after = rows[-1].id


def still_open(connection: Connection, due: Due) -> bool:
    """Whether a new bill is still to be paid when its letter is about to leave."""
    return due.account is not None and reads.still_open(connection, due.account.id, due.about)


def _facts(row: Any) -> dict[str, Any]:
    return {
        "amount": Money(int(row.total), row.currency),
        "month": Month(row.period),
        "due_on": row.due_on,
        "account_title": row.title,
        "account_number": row.number,
    }


NEW_BILLS = Topic(
    "payments.bills",
    text("payments.topic.bills", "New bills"),
    hint=text("payments.topic.bills_hint", "When a bill has come, with its sum and term"),
    why=text("payments.topic.bills_why", "You get this because {account} %(number)s has a new bill."),
    order=5,
)
NEW_BILL = Notice(
    NOTICE,
    "",
    "payments.bills",
    "payments/notices/new_bill",
    no_event,
    action="payments.view",
    route="payments:bills",
    still_due=still_open,
)
ARRIVAL_LISTENERS = (
    Listener(
        BillsImported.name, "payments.new_bills", arrived, text("payments.follows.new_bills", "Tells of new bills")
    ),
    Listener(
        BillRaised.name,
        "payments.raised_bills",
        raised,
        text("payments.follows.raised_bills", "Tells of bills of modules"),
    ),
)
ARRIVAL_JOBS = (JobSpec(JOB, tell, lease_seconds=300, title=text("payments.work.tell_bills", "Tells of new bills")),)
