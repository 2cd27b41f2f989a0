"""Autopay's round, every hour: follow what was begun, charge what is due, tell of what comes. Providers are called between units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

from lkportal.accounts.contract import Accounts
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.methods import agreeing, charging, reads
from lkportal.modules.payments.paying import asking


class _Keyed(Protocol):
    @property
    def id(self) -> int: ...


Found = TypeVar("Found", bound=_Keyed)
PAY = "payments.pay"


def round_of_autopay(ctx: JobContext) -> None:
    """Do all that autopay has to do now. Begun again after a crash, it goes on with what it finds."""
    desk = ctx.ports.get(Desk)
    if not desk.settings.autopay.on or not desk.gateways:
        return
    _follow(ctx)
    _charge(ctx, desk)
    _follow(ctx)
    _plan(ctx, desk)


def forget(ctx: JobContext, *, gateway: str, token: str) -> None:
    """Let the provider forget a method that nobody wants kept."""
    known = ctx.ports.get(Desk).of(gateway)
    if known is not None and "save" in known.abilities:
        known.forget(token)


def _follow(ctx: JobContext) -> None:
    for run in _all(ctx, reads.charging):
        if run.payment_state not in ("", "waiting"):
            with ctx.unit() as db:
                charging.follow(db, run)


def _charge(ctx: JobContext, desk: Desk) -> None:
    moment = ctx.clock.now()
    latest = moment.date() + timedelta(days=1)
    for run in _all(ctx, lambda connection, after: reads.due(connection, latest, after)):
        today, hour = reads.local_day(run.agreed.account, moment)
        if run.due_on > today or hour < desk.settings.autopay.hour or desk.of(run.agreed.gateway) is None:
            continue
        if not _goes_on(ctx, run.agreed):
            continue
        attempt = None
        try:
            with ctx.unit() as db:
                attempt = charging.charge(db, run)
        except charging.LostRace:
            continue
        if attempt is not None:
            asking.ask(desk, asking.Ways(ctx.reading, ctx.unit), attempt, moment, at_once=True)
            ctx.heartbeat()


def _plan(ctx: JobContext, desk: Desk) -> None:
    for agreed in _all(ctx, reads.switched_on):
        today, _ = reads.local_day(agreed.account, ctx.clock.now())
        if agreed.next_day(today, desk.settings.autopay.notice_days) is not None and _goes_on(ctx, agreed):
            with ctx.unit() as db:
                charging.plan(db, agreed, today)


def _goes_on(ctx: JobContext, agreed: reads.Agreed) -> bool:
    """Whether payments are open on the account, for nobody is charged through pages they cannot see, and whoever agreed may still
    pay there. Of one who may not any more the agreement ends: nobody's card pays for a home they left."""
    accounts = ctx.ports.get(Accounts)  # type: ignore[type-abstract]
    if not accounts.has("payments", agreed.account.public_id):
        return False
    with ctx.reading() as connection:
        payers = accounts.members(connection, agreed.account.id, PAY)
    if agreed.agreed_by in {f"customer:{each.public_id}" for each in payers}:
        return True
    with ctx.unit() as db:
        agreeing.switch_off(db, agreed.account, "no_access", method=agreed.method_id)
    return False


def _all(ctx: JobContext, read: Callable[..., Sequence[Found]]) -> Iterator[Found]:
    after = 0
    while True:
        with ctx.reading() as connection:
            batch = read(connection, after)
        yield from batch
        if not batch:
            return
        after = batch[-1].id


JOBS = (
    JobSpec(
        "payments.autopay",
        round_of_autopay,
        lease_seconds=300,
        title=text("payments.work.autopay", "Plans and makes payments of autopay"),
    ),
    JobSpec(
        "payments.forget_method",
        forget,
        title=text("payments.work.forget_method", "Has the provider forget a removed card"),
    ),
)
SCHEDULES = (Schedule("payments.autopay", "11 * * * *"),)
