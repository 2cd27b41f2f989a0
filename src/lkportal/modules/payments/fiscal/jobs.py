"""Work of receipts: sending them, asking about them, taking over what was left half-way. Calls stand between units."""

from __future__ import annotations

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.fiscal import service
from lkportal.modules.payments.fiscal.registers import RegisterRefused, RegisterUnavailable

MOST_AT_ONCE = 200


def tend(ctx: JobContext, *, receipt: int) -> None:
    """Send a receipt that waits, and ask about one that was sent."""
    register = ctx.ports.get(Desk).register
    with ctx.reading() as connection:
        owed = service.by_id(connection, receipt)
    if register is None or owed is None or owed.state not in ("waiting", "sent"):
        return
    try:
        if owed.state == "waiting":
            identifier = register.send(owed.receipt)
            with ctx.unit() as db:
                service.sent(db, owed, identifier)
            return
        report = register.report(owed.register_id or "")
    except RegisterUnavailable:
        with ctx.unit() as db:
            service.later(db, owed)
        return
    except RegisterRefused as refusal:
        with ctx.unit() as db:
            service.failed(db, owed, str(refusal))
        return
    with ctx.unit() as db:
        service.reported(db, owed, report)


def recover(ctx: JobContext) -> None:
    """Queue work on every receipt whose time has come."""
    with ctx.reading() as connection:
        waiting = service.due(connection, ctx.clock.now(), MOST_AT_ONCE)
    if not waiting:
        return
    with ctx.unit(finish=True) as db:
        for receipt in waiting:
            enqueue(db, "payments.receipt", {"receipt": receipt}, dedup=f"payments.receipt:{receipt}")


JOBS = (
    JobSpec("payments.receipt", tend, title=text("payments.work.receipt", "Makes a fiscal receipt")),
    JobSpec(
        "payments.receipts_due", recover, title=text("payments.work.receipts_due", "Looks for receipts left behind")
    ),
)
SCHEDULES = (Schedule("payments.receipts_due", "* * * * *"),)
