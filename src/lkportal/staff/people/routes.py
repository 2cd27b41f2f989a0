"""Pages of the desk about the company's people: who they are, their roles and sessions, and how a new one comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session
from starlette.responses import Response

from lkportal.auth import sessions
from lkportal.auth.origins import spoken_network
from lkportal.auth.own.routes import icon_of
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import staff
from lkportal.staff import queries
from lkportal.staff.desk import Desk, ago
from lkportal.staff.forms import HireForm, RoleForm, SessionForm
from lkportal.staff.frame import desk_page
from lkportal.staff.people import matrix, rules
from lkportal.staff.settings import StaffSettings
from lkportal.web import Form, Request, empty_form, read_form, redirect, route, unit_of_work

_POST = ("POST",)


def show_all(request: Request) -> Response:
    """Show the company's people: roles, when they were seen, whether they are kept out."""
    roles, now = queries.roles_of(request.db), request.portal.clock.now()
    rows = [
        (row, [_title(request, role) for role in roles.get(row.id, ())], ago(row.seen_at, now) if row.seen_at else None)
        for row in queries.colleagues(request.db)
    ]
    return desk_page(request, "staff/people.html", rows=rows, may_change=_may_change(request))


def one(request: Request) -> Response:
    """Show one of the company's people: roles, devices, what may be done about them."""
    person = _person(request)
    held = queries.roles_of(request.db).get(person.id, [])
    roles = matrix.roles(_settings(request))
    declared = {role.name for role in roles}
    return desk_page(
        request,
        "staff/person.html",
        row=person,
        held=[(role, _title(request, role), role in declared) for role in held],
        free=[(role.name, role.title) for role in roles if role.name not in held],
        devices=sessions.living(request.db, person.id, request.portal.clock.now()) if _may_change(request) else (),
        may_change=_may_change(request) and person.id != request.actor.id,
        is_self=person.id == request.actor.id,
        zone=request.portal.settings.portal.time_zone,
        icon_of=icon_of,
        network_of=spoken_network,
    )


def hiring(request: Request) -> Response:
    """Show the form for a new colleague."""
    return _hiring(request, empty_form(HireForm))


def hire(request: Request) -> Response:
    """Make a new colleague; a letter leads them to their password."""
    form = read_form(request, HireForm)
    if not form.valid or not set(form.data.roles) <= {role.name for role in matrix.roles(_settings(request))}:
        return _hiring(request, form, 422)
    data = form.data
    try:
        with unit_of_work(request) as db:
            made = rules.hire(
                db, _permissions(request), name=data.name, email=data.email, roles=tuple(dict.fromkeys(data.roles))
            )
    except rules.LoginTaken as error:
        form.add_error("email", error.words)
        return _hiring(request, form, 422)
    sent = text("staff.hire.done", "A letter with a link goes to %(email)s.", email=data.email)
    return redirect(request, "staff:person", sent, colleague=made)


def change_role(request: Request) -> Response:
    """Give or take a role."""
    person, form = _person(request), read_form(request, RoleForm)
    if not form.valid:
        raise NotFound
    role, giving = form.data.role, form.data.do == "give"
    if giving and role not in {each.name for each in matrix.roles(_settings(request))}:
        raise NotFound
    permissions, title = _permissions(request), _title(request, role)
    rule = rules.give if giving else rules.take
    done = (
        text("staff.person.given", "Role given: %(role)s", role=title)
        if giving
        else text("staff.person.taken", "Role taken away: %(role)s", role=title)
    )
    return _act(request, person, lambda db: rule(db, permissions, person, role), done)


def disable(request: Request) -> Response:
    """Keep a person out."""
    person, permissions = _person(request), _permissions(request)
    done = text("staff.person.disabled", "Kept out and signed out everywhere.")
    return _act(request, person, lambda db: rules.disable(db, permissions, person), done)


def enable(request: Request) -> Response:
    """Let a person in again."""
    person = _person(request)
    done = text("staff.person.enabled", "May sign in again.")
    return _act(request, person, lambda db: rules.enable(db, person), done)


def end_sessions(request: Request) -> Response:
    """Sign a person out on one device or on all."""
    person, form = _person(request), read_form(request, SessionForm)
    if not form.valid:
        raise NotFound
    with unit_of_work(request) as db:
        ended = rules.end_sessions(db, person, form.data.session)
    done = ntext("staff.person.ended", "%(n)s device is signed out.", "%(n)s devices are signed out.", ended)
    return redirect(request, "staff:person", done, colleague=person.public_id)


def invite(request: Request) -> Response:
    """Send the letter with the link once more."""
    person = _person(request)
    if not person.is_awaited or person.disabled_at is not None:
        raise NotFound
    done = text("staff.hire.done", "A letter with a link goes to %(email)s.", email=person.email)
    return _act(request, person, lambda db: rules.invite_again(db, person), done)


def _act(request: Request, person: Row[Any], act: Callable[[Session], object], done: Text) -> Response:
    """Do one act on a person in a unit; what a rule forbids is told on their page."""
    try:
        with unit_of_work(request) as db:
            act(db)
    except rules.Refused as error:
        return redirect(request, "staff:person", error.words, "bad", colleague=person.public_id)
    return redirect(request, "staff:person", done, colleague=person.public_id)


def _hiring(request: Request, form: Form[HireForm], status: int = 200) -> Response:
    roles = [(role.name, role.title) for role in matrix.roles(_settings(request))]
    chosen = form.value("roles") or []
    return desk_page(request, "staff/hire.html", status=status, form=form, roles=roles, chosen=chosen)


def _person(request: Request) -> Row[Any]:
    found = queries.colleague(request.db, str(request.path_params["colleague"]))
    if found is None:
        raise NotFound
    return found


def _permissions(request: Request) -> Any:
    return request.portal.ports.get(Desk).registry.permissions  # type: ignore[type-abstract]


def _settings(request: Request) -> StaffSettings:
    return request.settings_of("staff", StaffSettings)


def _title(request: Request, role: str) -> Text | str:
    return matrix.title_of(role, _settings(request))


def _may_change(request: Request) -> bool:
    return "staff.people" in request.actor.permissions


_SEE, _CHANGE = staff("staff.roles"), staff("staff.people", step_up=True)
PEOPLE_PAGES = [
    route("/people", show_all, name="people", policy=_SEE),
    route("/people/new", hiring, name="hiring", policy=_CHANGE),
    route("/people/new", hire, name="hire", policy=_CHANGE, methods=_POST),
    route("/people/{colleague}", one, name="person", policy=_SEE),
    route("/people/{colleague}/role", change_role, name="person_role", policy=_CHANGE, methods=_POST),
    route("/people/{colleague}/disable", disable, name="person_disable", policy=_CHANGE, methods=_POST),
    route("/people/{colleague}/enable", enable, name="person_enable", policy=_CHANGE, methods=_POST),
    route("/people/{colleague}/sessions", end_sessions, name="person_sessions", policy=_CHANGE, methods=_POST),
    route("/people/{colleague}/invite", invite, name="person_invite", policy=_CHANGE, methods=_POST),
]
