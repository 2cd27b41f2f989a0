"""Seeing a customer's pages as they do: the question why, the beginning, the end. The view itself is in accounts.desk.viewing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.accounts.contract import AccountRef, Accounts
from lkportal.accounts.desk import viewing
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import staff
from lkportal.staff import queries
from lkportal.staff.forms import ViewForm
from lkportal.staff.frame import desk_page
from lkportal.staff.people.rules import record
from lkportal.staff.settings import StaffSettings
from lkportal.web import Form, Request, empty_form, read_form, redirect, route, unit_of_work


def asking(request: Request) -> Response:
    """Ask why somebody wants to see a customer's pages."""
    return _page(request, empty_form(ViewForm, {"account": request.query_params.get("account", "")}))


def begin(request: Request) -> Response:
    """Begin the view: from now on customers' pages are those of this customer."""
    person, form = _customer(request), read_form(request, ViewForm)
    if not form.valid:
        return _page(request, form, 422)
    account, minutes = _account(request, form.data.account), _settings(request).view_as_minutes
    until = request.portal.clock.now() + timedelta(minutes=minutes)
    with unit_of_work(request) as db:
        begun = viewing.begin(db, request.actor.session_id or 0, person.id, until, account.id if account else None)
        if not begun:
            raise NotFound
        record(db, "staff.view_begun", person.public_id, account, reason=form.data.reason, minutes=minutes)
    if account is None:
        return redirect(request, "accounts:start")
    return redirect(request, "accounts:home", account=account.public_id)


def end(request: Request) -> Response:
    """End the view and go back to the desk."""
    view = request.viewing
    with unit_of_work(request) as db:
        viewing.end(db, request.actor.session_id or 0)
        if view is not None:
            record(db, "staff.view_ended", view.public_id)
    return redirect(request, "staff:home", text("staff.view.ended", "The view as the customer has ended."))


def _page(request: Request, form: Form[ViewForm], status: int = 200) -> Response:
    person = _customer(request)
    minutes = _settings(request).view_as_minutes
    return desk_page(request, "staff/view.html", status=status, form=form, row=person, minutes=minutes)


def _customer(request: Request) -> Row[Any]:
    found = queries.customer(request.db, str(request.path_params["viewed"]))
    if found is None:
        raise NotFound
    return found


def _account(request: Request, wanted: str) -> AccountRef | None:
    if not wanted:
        return None
    return request.portal.ports.get(Accounts).by_public_id(request.db, wanted)  # type: ignore[type-abstract]


def _settings(request: Request) -> StaffSettings:
    return request.settings_of("staff", StaffSettings)


_RIGHT = staff("staff.view_as")
VIEW_PAGES = [
    route("/view-as/{viewed}", asking, name="view", policy=_RIGHT),
    route(
        "/view-as/{viewed}", begin, name="view_begin", policy=staff("staff.view_as", step_up=True), methods=("POST",)
    ),
    route("/view-end", end, name="view_end", policy=_RIGHT, methods=("POST",), kind="action"),
]
