"""The jobs of readings. Each may be run twice or die half-way: what it did before is not done again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from lkportal.core.contributions import JobSpec, Notice, NoticeSender, Schedule
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import JobContext
from lkportal.core.language.formats import Month
from lkportal.core.money import MILLI, Volume
from lkportal.core.notices import Due, Told, no_event
from lkportal.core.ports import port
from lkportal.core.storage import Storage
from lkportal.core.unit import now
from lkportal.modules.readings.by_file import taking
from lkportal.modules.readings.dated import settled
from lkportal.modules.readings.models import Cohort, Estimate, Register
from lkportal.modules.readings.monthly import reads
from lkportal.modules.readings.photos import keeping
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.views import resource_name
from lkportal.modules.readings.windows import window

BATCH = 500
_GROWTH_MONTHS, _LEAST_MONTHS = 6, 3
_ESTIMATED = (
    update(Register)
    .where(Register.id == bindparam("register"))
    .values(estimate=bindparam("said"), estimate_period=bindparam("month"))
)


class Calendar:
    """What day it is for jobs, and the settings: filled once for a portal."""

    def __init__(self, portal: Any) -> None:
        self.portal = portal

    @property
    def settings(self) -> ReadingsSettings:
        """The settings of readings."""
        return cast(ReadingsSettings, self.portal.settings_of("readings"))

    def today(self) -> date:
        """The day in the company's time zone."""
        zone = ZoneInfo(self.portal.settings.portal.time_zone)
        return cast(date, self.portal.clock.now().astimezone(zone).date())


def remind(ctx: JobContext) -> None:
    """Remind those who have not sent, on the days before the last one that the settings name."""
    desk = ctx.ports.get(Calendar)
    today, after = desk.today(), 0
    with ctx.reading() as connection:
        rules = reads.all_rules(connection, today)
    month = window(today, desk.settings).period
    while True:
        with ctx.reading() as connection:
            rows = reads.awaited(connection, month, after, BATCH)
        if not rows:
            return
        told = [made for row in rows if (made := _reminder(row, today, rules, desk.settings)) is not None]
        with ctx.unit() as db:
            port(db, NoticeSender).tell_many(db, "readings.awaited", told)  # type: ignore[type-abstract]
        ctx.heartbeat()
        after = rows[-1].id


def still_awaited(connection: Connection, due: Due) -> bool:
    """Whether readings are awaited still when a reminder is about to leave."""
    month = due.about.partition("/")[2].partition("/")[0]
    return due.account is not None and reads.still_awaited(connection, due.account.id, date.fromisoformat(month))


def estimate(ctx: JobContext) -> None:
    """Charge the month whose window has closed to registers without a reading: by average, then by the norm."""
    desk = ctx.ports.get(Calendar)
    today = desk.today()
    month = _month_before(window(today, desk.settings).period)
    with ctx.reading() as connection:
        rules = reads.all_rules(connection, month)
    after = 0
    while True:
        with ctx.reading() as connection:
            rows = reads.missing(connection, month, after, BATCH)
            used = reads.used(connection, [row.id for row in rows], _months_before(month, 24), month) if rows else {}
        if not rows:
            return
        made = [found for row in rows if (found := _estimated(row, used.get(row.id), month, rules, desk.settings))]
        with ctx.unit() as db:
            moment = now(db)
            if made:
                db.execute(insert(Estimate), [each | {"made_at": moment, "public_id": public_id()} for each in made])
                said = [{"register": e["register_id"], "said": _said(e), "month": month} for e in made]
                db.connection().execute(_ESTIMATED, said)
        ctx.heartbeat()
        after = rows[-1].id


def compare(ctx: JobContext) -> None:
    """Find what similar homes used last month. A group of too few homes is not kept at all: it would show a neighbour."""
    desk = ctx.ports.get(Calendar)
    month = _month_before(desk.today().replace(day=1))
    groups: dict[tuple[int, str, int, str], list[int]] = defaultdict(list)
    with ctx.reading() as connection:
        for row in reads.homes_used(connection, month):
            groups[row.brand_id, row.category, row.residents, row.resource].append(int(row.used))
    least = desk.settings.cohort_least
    rows = [
        {
            "brand_id": brand, "category": category, "residents": residents, "resource": resource, "period": month,
            "homes": len(used), "middle_milli": int(median(used)),
        }
        for (brand, category, residents, resource), used in groups.items()
        if len(used) >= least
    ]  # fmt: skip
    with ctx.unit(finish=True) as db:
        db.execute(delete(Cohort).where(Cohort.period == month))
        if rows:
            db.execute(insert(cast(Table, Cohort.__table__)), rows)


