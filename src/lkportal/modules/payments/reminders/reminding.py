"""The job that reminds of bills, and the notice it tells by. A crash or a second run tells nobody twice: what a reminder is about
(the bill and the day of its term) is told to a person once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from lkportal.core.contributions import JobSpec, Notice, NoticeSender, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.language.formats import Month
from lkportal.core.module import Topic
from lkportal.core.money import Money
from lkportal.core.notices import Due, Told, no_event
from lkportal.core.ports import port
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.reminders import reads

BATCH = 500
JOB, NOTICE = "payments.remind", "payments.due"


def remind(ctx: JobContext) -> None:
    """Tell whoever has not paid of the bills whose term is as many days away as the settings name."""
    desk = ctx.ports.get(Desk)
    for days in desk.settings.reminders.days:
        _remind_of(ctx, desk, days)


def still_due(connection: Connection, due: Due) -> bool:
    """Whether a bill is still to be paid, and not by autopay, when its reminder is about to leave."""
    if due.account is None:
        return False
    bill, _, days = due.about.partition("/")
    return reads.still_to_tell(connection, due.account.id, bill, in_term=int(days or 0) <= 0)


def _remind_of(ctx: JobContext, desk: Desk, days: int) -> None:
    day, after = desk.today() - timedelta(days=days), 0
    while True:
        with ctx.reading() as connection:
            least = desk.settings.reminders.least
            rows = reads.due(connection, day, least, after, BATCH, in_term=days <= 0)
        if not rows:
            return
        told = [Told(row.account_id, f"{row.public_id}/{days}", _facts(row, days)) for row in rows]
        with ctx.unit() as db:
            port(db, NoticeSender).tell_many(db, NOTICE, told)  # type: ignore[type-abstract]
        ctx.heartbeat()
        after = rows[-1].id


def _facts(row: Any, days: int) -> dict[str, Any]:
    return {
        "amount": Money(int(row.owed), row.currency),
        "month": Month(row.period),
        "due_on": row.due_on,
        "when": "today" if days == 0 else "late" if days > 0 else "soon",
        "account_title": row.title,
        "account_number": row.number,
    }


TOPIC = Topic(
    "payments.due",
    text("payments.topic.due", "Bills to pay"),
    hint=text(
        "payments.topic.due_hint", "A reminder before the term, on its day and after it, as long as it is not paid"
    ),
    why=text("payments.topic.due_why", "You get this because a bill of {account} %(number)s is not paid yet."),
    order=10,
)
DUE_NOTICE = Notice(
    NOTICE,
    "",
    "payments.due",
    "payments/notices/due",
    no_event,
    action="payments.pay",
    route="payments:bills",
    still_due=still_due,
    guest="payments.pay",
)
REMINDER_JOBS = (
    JobSpec(JOB, remind, lease_seconds=300, title=text("payments.work.remind", "Reminds of bills that are due")),
)
REMINDER_SCHEDULES = (Schedule(JOB, "0 10 * * *"),)
