"""The page and the files of funnels: one statement of its own. Where behaviour is not kept, there is no such page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.sheets.writing import CSV, XLSX, Column, Sheet, csv, xlsx
from lkportal.staff.behaviour.funnels import funnels, sums
from lkportal.staff.desk import Desk
from lkportal.staff.frame import desk_page
from lkportal.staff.reports.routes import tabs
from lkportal.staff.settings import StaffSettings
from lkportal.web import Day, Form, FormModel, Label, Request, attachment, read_query, route, unit_of_work

_DAYS, _MOST_DAYS = 30, 1100
_DEVICES: Sequence[tuple[str, Text]] = (
    ("", text("staff.funnel.all_devices", "All devices")),
    ("phone", text("staff.funnel.phone", "Phones")),
    ("tablet", text("staff.funnel.tablet", "Tablets")),
    ("computer", text("staff.funnel.computer", "Computers")),
)


class FunnelForm(FormModel):
    """Which days, both included, and which kind of device; left out: the last thirty days, all devices."""

    since: Annotated[Day | None, Label(text("staff.funnel.since", "From"))] = None
    until: Annotated[Day | None, Label(text("staff.funnel.until", "To"))] = None
    device: Literal["", "phone", "tablet", "computer"] = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    since: date
    until: date
    device: str

    @property
    def params(self) -> dict[str, str]:
        chosen = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return chosen | ({"device": self.device} if self.device else {})


def show(request: Request) -> Response:
    """Show the funnel of each task."""
    form = _form(request)
    asked = _asked(request, form)
    rows = sums(request.db, asked.since, asked.until, asked.device)
    return desk_page(
        request,
        "staff/funnels.html",
        200 if form.valid else 422,
        form=form,
        funnels=[each for each in funnels(_tasks(request), rows) if not each.is_empty],
        tabs=tabs(request, "tasks"),
        devices=[
            (words, request.url("staff:tasks", **{**asked.params, "device": code}), code == asked.device)
            for code, words in _DEVICES
        ],
        since=asked.since,
        until=asked.until,
        chosen=asked.params,
    )


def give(request: Request, kind: Literal["xlsx", "csv"]) -> Response:
    """Give the steps of all tasks by device as a file."""
    form = _form(request)
    if not form.valid:
        raise NotFound
    asked = _asked(request, form)
    rows = sums(request.db, asked.since, asked.until, asked.device)
    with unit_of_work(request, on_read=True) as db:
        audit = port(db, AuditLog)  # type: ignore[type-abstract]
        audit.record(db, "staff.report_taken", outcome="viewed", detail={"report": "tasks", "form": kind})
    sheet = _sheet(request, rows)
    body = csv(sheet, request.locale.decimal) if kind == "csv" else xlsx([sheet])
    headers = {
        "content-disposition": attachment(f"tasks-{asked.since}-{asked.until}.{kind}"),
        "cache-control": "no-store",
    }
    return Response(body, media_type=CSV if kind == "csv" else XLSX, headers=headers)


def _sheet(request: Request, rows: Sequence[Any]) -> Sheet:
    say = request.locale.render
    columns = [
        Column(say(text("staff.funnel.task", "Task"))),
        Column(say(text("staff.funnel.step", "Step"))),
        Column(say(text("staff.funnel.code", "Error"))),
        Column(say(text("staff.funnel.device", "Device"))),
        Column(say(text("staff.funnel.visits", "Visits")), "number"),
    ]

    def lines() -> Iterator[tuple[Any, ...]]:
        for task in _tasks(request):
            for step in task.steps:
                mine = (row for row in rows if (row.task, row.step) == (task.name, step.name))
                for row in sorted(mine, key=lambda row: (row.code, row.device)):
                    yield say(task.title), say(step.title), row.code, row.device, int(row.visits) * 1000

    return Sheet(say(text("staff.funnel.title", "Tasks")), columns, lines())


def _tasks(request: Request) -> Sequence[Any]:
    desk = request.portal.ports.get(Desk)  # type: ignore[type-abstract]
    return desk.registry.tasks


def _form(request: Request) -> Form[FunnelForm]:
    form = read_query(request, FunnelForm)
    if form.valid and form.data.since and form.data.until:
        if form.data.since > form.data.until:
            form.add_error("until", text("staff.funnel.order", "The last day cannot be before the first."))
        elif (form.data.until - form.data.since).days > _MOST_DAYS:
            form.add_error("since", text("staff.report.long", "Choose three years at most."))
    return form


def _asked(request: Request, form: Form[FunnelForm]) -> _Asked:
    zone = ZoneInfo(request.portal.settings.portal.time_zone)
    today = request.portal.clock.now().astimezone(zone).date()
    if not form.valid:
        return _Asked(today - timedelta(days=_DAYS - 1), today, "")
    until = form.data.until or max(today, form.data.since or today)
    since = form.data.since or until - timedelta(days=_DAYS - 1)
    return _Asked(max(since, until - timedelta(days=_MOST_DAYS)), until, form.data.device)


def is_kept(settings: Any, _brought: Mapping[str, Sequence[Any]]) -> bool:
    """Whether facts of behaviour are kept by these settings of staff."""
    return isinstance(settings, StaffSettings) and settings.behaviour


_RIGHT = staff("staff.reports")
FUNNEL_PAGES = [
    route("/reports/tasks", show, name="tasks", policy=_RIGHT, on=is_kept),
    route(
        "/reports/tasks/xlsx",
        partial(give, kind="xlsx"),
        name="tasks_xlsx",
        policy=_RIGHT,
        kind="file",
        limiter="files",
        on=is_kept,
    ),
    route(
        "/reports/tasks/csv",
        partial(give, kind="csv"),
        name="tasks_csv",
        policy=_RIGHT,
        kind="file",
        limiter="files",
        on=is_kept,
    ),
]
