"""What follows by itself: solved requests are closed after some days, files are let go after some years."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.core.columns import UTCDateTime
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.ports import port
from lkportal.core.storage import Storage
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.models import File, Ticket
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.types import CHAT

CLOSE, FORGET = "tickets.close", "tickets.forget"
_KEPT = timedelta(days=3 * 365)
_OLD = (
    select(Ticket.public_id, Account.public_id.label("account"))
    .join(Account, Account.id == Ticket.account_id)
    .where(Ticket.state == states.SOLVED, Ticket.changed_at < bindparam("since", type_=UTCDateTime()))
    .order_by(Ticket.id)
    .limit(500)
)
_SILENT = (
    select(Ticket.public_id, Account.public_id.label("account"))
    .join(Account, Account.id == Ticket.account_id)
    .where(
        Ticket.type == CHAT.name,
        Ticket.state.in_((states.OPEN, states.WAITING)),
        Ticket.last_side == "company",
        Ticket.changed_at < bindparam("since", type_=UTCDateTime()),
    )
    .order_by(Ticket.id)
    .limit(500)
)
_OLD_FILES = (
    select(File.id, File.file_key)
    .where(File.stored_at < bindparam("since", type_=UTCDateTime()))
    .order_by(File.id)
    .limit(500)
)
_DROP = delete(File).where(File.id.in_(bindparam("ids", expanding=True)))


def close_old(ctx: JobContext) -> None:
    """Close what was solved days ago and stayed quiet since; call conversations solved in which the company had the last word."""
    since = ctx.clock.now() - timedelta(days=ctx.ports.get(Office).settings.close_days)
    with ctx.reading() as connection:
        old, silent = (connection.execute(each, {"since": since}).all() for each in (_OLD, _SILENT))
    for row, after in [*((row, states.CLOSED) for row in old), *((row, states.SOLVED) for row in silent)]:
        with ctx.unit() as db:
            account = port(db, Accounts).by_public_id(db.connection(), row.account)  # type: ignore[type-abstract]
            if account is not None and service.known(db, row.public_id).changed_at < since:
                with suppress(service.MovedOn):
                    service.move(db, account, row.public_id, "portal", after)
        ctx.heartbeat()


def forget_files(ctx: JobContext) -> None:
    """Let go of files whose time is over: the rows, then the bytes."""
    since = ctx.clock.now() - _KEPT
    while True:
        with ctx.unit() as db:
            rows = db.execute(_OLD_FILES, {"since": since}).all()
            if rows:
                db.connection().execute(_DROP, {"ids": [row.id for row in rows]})
        if not rows:
            return
        for row in rows:
            ctx.ports.get(Storage).delete(row.file_key)  # type: ignore[type-abstract]
        ctx.heartbeat()


JOBS = (
    JobSpec(
        CLOSE, close_old, lease_seconds=300, title=text("tickets.work.close", "Closes requests solved some days ago")
    ),
    JobSpec(
        FORGET, forget_files, lease_seconds=300, title=text("tickets.work.forget", "Deletes files whose time is over")
    ),
)
SCHEDULES = (Schedule(CLOSE, "20 4 * * *"), Schedule(FORGET, "50 4 * * *"))
