"""Customer pages of readings: one form for all meters, and the history. What is shown is prepared in views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from starlette.responses import Response

from lkportal.accounts.contract import LastBill
from lkportal.core.i18n import ntext, text
from lkportal.core.money import Money
from lkportal.core.policy import on_account
from lkportal.modules.readings import queries, service, views
from lkportal.modules.readings.by_file.routes import FILE_ROUTES
from lkportal.modules.readings.forms import ReadingsForm
from lkportal.modules.readings.offline.routes import OFFLINE_ROUTES
from lkportal.modules.readings.photos.routes import PHOTO_ROUTES
from lkportal.modules.readings.routes_guest import GUEST_ROUTES
from lkportal.modules.readings.sending import BODY, asked, blamed, pictures, settings_of, taken, today_of, typed_form
from lkportal.modules.readings.year.beside import Beside, beside
from lkportal.modules.readings.year.forecast import next_bill
from lkportal.modules.readings.year.routes import YEAR_ROUTES
from lkportal.web import Form, Request, empty_form, page, redirect, route, unit_of_work

PAGE_ROWS = 24
CHART_MONTHS = 12


def show_form(request: Request) -> Response:
    """Show all meters of the account with what they showed last."""
    return _form_page(request, empty_form(ReadingsForm))


def submit(request: Request) -> Response:
    """Accept the values typed, all together, or show the same page with what is wrong or doubtful."""
    form = typed_form(request, ReadingsForm)
    held = pictures(request, form)
    if not form.valid:
        return _form_page(request, form, held, status=422)
    try:
        with unit_of_work(request) as db:
            accepted = taken(request, db, form, held)
    except service.Refused as refused:
        return _form_page(request, blamed(form, refused), held, refused, 422)
    said = text("readings.flash.known", "We have these readings already.")
    if accepted.readings:
        count = len(accepted.readings)
        said = ntext("readings.flash.sent", "Reading received.", "%(n)s readings received.", count)
    return redirect(request, "readings:list", said)


def show_history(request: Request) -> Response:
    """Show consumption by month and every reading, newest first."""
    account, today = request.own_account, today_of(request)
    number = request.page_number
    rows = queries.history(request.db, account.id, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    month = today.replace(day=1)
    read = queries.consumption(request.db, account.id, _since(today, CHART_MONTHS + 1))
    alike = queries.similar(request.db, account.id, _since(today, 1)) if number == 1 else ()
    used = [row for row in read if row.period >= _since(today, CHART_MONTHS)]
    compared = beside(read, alike, month)
    charts = [shown for unit in ("m3", "kwh", "gcal") if (shown := views.consumption(used, month, unit))]
    return page(
        request,
        "readings/history.html",
        files=_by_file(request),
        charts=[(views.finding(shown), shown) for shown in charts],
        beside=compared,
        alike=any(each.similar is not None for each in compared),
        next_bill=_next_bill(request, compared) if number == 1 else None,
        rows=rows[:PAGE_ROWS],
        places=views.places(row.value_milli for row in rows),
        number=number,
        more=len(rows) > PAGE_ROWS,
        resource_name=views.resource_name,
        meter_title=views.meter_title,
    )


def _next_bill(request: Request, used: Sequence[Beside]) -> tuple[Money, date] | None:
    """About what the next bill will be, and the month of the bill whose prices say so, to who may see money here."""
    told = request.portal.ports.find(LastBill)  # type: ignore[type-abstract]
    if told is None or told.right not in request.own_account.rights or not used:
        return None
    bill = told.of(request.db, request.own_account.id)
    money = next_bill(bill, used)
    return (money, bill.period) if bill is not None and money is not None else None


def _form_page(
    request: Request,
    form: Form[ReadingsForm],
    held: Mapping[str, str] | None = None,
    refused: service.Refused | None = None,
    status: int = 200,
) -> Response:
    may_submit = "readings.submit" in request.own_account.rights
    files = _by_file(request) and request.own_account.organisation_id is not None
    shown = asked(request, form, refused, held)
    return page(request, "readings/list.html", status, may_submit=may_submit, files=files, **shown)


def _by_file(request: Request) -> bool:
    return settings_of(request).files and "readings.submit" in request.own_account.rights


def _since(today: date, count: int) -> date:
    months = today.year * 12 + today.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


ROUTES = [
    *GUEST_ROUTES,
    *PHOTO_ROUTES,
    *OFFLINE_ROUTES,
    *YEAR_ROUTES,
    *FILE_ROUTES,
    route("/{account}/", show_form, name="list", policy=on_account("readings.view")),
    route(
        "/{account}/",
        submit,
        name="submit",
        policy=on_account("readings.submit"),
        methods=("POST",),
        kind="action",
        body=BODY,
        limiter="files",
    ),
    route("/{account}/history", show_history, name="history", policy=on_account("readings.view")),
]
