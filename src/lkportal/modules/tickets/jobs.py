"""What follows by itself: solved requests are closed after some days."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, select

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.core.columns import UTCDateTime
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.jobs import JobContext
from lkportal.core.ports import port
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.models import Ticket
from lkportal.modules.tickets.office import Office

CLOSE = "tickets.close"
_OLD = (
    select(Ticket.public_id, Account.public_id.label("account"))
    .join(Account, Account.id == Ticket.account_id)
    .where(Ticket.state == states.SOLVED, Ticket.changed_at < bindparam("since", type_=UTCDateTime()))
    .order_by(Ticket.id)
    .limit(500)
)


def close_old(ctx: JobContext) -> None:
    """Close what was solved days ago and stayed quiet since."""
    since = ctx.clock.now() - timedelta(days=ctx.ports.get(Office).settings.close_days)
    with ctx.reading() as connection:
        rows = connection.execute(_OLD, {"since": since}).all()
    for row in rows:
        with ctx.unit() as db:
            account = port(db, Accounts).by_public_id(db.connection(), row.account)  # type: ignore[type-abstract]
            if account is None or service.known(db, row.public_id).state != states.SOLVED:
                continue
            service.move(db, account, row.public_id, "portal", states.CLOSED)
        ctx.heartbeat()


JOBS = (JobSpec(CLOSE, close_old, lease_seconds=300),)
SCHEDULES = (Schedule(CLOSE, "20 4 * * *"),)
