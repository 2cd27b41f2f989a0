"""Pages of the months: the calendar with its file and its signed link, usage as files."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from lkportal.accounts.contract import GuestLinks
from lkportal.core.contributions import GuestPurpose
from lkportal.core.i18n import text
from lkportal.core.policy import guest, on_account
from lkportal.core.sheets.writing import XLSX
from lkportal.modules.readings import queries
from lkportal.modules.readings.sending import rules_of, today_of
from lkportal.modules.readings.views import meters
from lkportal.modules.readings.windows import window
from lkportal.modules.readings.year.calendar import Term, ics, terms
from lkportal.modules.readings.year.files import csv_of, json_of, rows_of, xlsx_of
from lkportal.web import Request, attachment, page, route, unit_of_work

CALENDAR = "readings.calendar"
_LASTS = timedelta(days=2 * 365)
_MOST = 20_000
_CALENDAR_TYPE = "text/calendar; charset=utf-8"


def show_calendar(request: Request) -> Response:
    """Show the windows of the months around today, and the state of each meter."""
    return _calendar(request)


def make_link(request: Request) -> Response:
    """Make the address by which a calendar program keeps up to date; it is shown once."""
    with unit_of_work(request) as db:
        links = request.portal.ports.get(GuestLinks)  # type: ignore[type-abstract]
        made = links.make(db, CALENDAR, request.own_account, lasts=_LASTS)
    return _calendar(request, made)


def give_calendar(request: Request) -> Response:
    """Give the calendar as a file: to somebody who is signed in, or by the signed link."""
    account = request.own_account
    name = request.locale.render(text("readings.calendar.name", "Readings %(number)s", number=account.number))
    events = [(term, *_said(request, term)) for term in _terms(request)]
    host = urlsplit(request.site.public_url).hostname or "portal"
    key = sha256(account.public_id.encode()).hexdigest()[:16]
    body = ics(name, host, key, request.portal.clock.now(), events)
    headers = {"content-disposition": attachment("readings.ics"), "cache-control": "private, no-cache"}
    return Response(body, media_type=_CALENDAR_TYPE, headers=headers)


def give_csv(request: Request) -> Response:
    """Give all readings of the account as CSV."""
    return _file(request, csv_of(_rows(request)), "text/csv; charset=utf-8", "csv")


def give_json(request: Request) -> Response:
    """Give all readings of the account as JSON."""
    return _file(request, json_of(_rows(request)), "application/json", "json")


def give_xlsx(request: Request) -> Response:
    """Give all readings of the account as a workbook."""
    rows = queries.history(request.db, request.own_account.id, _MOST)
    request.release()
    return _file(request, xlsx_of(rows, request.locale), XLSX, "xlsx")


def _rows(request: Request) -> list[tuple[str, ...]]:
    rows = rows_of(queries.history(request.db, request.own_account.id, _MOST))
    request.release()
    return rows


def _file(request: Request, body: bytes, media: str, kind: str) -> Response:
    name = request.locale.render(text("readings.usage.file", "Readings %(number)s", number=request.own_account.number))
    return Response(body, media_type=media, headers={"content-disposition": attachment(f"{name}.{kind}")})


def _terms(request: Request) -> list[Term]:
    periods = [row.last_period for row in queries.registers(request.db, request.own_account.id)]
    return terms(today_of(request), rules_of(request).general, periods)


def _said(request: Request, term: Term) -> tuple[str, str]:
    say = request.locale.render
    summary = {
        "sent": text("readings.calendar.sent", "Readings are in"),
        "late": text("readings.calendar.late", "Readings were not sent"),
    }.get(term.state, text("readings.calendar.send", "Send readings"))
    about = text("readings.calendar.count", "%(sent)s of %(dials)s are in", sent=term.sent, dials=term.dials)
    return say(summary), say(about)


def _calendar(request: Request, link: str = "") -> Response:
    rows = queries.registers(request.db, request.own_account.id)
    now = window(today_of(request), rules_of(request).general)
    context: dict[str, Any] = {"terms": _terms(request), "meters": meters(rows, now), "window": now, "link": link}
    return page(request, "readings/calendar.html", **context)


_VIEW = on_account("readings.view")
YEAR_ROUTES = [
    route("/{account}/calendar", show_calendar, name="calendar", policy=_VIEW),
    route("/{account}/calendar", make_link, name="calendar_link", policy=_VIEW, methods=("POST",), kind="action"),
    route("/{account}/calendar.ics", give_calendar, name="calendar_file", policy=_VIEW, kind="file"),
    route(
        "/guest/{token}/calendar.ics", give_calendar, name="calendar_feed", policy=guest("readings.view"), kind="file"
    ),
    route("/{account}/usage.csv", give_csv, name="usage_csv", policy=_VIEW, kind="file"),
    route("/{account}/usage.xlsx", give_xlsx, name="usage_xlsx", policy=_VIEW, kind="file", limiter="files"),
    route("/{account}/usage.json", give_json, name="usage_json", policy=_VIEW, kind="file"),
]
CALENDAR_PURPOSE = GuestPurpose(
    CALENDAR,
    text("readings.calendar.purpose", "Calendar of readings"),
    "readings.view",
    "readings:calendar_feed",
    offered=False,
    order=90,
)
