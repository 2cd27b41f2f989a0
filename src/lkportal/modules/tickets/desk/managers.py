"""Managers at the desk: who customers know by name, with position and hours; the manager of one account."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AccountRef, staff
from lkportal.modules.tickets.chat import hours, managers
from lkportal.modules.tickets.desk import queries
from lkportal.modules.tickets.forms import GivenForm, ManagerForm
from lkportal.modules.tickets.routes import office_of
from lkportal.modules.tickets.settings import WEEK
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_POST = ("POST",)
_SAVED = text("tickets.macro.saved", "Saved.")


def show_managers(request: Request) -> Response:
    """Show who customers know by name."""
    rows = [(each, hours.told(office_of(request).calendar_of(each.week).week)) for each in queries.managers(request.db)]
    return page(request, "tickets/desk/managers.html", rows=rows)


def new_manager(request: Request) -> Response:
    """Show the form of a new manager."""
    return _form(request, empty_form(ManagerForm))


def edit_manager(request: Request) -> Response:
    """Show the form of a manager."""
    row = _row(request)
    since, _, until = next(iter(row.week.values()), "").partition("-")
    values = {"position": row.position, "days": list(row.week), "since": since, "until": until}
    return _form(request, empty_form(ManagerForm, values), row)


def write_manager(request: Request) -> Response:
    """Let somebody be a manager."""
    form = _typed(request)
    people = {each.public_id: each.id for each in queries.people(request.db)}
    if form.valid and form.data.who not in people:
        form.add_error("who", text("tickets.form.choose", "Choose one of the options."))
    if not form.valid:
        return _form(request, form, status=422)
    with unit_of_work(request) as db:
        managers.keep(db, people[form.data.who], form.data.position, _week(form.data))
    return redirect(request, "tickets:managers", _SAVED)


def rewrite_manager(request: Request) -> Response:
    """Keep position and hours of a manager as they were written anew."""
    row, form = _row(request), _typed(request)
    if not form.valid:
        return _form(request, form, row, 422)
    with unit_of_work(request) as db:
        managers.keep(db, row.identity_id, form.data.position, _week(form.data))
    return redirect(request, "tickets:managers", _SAVED)


def drop_manager(request: Request) -> Response:
    """Let somebody be no manager any more."""
    row = _row(request)
    with unit_of_work(request) as db:
        managers.drop(db, row.public_id)
    return redirect(request, "tickets:managers", text("tickets.manager.dropped", "Not a manager any more."))


def show_given(request: Request) -> Response:
    """Show who is the manager of an account."""
    return _given(request, _account(request))


def give(request: Request) -> Response:
    """Give an account to a manager, or to nobody."""
    account, form = _account(request), read_form(request, GivenForm)
    known = {each.public_id for each in queries.managers(request.db)}
    if not form.valid or (form.data.manager and form.data.manager not in known):
        return _given(request, account, 422)
    with unit_of_work(request) as db:
        managers.assign(db, account, form.data.manager)
    return redirect(request, "staff:customer", _SAVED, customer=account.public_id)


def _typed(request: Request) -> Form[ManagerForm]:
    form = read_form(request, ManagerForm)
    if form.valid and form.data.days and not "" < form.data.since < form.data.until:
        form.add_error(
            "since", text("tickets.manager.hours", "Write from when until when, the end after the beginning.")
        )
    return form


def _week(data: ManagerForm) -> dict[str, str]:
    return {day: f"{data.since}-{data.until}" for day in WEEK if day in data.days}


def _form(request: Request, form: Form[ManagerForm], row: Any = None, status: int = 200) -> Response:
    known = {each.identity_id for each in queries.managers(request.db)}
    people = [(each.public_id, each.name) for each in queries.people(request.db) if each.id not in known]
    days = list(zip(WEEK, hours.DAYS, strict=True))
    company = hours.told(office_of(request).calendar.week)
    return page(
        request, "tickets/desk/manager.html", status, form=form, row=row, people=people, days=days, company=company
    )


def _given(request: Request, account: AccountRef, status: int = 200) -> Response:
    now = managers.of(request.db, account.id)
    people = [(each.public_id, each.name) for each in queries.managers(request.db)]
    return page(request, "tickets/desk/given.html", status, customer=account, now=now, people=people)


def _account(request: Request) -> AccountRef:
    public = request.path_params["customer"]
    found = request.portal.ports.get(Accounts).by_public_id(request.db, public)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _row(request: Request) -> Any:
    found = queries.manager(request.db, request.path_params["manager"])
    if found is None:
        raise NotFound
    return found


_DO = staff("tickets.managers")
MANAGER_PAGES = [
    route("/managers", show_managers, name="managers", policy=_DO),
    route("/managers/new", new_manager, name="new_manager", policy=_DO),
    route("/managers/new", write_manager, name="write_manager", policy=_DO, methods=_POST, kind="action"),
    route("/managers/{manager}/", edit_manager, name="manager", policy=_DO),
    route("/managers/{manager}/", rewrite_manager, name="rewrite_manager", policy=_DO, methods=_POST, kind="action"),
    route("/managers/{manager}/drop", drop_manager, name="drop_manager", policy=_DO, methods=_POST, kind="action"),
    route("/of/{customer}", show_given, name="given", policy=_DO),
    route("/of/{customer}", give, name="give", policy=_DO, methods=_POST, kind="action"),
]
