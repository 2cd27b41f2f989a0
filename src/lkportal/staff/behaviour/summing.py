"""Sums of behaviour: the steps of a day become counts, then the steps and the salt that named visits go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.staff.behaviour.models import DaySalt, StepFact, StepTotal
from lkportal.staff.desk import Desk
from lkportal.staff.settings import StaffSettings

_YEARS = 3
_FACTS, _TOTALS = cast(Table, StepFact.__table__), cast(Table, StepTotal.__table__)
_SALTS = cast(Table, DaySalt.__table__)
_NAMES = (_FACTS.c.day, _FACTS.c.task, _FACTS.c.step, _FACTS.c.code, _FACTS.c.device)
_SUMS = insert(_TOTALS).from_select(
    ["day", "task", "step", "code", "device", "visits"],
    select(*_NAMES, func.count() + literal(0)).where(_FACTS.c.day == bindparam("of")).group_by(*_NAMES),
)
_CLEAR = delete(_TOTALS).where(_TOTALS.c.day == bindparam("of"))
_OLD = tuple(delete(table).where(table.c.day < bindparam("before")) for table in (_FACTS, _SALTS, _TOTALS))


def sum_up(ctx: JobContext) -> None:
    """Count the steps of the last days anew; forget salts of yesterday's yesterday, steps and sums whose time is over."""
    settings, zone = ctx.ports.get(StaffSettings), ZoneInfo(ctx.ports.get(Desk).settings.portal.time_zone)  # type: ignore[type-abstract]
    today = ctx.clock.now().astimezone(zone).date()
    for back in range(2):
        with ctx.unit() as db:
            recount(db, today - timedelta(days=back))
        ctx.heartbeat()
    with ctx.unit() as db:
        ends = (today - timedelta(days=settings.behaviour_days), today - timedelta(days=1), _years_before(today))
        for statement, before in zip(_OLD, ends, strict=True):
            db.connection().execute(statement, {"before": before})


def recount(db: Session, day: date) -> None:
    """Put the sums of a day in place of those counted before."""
    db.connection().execute(_CLEAR, {"of": day})
    db.connection().execute(_SUMS, {"of": day})


def _years_before(day: date) -> date:
    return day.replace(year=day.year - _YEARS, day=1)


SUM_UP = JobSpec(
    "staff.sum_behaviour", sum_up, lease_seconds=300, title=text("staff.work.sum_behaviour", "Sums up steps of tasks")
)
SUM_SCHEDULE = Schedule("staff.sum_behaviour", "27 * * * *")
