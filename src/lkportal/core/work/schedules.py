"""Schedules: jobs that come back by a cron line in the company's time zone. One tick is one job, however many workers
look; ticks missed while all were down are made up by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from sqlalchemy import bindparam, select, update

from lkportal.core.clock import Clock
from lkportal.core.contributions import Schedule
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.tables import insert_if_new, jobs, schedules
from lkportal.core.work import states

_LOOK_BACK = timedelta(days=2)
_LAST = select(schedules.c.name, schedules.c.last_tick)
_FIRST = insert_if_new(schedules)
_TICK = (
    update(schedules)
    .where(schedules.c.name == bindparam("key"), schedules.c.last_tick < bindparam("tick"))
    .values(last_tick=bindparam("tick"))
)
_NEW_JOB = insert_if_new(jobs)


def tick(database: Database, clock: Clock, zone: ZoneInfo, known: Sequence[Schedule]) -> datetime | None:
    """Queue a job for every schedule whose time has come since it was last queued; return when to look again.

    A schedule seen for the first time starts now. The tick is taken by a conditional UPDATE in the transaction that
    queues the job, so of many workers one queues it.
    """
    if not known:
        return None
    now = clock.now()
    with database.reading() as connection:
        last = {row.name: row.last_tick for row in connection.execute(_LAST)}
    for schedule in known:
        key = name_of(schedule)
        moment = latest(schedule.cron, zone, last[key], now) if key in last else None
        if key not in last:
            _begin(database, key, now)
        elif moment is not None:
            _queue(database, schedule, key, moment, now)
    return min(following(schedule.cron, zone, now) for schedule in known)


def latest(cron: str, zone: ZoneInfo, after: datetime, now: datetime) -> datetime | None:
    """Return the newest tick of `cron` that is later than `after` and not later than `now`, or None.

    In the night a clock is put forward, a tick of the hour that does not exist comes right behind it; in the night it is
    put back, a daily tick comes once.
    """
    found = _newest(cron, zone, max(after, now - _LOOK_BACK), now)
    if found is None and after < now - _LOOK_BACK:
        found = _newest(cron, zone, after, now)
    return found if found is not None and found > after else None


def following(cron: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the first tick of `cron` later than `now`."""
    simulation = CronSim(cron, now.astimezone(zone))
    return next(moment for moment in (each.astimezone(UTC) for each in simulation) if moment > now)


def check_schedules(known: Sequence[Schedule], job_names: frozenset[str]) -> None:
    """Stop at a cron line that cannot be read or never comes, and at a schedule whose job nobody declares."""
    for schedule in known:
        try:
            next(CronSim(schedule.cron, datetime(2026, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration) as error:
            raise StartupError(
                "schedule_cron",
                f"The schedule of the job {schedule.job!r} has the line {schedule.cron!r}, which never comes"
                f" ({str(error) or 'no such day'}): write minute, hour, day, month, weekday, such as '30 6 * * *'.",
            ) from None
        if schedule.job not in job_names:
            raise StartupError(
                "schedule_job",
                f"A schedule names the job {schedule.job!r}, but no module declares it: correct the name.",
            )


def name_of(schedule: Schedule) -> str:
    """Return the key of a schedule: its job, its line, and a mark of its arguments if it has any."""
    plain = json.dumps(dict(schedule.args), sort_keys=True)
    mark = f" {hashlib.sha256(plain.encode()).hexdigest()[:12]}" if schedule.args else ""
    return f"{schedule.job} {schedule.cron}{mark}"


def _newest(cron: str, zone: ZoneInfo, after: datetime, now: datetime) -> datetime | None:
    found: datetime | None = None
    for each in CronSim(cron, after.astimezone(zone)):
        moment = each.astimezone(UTC)
        if moment > now:
            break
        found = moment
    return found


def _begin(database: Database, key: str, now: datetime) -> None:
    with database.unit() as db:
        db.execute(_FIRST[db.get_bind().dialect.name], {"name": key, "last_tick": now})


def _queue(database: Database, schedule: Schedule, key: str, moment: datetime, now: datetime) -> None:
    with database.unit() as db:
        if states.changed(db.execute(_TICK, {"key": key, "tick": moment})):
            dedup = f"{key}@{moment.isoformat(timespec='seconds')}"
            row = states.new_row(schedule.job, dict(schedule.args), now, now, "schedule", dedup)
            db.execute(_NEW_JOB[db.get_bind().dialect.name], row)
