"""Customer pages of readings: one form for all meters, and the history. What is shown is prepared in views."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import on_account
from lkportal.modules.readings import queries, service, views
from lkportal.modules.readings.forms import ReadingsForm
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 24
CHART_MONTHS = 12


def show_form(request: Request) -> Response:
    """Show all meters of the account with what they showed last."""
    return _form_page(request, empty_form(ReadingsForm))


def submit(request: Request) -> Response:
    """Accept the values typed, all together, or show the same page with what is wrong or doubtful."""
    form = read_form(request, ReadingsForm)
    if form.valid and not form.data.readings:
        form.add_error("", text("readings.form.nothing", "Type at least one reading."))
    if not form.valid:
        return _form_page(request, form, status=422)
    confirmed = frozenset(name for name, yes in form.data.confirmed.items() if yes)
    settings = _settings(request)
    try:
        with unit_of_work(request) as db:
            data = service.Submission(form.data.readings, confirmed)
            accepted = service.submit(db, request.own_account, data, window(_today(request), settings), settings)
    except service.Refused as refused:
        for name, words in refused.errors.items():
            form.add_error(f"readings[{name}]", words)
        return _form_page(request, form, refused.doubts, status=422)
    said = text("readings.flash.known", "We have these readings already.")
    if accepted.readings:
        count = len(accepted.readings)
        said = ntext("readings.flash.sent", "Reading received.", "%(n)s readings received.", count)
    return redirect(request, "readings:list", said)


def show_history(request: Request) -> Response:
    """Show consumption by month and every reading, newest first."""
    account, today = request.own_account, _today(request)
    number = request.page_number
    rows = queries.history(request.db, account.id, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    used = queries.consumption(request.db, account.id, _since(today))
    charts = [shown for unit in ("m3", "kwh", "gcal") if (shown := views.consumption(used, today.replace(day=1), unit))]
    return page(
        request,
        "readings/history.html",
        charts=[(views.finding(shown), shown) for shown in charts],
        rows=rows[:PAGE_ROWS],
        number=number,
        more=len(rows) > PAGE_ROWS,
        resource_name=views.resource_name,
        meter_title=views.meter_title,
    )


def _form_page(
    request: Request, form: Form[ReadingsForm], doubts: Mapping[str, Text] | None = None, status: int = 200
) -> Response:
    account = request.own_account
    shown = window(_today(request), _settings(request))
    rows = queries.registers(request.db, account.id)
    return page(
        request,
        "readings/list.html",
        status,
        form=form,
        doubts=doubts or {},
        meters=views.meters(rows, shown),
        window=shown,
        may_submit="readings.submit" in account.rights,
    )


def _today(request: Request) -> date:
    return request.portal.clock.now().astimezone(ZoneInfo(request.own_account.time_zone)).date()


def _since(today: date) -> date:
    months = today.year * 12 + today.month - 1 - CHART_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _settings(request: Request) -> ReadingsSettings:
    return request.settings_of("readings", ReadingsSettings)


ROUTES = [
    route("/{account}/", show_form, name="list", policy=on_account("readings.view")),
    route("/{account}/", submit, name="submit", policy=on_account("readings.submit"), methods=("POST",), kind="action"),
    route("/{account}/history", show_history, name="history", policy=on_account("readings.view")),
]
