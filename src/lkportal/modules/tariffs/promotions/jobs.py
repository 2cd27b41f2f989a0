"""Prices of offers end by themselves: whoever has one is told some days before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from lkportal.core.contributions import JobSpec, Notice, NoticeSender, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.notices import Due, Told, no_event
from lkportal.core.ports import port
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.promotions import queries
from lkportal.modules.tariffs.views import price_words

ENDS = "tariffs.offer_ends"
BATCH = 500


def tell_ends(ctx: JobContext) -> None:
    """Tell whose own price ends within the days of notice: each once, also when a day was missed."""
    office, after = ctx.ports.get(Office), 0
    today = office.today(ctx.clock.now())
    last = today + timedelta(days=office.settings.offer_notice_days)
    while True:
        with ctx.reading() as connection:
            rows = queries.ending(connection, today, last, after, BATCH)
        if not rows:
            return
        told = [Told(row.account_id, f"{row.public_id}/{row.price_until.isoformat()}", _facts(row)) for row in rows]
        with ctx.unit() as db:
            port(db, NoticeSender).tell_many(db, ENDS, told)  # type: ignore[type-abstract]
        after = rows[-1].id
        ctx.heartbeat()


def still_ends(connection: Connection, due: Due) -> bool:
    """Whether the price still ends on the day that is told: no other plan was chosen meanwhile."""
    service, _, day = due.about.partition("/")
    return queries.ends_on(connection, service) == date.fromisoformat(day)


def _facts(row: Any) -> dict[str, Any]:
    return {
        "title_of_service": row.title,
        "day": row.price_until,
        "price": price_words(int(row.price or 0), row.months, row.currency),
        "after": price_words(int(row.after or 0), row.months, row.currency),
        "link_params": {"service": row.public_id},
    }


JOBS = (
    JobSpec(
        ENDS,
        tell_ends,
        lease_seconds=300,
        title=text("tariffs.work.offer_ends", "Tells that the price of an offer ends"),
    ),
)
SCHEDULES = (Schedule(ENDS, "0 12 * * *"),)
NOTICES = (
    Notice(
        ENDS, "", "tariffs.prices", "tariffs/notices/offer_ends", no_event, action="tariffs.view", route="tariffs:service", still_due=still_ends
    ),
)  # fmt: skip
