"""Posting what statements brought: right after a load, and again when a worker died."""

from __future__ import annotations

from lkportal.connectors.bank import service
from lkportal.connectors.bank.import_operations import SETTLE
from lkportal.connectors.bank.settings import BankSettings
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext

_AT_ONCE = 2_000


def settle(ctx: JobContext) -> None:
    """Post what is new."""
    by_tax_number = ctx.ports.get(BankSettings).by_tax_number
    while service.settle(ctx.unit, by_tax_number=by_tax_number, most=_AT_ONCE) >= _AT_ONCE:
        ctx.heartbeat()


JOBS = [JobSpec(SETTLE, settle, lease_seconds=300, title=text("bank.work.settle", "Posts what came by bank"))]
SCHEDULES = [Schedule(SETTLE, "*/10 * * * *")]
