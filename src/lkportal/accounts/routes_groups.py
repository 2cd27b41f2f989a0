"""Pages of the groups an account belongs to. Rules stand in groups."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.accounts import groups
from lkportal.accounts.forms_people import GroupForm
from lkportal.accounts.routes_people import hand_of, roles_here
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import on_account
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work


def show(request: Request) -> Response:
    """Show the groups of the account."""
    return _page(request, empty_form(GroupForm))


def put(request: Request) -> Response:
    """Put the account, and others by number, into a group."""
    form, mine = read_form(request, GroupForm), hand_of(request)
    if form.parsed and len(form.data.name) > 120:
        form.add_error("name", text("accounts.groups.long", "Choose a shorter name."))
    if not form.valid:
        return _page(request, form, 422)
    numbers = form.data.numbers.replace(",", " ").replace(";", " ").split()
    with unit_of_work(request) as db:
        who = request.actor.id or 0
        count = groups.put(db, who, mine, request.own_account, form.data.name, numbers, roles_here(request))
    done = text("accounts.groups.put", "In the group now: %(n)s more.", n=count)
    return redirect(request, "accounts:groups", done)


def take_out(request: Request) -> Response:
    """Take the account out of a group."""
    scope = hand_of(request).scope(f"group-{request.path_params['group']}")
    if scope is None:
        raise NotFound
    with unit_of_work(request) as db:
        groups.take_out(db, scope, request.own_account)
    return redirect(request, "accounts:groups", text("accounts.groups.out", "The account is in this group no more."))


def _page(request: Request, form: Form[Any], status: int = 200) -> Response:
    mine = hand_of(request)
    shared = any(each.column == "organisation_id" for each in mine.scopes)
    return page(
        request, "accounts/groups.html", status, form=form, groups=groups.here(request.db, mine), organisation=shared
    )


_MANAGE = on_account("accounts.manage")
_AT = "/home/{account}/groups"
GROUP_ROUTES = [
    route(_AT, show, name="groups", policy=_MANAGE),
    route(_AT, put, name="put_into_group", policy=_MANAGE, methods=("POST",), kind="action", body=16 * 1024),
    route(_AT + "/{group}/out", take_out, name="take_out", policy=_MANAGE, methods=("POST",), kind="action"),
]
