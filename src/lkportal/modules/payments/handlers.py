"""Work of payments outside of requests: asking providers about what is unfinished, following their hints, comparing books."""

from __future__ import annotations

from datetime import timedelta

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, RetryLater, enqueue
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.modules.payments.contract import GatewayPayment, GatewayUnavailable, PaymentGateway
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.paying import asking, cases

MOST_AT_ONCE = 200
_LOOK_BACK = timedelta(hours=50)


def recover(ctx: JobContext) -> None:
    """Queue a question about every attempt whose time has come: its process died, or the provider was not done."""
    if not _desk(ctx).gateways:
        return
    with ctx.reading() as connection:
        waiting = cases.due(connection, ctx.clock.now(), MOST_AT_ONCE)
    if not waiting:
        return
    with ctx.unit(finish=True) as db:
        for attempt in waiting:
            enqueue(db, "payments.ask", {"attempt": attempt}, dedup=f"payments.ask:{attempt}")


def ask(ctx: JobContext, *, attempt: int) -> None:
    """Ask the provider about one attempt."""
    asking.ask(_desk(ctx), _ways(ctx), attempt, ctx.clock.now())


def look(ctx: JobContext, *, provider_id: str, gateway: str = "") -> None:
    """Look at a payment that the provider `gateway` (empty: the first) hinted at. While it does not answer, try again."""
    desk = _desk(ctx)
    asked = desk.of(gateway) if gateway else desk.gateway
    if asked is None:
        return
    try:
        asking.look(asked, _ways(ctx), provider_id)
    except GatewayUnavailable as silence:
        raise RetryLater("provider_silent", timedelta(seconds=silence.retry_after or 30)) from silence


def compare(ctx: JobContext) -> None:
    """Go through each provider's payments of the last two days: what no hint told us of is found here."""
    for gateway in _desk(ctx).gateways:
        if "list" in gateway.abilities:
            _compare(ctx, gateway)


def _compare(ctx: JobContext, gateway: PaymentGateway) -> None:
    now = ctx.clock.now()
    try:
        for seen in gateway.created_between(now - _LOOK_BACK, now):
            if seen.paid:
                if not asking.note(gateway.name, _ways(ctx), seen):
                    _tell_of_stranger(ctx, gateway, seen)
                ctx.heartbeat()
    except GatewayUnavailable as silence:
        raise RetryLater("provider_silent", timedelta(minutes=10)) from silence


def _tell_of_stranger(ctx: JobContext, gateway: PaymentGateway, seen: GatewayPayment) -> None:
    """The provider took money that is none of ours: nothing is credited, and it stands where auditors look."""
    detail: dict[str, str | int] = {"gateway": gateway.name, "amount": seen.amount, "provider_id": seen.provider_id}
    with ctx.unit() as db:
        port(db, AuditLog).record(db, "payments.stranger", outcome="refused", detail=detail)  # type: ignore[type-abstract]


def _desk(ctx: JobContext) -> Desk:
    return ctx.ports.get(Desk)


def _ways(ctx: JobContext) -> asking.Ways:
    return asking.Ways(ctx.reading, ctx.unit)


JOBS = (
    JobSpec("payments.recover", recover, title=text("payments.work.recover", "Looks for payments left behind")),
    JobSpec("payments.ask", ask, title=text("payments.work.ask", "Asks the provider about a payment")),
    JobSpec(
        "payments.look", look, attempts=12, title=text("payments.work.look", "Looks what a provider's notice was about")
    ),
    JobSpec(
        "payments.compare",
        compare,
        lease_seconds=300,
        title=text("payments.work.compare", "Compares unfinished payments with the provider"),
    ),
)
SCHEDULES = (Schedule("payments.recover", "* * * * *"), Schedule("payments.compare", "17 4 * * *"))
