"""Counting: each measure month by month, read outside of any transaction, kept in a short one. Twice gives the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.db import limited
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.reports import Measure
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.staff.desk import Desk
from lkportal.staff.reports.models import Count, Total

_LONG_MS = 300_000
_USUAL = 1
_TOTALS, _COUNTS = cast(Table, Total.__table__), cast(Table, Count.__table__)
_CLEAR = delete(_TOTALS).where(_TOTALS.c.measure == bindparam("name"), _TOTALS.c.month == bindparam("of"))
_KEEP = insert(_TOTALS)
_FIRST = insert_if_new(_COUNTS)
_AGAIN = (
    update(_COUNTS)
    .where(_COUNTS.c.measure == bindparam("name"))
    .values(counted_at=bindparam("at"), since=bindparam("from"))
)
_KNOWN = select(Count.measure, Count.since)


def count(ctx: JobContext, *, whole: bool = False) -> None:
    """Count the measures of all modules: the present month and the one before, or with `whole` as far back as each goes.

    A measure that was never counted is counted whole at once.
    """
    desk = ctx.ports.get(Desk)  # type: ignore[type-abstract]
    zone = ZoneInfo(desk.settings.portal.time_zone)
    measures = [each for report in desk.registry.reports for each in report.measures]
    with ctx.reading() as connection:
        known = {row.measure: row.since for row in connection.execute(_KNOWN)}
    for measure in measures:
        moment = ctx.clock.now()
        months = _months(measure, moment.astimezone(zone).date(), whole=whole or measure.name not in known)
        for month in months:
            with ctx.reading() as connection:
                rows = counted(connection, measure, month, moment, zone)
            with ctx.unit() as db:
                keep(db, measure.name, month, rows)
            ctx.heartbeat()
        with ctx.unit() as db:
            _note(db, measure.name, min(months[-1], known.get(measure.name, months[-1])))


def counted(
    connection: Connection, measure: Measure, month: date, moment: datetime, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Return what a measure counts of a month: rows of staff_totals. `month` is its first day."""
    after = month_after(month, 1)
    end = _start(after, zone)
    at = min(moment, end)
    today = (at.astimezone(zone) - (timedelta(days=1) if at == end else timedelta())).date()
    asked: dict[str, Any] = {"since": month, "until": after, "since_at": _start(month, zone), "until_at": end, "at": at}
    asked |= {"today": today} | {f"ago_{days}": today - timedelta(days=days) for days in (30, 90, 365)}
    with limited(connection, _LONG_MS):
        rows = connection.execute(measure.count, asked).mappings().all()
    return [_total(measure.name, month, row) for row in rows if row["amount"]]


def keep(db: Session, name: str, month: date, rows: Sequence[dict[str, Any]]) -> None:
    """Put what was counted of a month in place of what was counted of it before."""
    db.execute(_CLEAR, {"name": name, "of": month})
    if rows:
        db.execute(_KEEP, rows)


def month_after(month: date, count: int) -> date:
    """Return the first day of the month `count` after; below zero: before."""
    years, place = divmod(month.month - 1 + count, 12)
    return date(month.year + years, place + 1, 1)


def _months(measure: Measure, today: date, *, whole: bool) -> list[date]:
    """Return the months to count, the newest first."""
    back = 0 if measure.standing else measure.back if whole else min(measure.back, _USUAL)
    return [month_after(today.replace(day=1), -place) for place in range(back + 1)]


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _total(name: str, month: date, row: Any) -> dict[str, Any]:
    return {
        "measure": name,
        "month": month,
        "day": row.get("day") or month,
        "part": str(row.get("part") or "")[:90],
        "currency": row.get("currency") or "",
        "amount": int(row["amount"]),
    }


def _note(db: Session, name: str, since: date) -> None:
    row = {"measure": name, "counted_at": now(db), "since": since}
    if not cast(Any, db.execute(_FIRST[db.get_bind().dialect.name], row)).rowcount:
        db.connection().execute(_AGAIN, {"name": name, "at": row["counted_at"], "from": since})


COUNT = JobSpec("staff.count", count, lease_seconds=900, title=text("staff.work.count", "Counts the reports"))
COUNT_SCHEDULES = (
    Schedule("staff.count", "17 * * * *"),
    Schedule("staff.count", "40 2 * * 0", {"whole": True}),
)
