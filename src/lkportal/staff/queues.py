"""What waits for people of the company, for the desk's first page: each queue with its number and the age of its oldest, one statement
each, within a limit of time. The queues come from modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from lkportal.accounts.models import Membership
from lkportal.auth.models import Visit
from lkportal.core.contributions import Queue, Section, Shown
from lkportal.core.db import limited
from lkportal.core.i18n import Text, text
from lkportal.core.tables import IS_DEAD, jobs
from lkportal.core.work.running import describe
from lkportal.staff.desk import Desk, ago
from lkportal.staff.models import Approval
from lkportal.web import Request

_MOST_MS = 400
_NONE = ("ok", text("staff.queues.empty", "nothing waits"))
_UNKNOWN = ("off", text("staff.queues.unknown", "could not be counted"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue as it stands: `count` is None when it could not be counted. `state` is a kind of state with its words."""

    title: Text
    href: str
    count: int | None
    state: tuple[str, Text]


def waiting(request: Request) -> list[Waiting]:
    """Return the queues that this person works off, in order, those with nothing in them too."""
    desk: Desk = request.portal.ports.get(Desk)  # type: ignore[type-abstract]
    routes, rights = request.visit.edge.routes.by_name, request.actor.permissions
    mine = [each for each in desk.registry.queues if each.action in rights and each.route in routes]
    return [_counted(request, each) for each in mine]


def _counted(request: Request, queue: Queue) -> Waiting:
    now = request.portal.clock.now()
    zone = ZoneInfo(request.portal.settings.portal.time_zone)
    values = {"now": now, "today": now.astimezone(zone).date()}
    href = request.url(queue.route, **queue.params)
    try:
        with limited(request.db, _MOST_MS):
            row = request.db.execute(queue.statement, values).one()
    except Exception as error:  # noqa: BLE001 - a queue that cannot be counted leaves the page standing
        kind, where = describe(error)
        request.visit.edge.log.warning("queue_failed", queue=queue.name, error=kind, where=where)
        return Waiting(queue.title, href, None, _UNKNOWN)
    return Waiting(queue.title, href, int(row.waiting), _state(queue, row, now))


def _state(queue: Queue, row: Any, now: datetime) -> tuple[str, Text]:
    if not row.waiting:
        return _NONE
    if row.oldest is None:
        return "inf", text("staff.queues.waits", "wait")
    late = now - row.oldest > timedelta(hours=queue.late_hours)
    return ("warn" if late else "inf"), text("staff.queues.oldest", "oldest %(age)s", age=ago(row.oldest, now))


_people = select(Membership.identity_id).where(
    Membership.account_id == bindparam("account_id"), Membership.revoked_at.is_(None)
)
_VISITS = (
    select(Visit.at, Visit.outcome, Visit.device, Visit.known)
    .where(Visit.identity_id.in_(_people))
    .order_by(Visit.id.desc())
    .limit(6)
)
_OUTCOMES: Mapping[str, tuple[str, Text]] = {
    "in": ("ok", text("staff.visits.in", "came in")),
    "refused": ("warn", text("staff.visits.refused", "was refused")),
}


def visits(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the latest sign-ins of the people of an account, without names and networks."""
    if not rows["visits"]:
        return None
    return {
        "visits": [(row, _OUTCOMES.get(row.outcome, ("off", row.outcome))) for row in rows["visits"]],
        "zone": shown.account.time_zone,
    }


SECTIONS = [
    Section(
        "staff:customer",
        "staff.customer_visits",
        "staff/section_visits.html",
        {"visits": _VISITS},
        visits,
        order=70,
        action="staff.sessions",
    )
]
QUEUES = [
    Queue(
        "staff.approvals",
        text("staff.queue.approvals", "Requests to a second person"),
        "staff:approvals",
        select(func.count().label("waiting"), func.min(Approval.asked_at).label("oldest")).where(
            Approval.state == "waiting", Approval.expires_at > bindparam("now")
        ),
        "staff.approvals",
        order=5,
    ),
    Queue(
        "staff.effects",
        text("staff.queue.effects", "Work that failed for good"),
        "staff:effects",
        select(func.count().label("waiting"), func.min(jobs.c.finished_at).label("oldest")).where(IS_DEAD),
        "staff.effects",
        order=90,
    ),
]
