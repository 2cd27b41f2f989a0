"""The page of effects: events with what follows, letters of the day, work that comes back, and what failed for good with its button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from starlette.responses import Response

from lkportal.core import jobs
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import titles
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import DeadLetter
from lkportal.core.module import names
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.registry.building import Registry
from lkportal.core.work.outbox import DELIVER
from lkportal.core.work.schedules import following
from lkportal.staff.desk import Desk, ago
from lkportal.staff.effects import reads
from lkportal.staff.effects.reads import Effects, Standing
from lkportal.staff.frame import desk_page
from lkportal.staff.freshness import health
from lkportal.web import FormModel, Request, read_form, redirect, route, unit_of_work

RETRIED, DISCARDED = "staff.work_retried", "staff.work_discarded"
_MOST = 50
_NOTICE = "notice "
_WAYS = (
    ("email", text("staff.effects.email", "Letters")),
    ("push", text("staff.effects.push", "Push messages")),
    ("sms", text("staff.effects.sms", "Text messages")),
)
_IDLE = text("staff.effects.idle", "nothing waits")
_WAITING, _FAILED = ("queued", "held", "failed"), ("dead", "bounced")


class WorkForm(FormModel):
    """A piece of work that failed for good, and what becomes of it."""

    job: Annotated[int, Field(ge=1)]
    do: Literal["retry", "discard"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that follows: what it is called, how it stands, in words. `next` is when it comes back by itself."""

    title: Text | str
    standing: Standing
    state: tuple[str, Text] | None
    last: Text | str
    next: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What follows from the events of one module, and the work it does by itself: `events` by what they are called."""

    title: Text | str
    name: str
    events: list[tuple[Text | str, list[Line]]]
    work: list[Line]

    @property
    def state(self) -> Text:
        """How all of it stands, in words."""
        every = [line.standing for _, lines in self.events for line in lines] + [line.standing for line in self.work]
        dead, waiting = sum(each.dead for each in every), sum(each.waiting for each in every)
        if dead:
            return _failed(dead)
        return text("staff.effects.planned", "planned: %(n)s", n=waiting) if waiting else _IDLE

    @property
    def presses(self) -> bool:
        """Whether something failed for good or is late."""
        every = [*(line for _, lines in self.events for line in lines), *self.work]
        return any(line.state and line.state[0] in ("bad", "inf") for line in every)


def show(request: Request) -> Response:
    """Show every event with what follows from it."""
    desk: Desk = request.portal.ports.get(Desk)  # type: ignore[type-abstract]
    now = request.portal.clock.now()
    found = reads.effects(request.db, now)
    zone = ZoneInfo(request.portal.settings.portal.time_zone)
    return desk_page(
        request,
        "staff/effects.html",
        found=found,
        health=health(request.db, request.portal.clock),
        dead=[(each, _title(desk.registry, each)) for each in jobs.dead_letters(request.db, _MOST)],
        ways=list(_ways(found)),
        groups=list(_groups(desk.registry, found, now, zone)),
        may_act="staff.effects_retry" in request.actor.permissions,
        zone=request.portal.settings.portal.time_zone,
    )


def act(request: Request) -> Response:
    """Try something that failed for good again, or put it away."""
    form = read_form(request, WorkForm)
    if not form.valid:
        raise NotFound
    retried = form.data.do == "retry"
    try:
        with unit_of_work(request) as db:
            (jobs.retry if retried else jobs.discard)(db, form.data.job)
            action = RETRIED if retried else DISCARDED
            port(db, AuditLog).record(db, action, target=str(form.data.job))  # type: ignore[type-abstract]
    except PortalError as error:
        words = error.message if isinstance(error.message, Text) else text("staff.effects.gone", "It was dealt with.")
        return redirect(request, "staff:effects", words, "warn")
    again = text("staff.effects.again", "It is tried again, with all its attempts.")
    away = text("staff.effects.away", "Put away. It is not tried any more.")
    return redirect(request, "staff:effects", again if retried else away)


def _groups(registry: Registry, found: Effects, now: datetime, zone: ZoneInfo) -> Iterator[Group]:
    called = titles(names(registry.modules))
    comes = {each.job: following(each.cron, zone, now) for each in registry.schedules}
    for module in registry.modules:
        prefix = f"{module.name}."
        events = [
            (
                called.get(event, event),
                [_line(_heard(registry, each.name), found.handlers.get((event, each.name)), now) for each in heard],
            )
            for event, heard in sorted(registry.listeners.items())
            if event.startswith(prefix)
        ]
        own = sorted(name for name in registry.jobs if name.startswith(prefix))
        work = [_line(_work(registry, name), found.work.get(name), now, comes.get(name)) for name in own]
        if events or work:
            yield Group(module.title, module.name, events, work)


def _line(
    title: Text | str,
    standing: Standing | None,
    now: datetime,
    comes: datetime | None = None,
) -> Line:
    stands = standing or Standing()
    state: tuple[str, Text] | None
    if stands.dead:
        state = ("bad", _failed(stands.dead))
    elif stands.waiting and stands.oldest is not None and stands.oldest < now:
        state = (
            "inf",
            text("staff.effects.waiting", "%(n)s wait, oldest %(age)s", n=stands.waiting, age=ago(stands.oldest, now)),
        )
    elif stands.waiting:
        state = ("off", text("staff.effects.planned", "planned: %(n)s", n=stands.waiting))
    elif stands.running:
        state = ("inf", text("staff.effects.running", "at work"))
    else:
        state = None
    last: Text | str = ago(stands.last, now) if stands.last else text("staff.effects.not_lately", "not lately")
    return Line(title, stands, state, last, comes)


def _failed(count: int) -> Text:
    return text("staff.effects.dead", "failed for good: %(n)s", n=count)


def _work(registry: Registry, job: str) -> Text | str:
    known = registry.jobs.get(job)
    return (known.title if known else "") or job


def _heard(registry: Registry, listener: str) -> Text | str:
    """Return what a listener is called: a notice by its topic, any other by its title or name."""
    notice = registry.notices.get(listener.removeprefix(_NOTICE)) if listener.startswith(_NOTICE) else None
    topic = registry.topics.get(notice.topic) if notice else None
    if topic:
        return text("staff.effects.notice", "Notice: %(topic)s", topic=topic.title)
    every = (each for heard in registry.listeners.values() for each in heard)
    return next((each.title for each in every if each.name == listener and each.title), listener)


def _title(registry: Registry, letter: DeadLetter) -> Text | str:
    handler = str(letter.args.get("handler", "")) if letter.name == DELIVER else ""
    return _heard(registry, handler) if handler else _work(registry, letter.name)


def _ways(found: Effects) -> Iterator[tuple[Text, dict[str, Any]]]:
    for channel, title in _WAYS:
        states = found.letters.get(channel, {})
        yield (
            title,
            {
                "waiting": sum(states.get(each, 0) for each in _WAITING),
                "sent": states.get("sent", 0) + states.get("gathered", 0),
                "failed": sum(states.get(each, 0) for each in _FAILED),
                "dropped": states.get("dropped", 0),
            },
        )


EFFECT_PAGES = [
    route("/effects", show, name="effects", policy=staff("staff.effects")),
    route("/effects", act, name="effect", policy=staff("staff.effects_retry"), methods=("POST",), kind="action"),
]
