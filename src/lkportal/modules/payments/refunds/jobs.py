"""Work of refunds outside of requests: asking the provider, and taking over what somebody else left half-way."""

from __future__ import annotations

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.paying.asking import Ways
from lkportal.modules.payments.refunds import asking, cases

MOST_AT_ONCE = 200


def ask(ctx: JobContext, *, refund: int) -> None:
    """Ask the provider about one refund."""
    asking.ask(ctx.ports.get(Desk), Ways(ctx.reading, ctx.unit), refund, ctx.clock.now())


def recover(ctx: JobContext) -> None:
    """Queue a question about every refund whose time has come."""
    with ctx.reading() as connection:
        waiting = cases.due(connection, ctx.clock.now(), MOST_AT_ONCE)
    if not waiting:
        return
    with ctx.unit(finish=True) as db:
        for refund in waiting:
            enqueue(db, "payments.refund_ask", {"refund": refund}, dedup=f"payments.refund_ask:{refund}")


JOBS = (
    JobSpec("payments.refund_ask", ask, title=text("payments.work.refund_ask", "Asks the provider to give money back")),
    JobSpec(
        "payments.refund_recover",
        recover,
        title=text("payments.work.refund_recover", "Goes on with refunds left behind"),
    ),
)
SCHEDULES = (Schedule("payments.refund_recover", "* * * * *"),)
