"""Pages and files of reports. A page costs three statements of its own, however many customers there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Locale
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.sheets.writing import CSV, XLSX, Column, Sheet, csv, xlsx
from lkportal.staff.desk import Desk, ago
from lkportal.staff.frame import desk_page
from lkportal.staff.reports import reads
from lkportal.staff.reports.counting import month_after
from lkportal.staff.reports.figures import Figure, Page, figures, months_between, pages
from lkportal.staff.settings import StaffSettings
from lkportal.web import Form, FormModel, Label, Request, attachment, misfit, read_query, redirect, route, unit_of_work

MOST_MONTHS = 36
_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-\d{2})?")
_FEW = 5
_UNITS = (
    (10**9, text("staff.report.billions", "bn")),
    (10**6, text("staff.report.millions", "m")),
    (10**3, text("staff.report.thousands", "k")),
)


def _month(typed: object) -> date:
    match = _MONTH.fullmatch(str(typed).strip())
    if match is None or not (1990 <= int(match[1]) <= 2200 and 1 <= int(match[2]) <= 12):
        raise misfit(text("staff.report.month", "Choose any day of the month, such as 2026-10-01."))
    return date(int(match[1]), int(match[2]), 1)


Month = Annotated[date, BeforeValidator(_month)]


class PeriodForm(FormModel):
    """From which month to which, both included; left out: the last twelve."""

    since: Annotated[Month | None, Label(text("staff.report.since", "From the month of"))] = None
    until: Annotated[Month | None, Label(text("staff.report.until", "To the month of"))] = None


def first(request: Request) -> Response:
    """Lead to the first report there is for the reader."""
    found = _pages(request)
    if not found:
        return desk_page(request, "staff/reports_none.html")
    return redirect(request, "staff:report", report=found[0].name)


def show(request: Request) -> Response:
    """Show a report of some months."""
    form = _asked(request)
    page = _page(request)
    since, until = _period(request, form)
    counts = reads.counts(request.db, list(page.measures))
    drawn = _figures(request, page, counts, since, until)
    counted = [row.counted_at for row in counts]
    now = request.portal.clock.now()
    return desk_page(
        request,
        "staff/report.html",
        200 if form.valid else 422,
        report=page.report,
        form=form,
        figures=[each for each in drawn if not each.is_empty],
        empty=[each.chart.title for each in drawn if each.is_empty],
        tabs=tabs(request, page.name),
        presets=_presets(request, since, until),
        since=since,
        until=until,
        chosen={"since": f"{since:%Y-%m}", "until": f"{until:%Y-%m}"},
        counted=ago(min(counted), now) if counted else None,
        this=_today(request).replace(day=1),
        axis=partial(axis, request.locale),
        base_currency=request.portal.settings.portal.currency,
    )


def give_xlsx(request: Request) -> Response:
    """Give a report as a workbook with a sheet a chart."""
    return _file(request, "xlsx")


def give_csv(request: Request) -> Response:
    """Give a report as CSV with a row a number."""
    return _file(request, "csv")


def _file(request: Request, kind: Literal["xlsx", "csv"]) -> Response:
    page, form = _page(request), _asked(request)
    if not form.valid:
        raise NotFound
    since, until = _period(request, form)
    drawn = _figures(request, page, reads.counts(request.db, list(page.measures)), since, until)
    with unit_of_work(request, on_read=True) as db:
        audit = port(db, AuditLog)  # type: ignore[type-abstract]
        audit.record(db, "staff.report_taken", outcome="viewed", detail={"report": page.name, "form": kind})
    say = request.locale.render
    if kind == "csv":
        body = csv(_flat(drawn, say), request.locale.decimal)
    else:
        body = xlsx([_sheet(each, say) for each in drawn] or [_flat([], say)])
    headers = {
        "content-disposition": attachment(f"{page.name}-{since:%Y-%m}-{until:%Y-%m}.{kind}"),
        "cache-control": "no-store",
    }
    return Response(body, media_type=CSV if kind == "csv" else XLSX, headers=headers)


def tabs(request: Request, here: str) -> list[tuple[Text, str, bool]]:
    """Return the reports of the reader for the row above a report: title, address, whether it is the page `here`."""
    found = [
        (each.report.title, request.url("staff:report", report=each.name), each.name == here)
        for each in _pages(request)
    ]
    if request.settings_of("staff", StaffSettings).behaviour:
        found.append((text("staff.funnel.title", "Tasks"), request.url("staff:tasks"), here == "tasks"))
    return found


def axis(locale: Locale, figure: Figure) -> tuple[int, str]:
    """Return by how much the numbers of an axis are divided, so that few digits are left, and the words of that unit."""
    if figure.kind == "rate":
        return 1000, "%"
    base = 100 if figure.currency else 1
    sign = locale.money(0, figure.currency).strip("0.,\u00a0\u202f ") if figure.currency else ""
    top = max([value or 0 for value in figure.totals] or [0]) // base
    for size, words in _UNITS:
        if top >= size * _FEW:
            return base * size, f"{locale.render(words)}\u00a0{sign}".strip("\u00a0")
    return base, sign


def _pages(request: Request) -> list[Page]:
    desk = request.portal.ports.get(Desk)  # type: ignore[type-abstract]
    return pages(desk.registry.reports, request.actor.permissions)


def _page(request: Request) -> Page:
    found = next((each for each in _pages(request) if each.name == request.path_params["report"]), None)
    if found is None:
        raise NotFound
    return found


def _asked(request: Request) -> Form[PeriodForm]:
    form = read_query(request, PeriodForm)
    if form.valid and form.data.since and form.data.until:
        if form.data.since > form.data.until:
            form.add_error("until", text("staff.report.order", "The last month cannot be before the first."))
        elif len(months_between(form.data.since, form.data.until)) > MOST_MONTHS:
            form.add_error("since", text("staff.report.long", "Choose three years at most."))
    return form


def _period(request: Request, form: Form[PeriodForm]) -> tuple[date, date]:
    this = _today(request).replace(day=1)
    if not form.valid:
        return month_after(this, -11), this
    until = form.data.until or max(this, form.data.since or this)
    since = form.data.since or month_after(until, -11)
    return max(since, month_after(until, 1 - MOST_MONTHS)), until


def _today(request: Request) -> date:
    zone = ZoneInfo(request.portal.settings.portal.time_zone)
    return request.portal.clock.now().astimezone(zone).date()


def _presets(request: Request, since: date, until: date) -> list[tuple[Text, dict[str, str], bool]]:
    this = _today(request).replace(day=1)
    known = [
        (text("staff.report.twelve", "12 months"), month_after(this, -11), this),
        (text("staff.report.year", "This year"), this.replace(month=1), this),
        (text("staff.report.last_year", "Last year"), date(this.year - 1, 1, 1), date(this.year - 1, 12, 1)),
    ]
    return [
        (words, {"since": f"{one:%Y-%m}", "until": f"{two:%Y-%m}"}, (one, two) == (since, until))
        for words, one, two in known
    ]


def _figures(request: Request, page: Page, counts: reads.Rows, since: date, until: date) -> list[Figure]:
    names = list(page.measures)
    daily = [name for chart in page.charts if chart.kind == "days" for name in chart.measures]
    return figures(
        page,
        reads.by_month(request.db, names, since, until),
        reads.by_day(request.db, daily, until) if daily else (),
        counts,
        since,
        until,
        _today(request),
    )


def _sheet(figure: Figure, say: Any) -> Sheet:
    kind: Literal["money", "number"] = "money" if figure.currency else "number"
    titles = [say(each.name) for each in figure.series]
    columns = [Column(say(text("staff.report.day", "Day")), "day"), *(Column(title, kind) for title in titles)]
    rows = [
        (point, *(_cell(figure, each.values[place]) for each in figure.series))
        for place, point in enumerate(figure.points)
    ]
    return Sheet(say(figure.chart.title), columns, rows, [(say(figure.chart.title), figure.currency)])


def _flat(drawn: Sequence[Figure], say: Any) -> Sheet:
    columns = [
        Column(say(text("staff.report.what", "What"))),
        Column(say(text("staff.report.part", "Of it"))),
        Column(say(text("staff.report.day", "Day")), "day"),
        Column(say(text("staff.report.sum", "Sum")), "money"),
        Column(say(text("staff.report.currency", "Currency"))),
        Column(say(text("staff.report.number", "Number")), "number"),
    ]

    def rows() -> Iterator[tuple[Any, ...]]:
        for figure in drawn:
            for series in figure.series:
                for point, value in zip(figure.points, series.values, strict=True):
                    cell = _cell(figure, value)
                    sides = (cell, figure.currency, None) if figure.currency else (None, "", cell)
                    yield (say(figure.chart.title), say(series.name), point, *sides)

    return Sheet(say(text("staff.reports.title", "Reports")), columns, rows())


def _cell(figure: Figure, value: int | None) -> int | None:
    if value is None or figure.currency or figure.kind == "rate":
        return value
    return value * 1000


_RIGHT = staff("staff.reports")
REPORT_PAGES = [
    route("/reports", first, name="reports", policy=_RIGHT),
    route("/reports/{report}", show, name="report", policy=_RIGHT),
    route("/reports/{report}/xlsx", give_xlsx, name="report_xlsx", policy=_RIGHT, kind="file", limiter="files"),
    route("/reports/{report}/csv", give_csv, name="report_csv", policy=_RIGHT, kind="file", limiter="files"),
]