def notice_growth(ctx: JobContext) -> None:
    """Tell those whose last month is far above their usual one: a leak is cheaper when it is found early."""
    desk = ctx.ports.get(Calendar)
    month, after = _month_before(window(desk.today(), desk.settings).period), 0
    with ctx.reading() as connection:
        last = reads.last_account(connection)
    while after < last:
        with ctx.reading() as connection:
            rows = reads.grown(connection, _months_before(month, _GROWTH_MONTHS), month, after, after + BATCH)
        told = [made for row in rows if (made := _growth(row, month, desk.settings)) is not None]
        with ctx.unit() as db:
            port(db, NoticeSender).tell_many(db, "readings.growth", told)  # type: ignore[type-abstract]
        ctx.heartbeat()
        after += BATCH


def forget_photos(ctx: JobContext) -> None:
    """Let go of photos nobody claimed, of those whose time is over, of tables nobody confirmed: the rows, then the files."""
    while True:
        with ctx.unit() as db:
            keys = keeping.forget_old(db, now(db)) + taking.forget_old(db, now(db))
        for key in keys:
            ctx.ports.get(Storage).delete(key)  # type: ignore[type-abstract]
        if not keys:
            return
        ctx.heartbeat()


def _reminder(row: Any, today: date, rules: Sequence[Any], settings: ReadingsSettings) -> Told | None:
    own = settled(settings, [rule for rule in rules if rule.category in ("", row.category)])
    days = window(today, own)
    if not days.is_open or days.days_left not in own.remind_before:
        return None
    facts = {
        "month": Month(days.period), "last": days.last, "meters": row.meters, "account_title": row.title,
        "account_number": row.number,
    }  # fmt: skip
    return Told(row.id, f"{row.public_id}/{days.period}/{days.days_left}", facts)


def _estimated(
    row: Any, used: Any, month: date, rules: Sequence[Any], settings: ReadingsSettings
) -> dict[str, Any] | None:
    own = settled(settings, [rule for rule in rules if rule.category in ("", row.category)], row.resource)
    nth, most = _count(row.estimate) + 1, own.average_times
    made = {"account_id": row.account_id, "register_id": row.id, "period": month, "nth": nth, "most": most}
    if used is not None and used.months >= _LEAST_MONTHS and nth <= most:
        return made | {"basis": "average", "added_milli": int(used.added) // used.months}
    if own.norm_milli:
        return made | {"basis": "norm", "added_milli": own.norm_milli * max(row.residents, 1)}
    return None


def _count(said: str) -> int:
    """How many months in a row were charged without a reading, by what the register says: "average 2/3", "norm 4/3"."""
    found = said.partition(" ")[2].partition("/")[0]
    return int(found) if found.isdecimal() else 0


def _said(made: Mapping[str, Any]) -> str:
    return f"{made['basis']} {made['nth']}/{made['most']}"


def _growth(row: Any, month: date, settings: ReadingsSettings) -> Told | None:
    if row.months < _LEAST_MONTHS or row.now <= settings.jump_floor * MILLI:
        return None
    usual = int(row.before) // row.months
    if not usual or row.now < usual * settings.growth_factor:
        return None
    facts = {
        "resource": resource_name(row.resource), "used": Volume(int(row.now), row.unit), "usual": Volume(usual, row.unit),
        "month": Month(month), "account_title": row.title, "account_number": row.number,
    }  # fmt: skip
    return Told(row.id, f"{row.public_id}/{month:%Y-%m}/{row.resource[:8]}", facts)


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _months_before(month: date, count: int) -> date:
    months = month.year * 12 + month.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


NOTICES = (
    Notice(
        "readings.awaited",
        "",
        "readings.reminders",
        "readings/notices/awaited",
        no_event,
        action="readings.submit",
        route="readings:list",
        still_due=still_awaited,
        guest="readings.submit",
    ),
    Notice(
        "readings.growth",
        "",
        "readings.growth",
        "readings/notices/growth",
        no_event,
        action="readings.view",
        route="readings:history",
    ),
)
JOBS = (
    JobSpec(
        "readings.remind",
        remind,
        lease_seconds=300,
        title=text("readings.work.remind", "Reminds of readings not sent yet"),
    ),
    JobSpec(
        "readings.estimate",
        estimate,
        lease_seconds=300,
        title=text("readings.work.estimate", "Counts by average where no reading came"),
    ),
    JobSpec(
        "readings.compare",
        compare,
        lease_seconds=300,
        title=text("readings.work.compare", "Compares homes with similar ones"),
    ),
    JobSpec(
        "readings.growth",
        notice_growth,
        lease_seconds=300,
        title=text("readings.work.growth", "Looks for unusual growth of consumption"),
    ),
    JobSpec(
        "readings.forget_photos",
        forget_photos,
        lease_seconds=300,
        title=text("readings.work.forget_photos", "Deletes photos whose time is over"),
    ),
)
SCHEDULES = (
    Schedule("readings.remind", "20 10 * * *"),
    Schedule("readings.estimate", "10 5 * * *"),
    Schedule("readings.compare", "40 5 2 * *"),
    Schedule("readings.growth", "20 11 27 * *"),
    Schedule("readings.forget_photos", "40 3 * * *"),
)
