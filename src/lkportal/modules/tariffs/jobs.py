"""What follows by itself: orders of the kinds the portal does are carried out on their day, freezes end. Each in a unit of its own, so a
run that was cut off goes on where it stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Date, bindparam, select

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.policy import AccountRef
from lkportal.modules.tariffs import service as rules
from lkportal.modules.tariffs import states
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.models import Order, Service
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.orders import effects

CARRY_OUT, THAW = "tariffs.carry_out", "tariffs.thaw"
BATCH = 500
_LATEST = bindparam("latest", type_=Date())
_DUE = (
    select(Order.id, Order.public_id, Order.effective_on.label("day"), Account.public_id.label("account"))
    .join(Account, Account.id == Order.account_id)
    .where(
        Order.state == states.WAITING,
        Order.kind.in_(bindparam("kinds", expanding=True)),
        Order.effective_on <= _LATEST,
        Order.id > bindparam("after"),
    )
    .order_by(Order.id)
    .limit(BATCH)
)
_OVER = (
    select(Service.id, Service.public_id, Service.frozen_until.label("day"), Account.public_id.label("account"))
    .join(Account, Account.id == Service.account_id)
    .where(Service.state == states.FROZEN, Service.frozen_until <= _LATEST, Service.id > bindparam("after"))
    .order_by(Service.id)
    .limit(BATCH)
)


def carry_out(ctx: JobContext) -> None:
    """Carry out the orders that the portal does itself and whose day has come; one that cannot be done any more is refused."""
    kinds = ctx.ports.get(Office).settings.automatic
    for row, account in due(ctx, _DUE, kinds=list(kinds)) if kinds else ():
        try:
            with ctx.unit() as db:
                rules.carry_out(db, account, row.public_id, "portal")
        except rules.MovedOn as late:
            _refuse(ctx, row.public_id, account, f"@{late.words.key}")


def thaw(ctx: JobContext) -> None:
    """End the freezes whose last day has come."""
    for row, account in due(ctx, _OVER):
        with ctx.unit() as db:
            service = db.get(Service, row.id)
            if service is not None and service.state == states.FROZEN and service.frozen_until is not None:
                effects.step(db, account, service, "resume", effects.thawed(service, service.frozen_until))


def due(ctx: JobContext, statement: Any, **values: Any) -> Any:
    """Yield (row, account) of what `statement` finds with its `day` come, by the calendar of each account, in batches."""
    moment, after = ctx.clock.now(), 0
    latest = moment.date() + timedelta(days=1)
    while True:
        with ctx.reading() as connection:
            rows = connection.execute(statement, {"latest": latest, "after": after, **values}).all()
            accounts = {row.account: _account(ctx, connection, row.account) for row in rows}
        for row in rows:
            account = accounts[row.account]
            if account is not None and row.day <= local_day(moment, account.time_zone):
                yield row, account
        if len(rows) < BATCH:
            return
        after = rows[-1].id
        ctx.heartbeat()


def _account(ctx: JobContext, connection: Any, public: str) -> AccountRef | None:
    return ctx.ports.get(Accounts).by_public_id(connection, public)  # type: ignore[type-abstract]


def _refuse(ctx: JobContext, order: str, account: AccountRef, reason: str) -> None:
    with ctx.unit() as db:
        if rules.known(db, order).state == states.WAITING:
            rules.reject(db, account, order, reason, "portal")


JOBS = (
    JobSpec(
        CARRY_OUT, carry_out, lease_seconds=300, title=text("tariffs.work.carry_out", "Carries out orders on their day")
    ),
    JobSpec(THAW, thaw, lease_seconds=300, title=text("tariffs.work.thaw", "Ends freezes whose last day has come")),
)
SCHEDULES = (Schedule(CARRY_OUT, "7 * * * *"), Schedule(THAW, "17 * * * *"))
