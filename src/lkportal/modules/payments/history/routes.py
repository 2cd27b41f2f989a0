"""The page of the history."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.core.i18n import text
from lkportal.core.policy import on_account
from lkportal.modules.payments.history import reads
from lkportal.modules.payments.history.forms import HistoryForm
from lkportal.modules.payments.history.showing import Operation, merged, of_entry, of_payment
from lkportal.web import Form, Request, page, read_query, route

ROWS, MOST_PAGES = 24, 40
_KINDS = {
    "": ("charge", "refund", "adjustment", "opening"),
    "charges": ("charge",),
    "refunds": ("refund",),
    "adjustments": ("adjustment", "opening"),
}
_FIRST, _LAST = date(1970, 1, 2), date(9998, 12, 30)


def show_history(request: Request) -> Response:
    """Show every operation on the account with its state, as far as the filters let it through."""
    form = read_query(request, HistoryForm)
    if form.valid and (form.data.since or _FIRST) > (form.data.until or _LAST):
        form.add_error("until", text("payments.period.order", "The last day cannot be before the first."))
    number = min(max(form.data.page, 1), MOST_PAGES) if form.valid else 1
    found = _found(request, form.data, number * ROWS + 1) if form.valid else []
    shown, more = merged(found, (number - 1) * ROWS, ROWS)
    return page(
        request,
        "payments/history.html",
        200 if form.valid else 422,
        form=form,
        operations=shown,
        number=number,
        more=more and number < MOST_PAGES,
        chosen=_chosen(form),
    )


def _found(request: Request, data: HistoryForm, limit: int) -> list[Operation]:
    account = request.own_account
    zone = ZoneInfo(account.time_zone)
    since, until = data.since or _FIRST, data.until or _LAST
    found: list[Operation] = []
    if data.kind in ("", "payments"):
        start = datetime.combine(since, time(), zone).astimezone(UTC)
        end = datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC)
        rows = reads.payments(request.db, account.id, start, end, data.state, limit)
        found += [of_payment(row, zone) for row in rows]
    if data.kind in _KINDS and not data.state:
        found += [
            of_entry(row) for row in reads.entries(request.db, account.id, _KINDS[data.kind], since, until, limit)
        ]
    return found


def _chosen(form: Form[HistoryForm]) -> dict[str, Any]:
    """Return the filters as they are, for links to other pages of the list."""
    return {name: str(form.value(name)) for name in ("kind", "state", "since", "until") if form.value(name)}


HISTORY_ROUTES = [route("/{account}/history", show_history, name="history", policy=on_account("payments.view"))]
