"""Pages of the desk about orders: the queue, one order with carrying out and refusing."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef, staff
from lkportal.modules.tariffs import service, states, views
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.desk import queries
from lkportal.modules.tariffs.forms import QueueForm, RejectForm
from lkportal.web import Form, Request, empty_form, page, read_form, read_query, redirect, route, unit_of_work

PAGE_ROWS = 30
_SHOWS = (
    ("waiting", text("tariffs.desk.show_waiting", "Waiting")),
    ("due", text("tariffs.desk.show_due", "Day has come")),
    ("processed", text("tariffs.desk.show_processed", "Done")),
    ("rejected", text("tariffs.desk.show_rejected", "Refused")),
    ("all", text("tariffs.desk.show_all", "All")),
)


def show_queue(request: Request) -> Response:
    """Show the orders as the desk narrows them."""
    form = read_query(request, QueueForm)
    asked = form.data if form.valid else QueueForm()
    at, today = request.page_number, _today(request)
    rows = queries.queue(request.db, today, asked.show, asked.q, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    return page(
        request,
        "tariffs/desk/queue.html",
        rows=[(row, views.order(row, row.currency, desk=True)) for row in rows[:PAGE_ROWS]],
        asked=asked,
        shows=_SHOWS,
        counts=queries.counts(request.db, today),
        number=at,
        more=len(rows) > PAGE_ROWS,
        today=today,
        zone=_zone(request),
    )


def show_order(request: Request) -> Response:
    """Show an order with its customer."""
    return _order(request)


def process(request: Request) -> Response:
    """Carry an order out."""
    row = _row(request)
    said = text("tariffs.desk.processed", "Carried out. The customer is told.")
    return _act(
        request, row, said, lambda db, account, me: service.carry_out(db, account, row.public_id, "company", me)
    )


def reject(request: Request) -> Response:
    """Refuse an order with a reason."""
    row, form = _row(request), read_form(request, RejectForm)
    if not form.valid:
        return _order(request, 422, form)
    said, reason = text("tariffs.desk.rejected", "Refused. The customer reads your reason."), form.data.reason
    return _act(
        request,
        row,
        said,
        lambda db, account, me: service.reject(db, account, row.public_id, reason, identity_id=me),
    )


def _act(request: Request, row: Any, said: Text, act: Any) -> Response:
    account = _account(request, row)
    try:
        with unit_of_work(request) as db:
            act(db, account, request.actor.id or 0)
    except service.MovedOn as error:
        return redirect(request, "tariffs:desk_order", error.words, "warn", order=row.public_id)
    return redirect(request, "tariffs:desk_order", said, order=row.public_id)


def _order(request: Request, status: int = 200, form: Form[Any] | None = None) -> Response:
    row = _row(request)
    return page(
        request,
        "tariffs/desk/order.html",
        status,
        row=row,
        order=views.order(row, row.currency, desk=True),
        monthly=views.price_words(row.monthly, row.months, row.currency),
        form=form or empty_form(RejectForm),
        may="tariffs.work" in request.actor.permissions and row.state == states.WAITING,
        zone=_zone(request),
    )


def _account(request: Request, row: Any) -> AccountRef:
    found = request.portal.ports.get(Accounts).by_public_id(request.db, row.account)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.path_params["order"])
    if found is None:
        raise NotFound
    return found


def _today(request: Request) -> date:
    return local_day(request.portal.clock.now(), _zone(request))


def _zone(request: Request) -> str:
    return str(request.portal.settings.portal.time_zone)


_SEE, _DO = staff("tariffs.staff_view"), staff("tariffs.work")
STAFF_PAGES = [
    route("/", show_queue, name="queue", policy=_SEE),
    route("/{order}/", show_order, name="desk_order", policy=_SEE),
    route("/{order}/process", process, name="process", policy=_DO, methods=("POST",), kind="action"),
    route("/{order}/reject", reject, name="reject", policy=_DO, methods=("POST",), kind="action"),
]
