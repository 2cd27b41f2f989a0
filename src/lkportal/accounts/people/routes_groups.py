"""Pages of the groups an account belongs to. Rules stand in groups."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.accounts.people import groups
from lkportal.accounts.people.deciding import Scope
from lkportal.accounts.people.forms import GroupForm, RenameForm
from lkportal.accounts.people.routes import hand_of, roles_here
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
    _judge_name(form)
    if not form.valid:
        return _page(request, form, 422)
    numbers = form.data.numbers.replace(",", " ").replace(";", " ").split()
    with unit_of_work(request) as db:
        who = request.actor.id or 0
        put_in = groups.put(db, who, mine, request.own_account, form.data.name, numbers, roles_here(request))
    left = [each for each in dict.fromkeys(numbers) if each not in put_in]
    if not left:
        return redirect(
            request, "accounts:groups", text("accounts.groups.put", "In the group now: %(n)s more.", n=len(put_in))
        )
    named = ", ".join(each[:20] for each in left[:_NAMED]) + ("…" if len(left) > _NAMED else "")
    done = text(
        "accounts.groups.put_some",
        "In the group now: %(n)s more. Not among those you manage: %(numbers)s.",
        n=len(put_in),
        numbers=named,
    )
    return redirect(request, "accounts:groups", done, "warn")


def take_out(request: Request) -> Response:
    """Take the account out of a group."""
    scope = _scope(request)
    with unit_of_work(request) as db:
        groups.take_out(db, scope, request.own_account)
    return redirect(request, "accounts:groups", text("accounts.groups.out", "The account is in this group no more."))


def one(request: Request) -> Response:
    """Show a group: its name, and how to dissolve it."""
    scope = _scope(request)
    return _group_page(request, scope, empty_form(RenameForm, {"name": scope.title}))


def rename(request: Request) -> Response:
    """Give a group another name."""
    scope, form = _scope(request), read_form(request, RenameForm)
    _judge_name(form)
    if not form.valid:
        return _group_page(request, scope, form, 422)
    with unit_of_work(request) as db:
        groups.rename(db, scope, request.own_account, form.data.name)
    return redirect(request, "accounts:groups", text("accounts.groups.renamed", "The group has another name now."))


def dissolve(request: Request) -> Response:
    """Dissolve a group: nobody reaches an account by it any more."""
    scope = _scope(request)
    with unit_of_work(request) as db:
        groups.dissolve(db, scope, request.own_account)
    return redirect(request, "accounts:groups", text("accounts.groups.dissolved", "The group is dissolved."))


def _scope(request: Request) -> Scope:
    scope = hand_of(request).scope(f"group-{request.path_params['group']}")
    if scope is None:
        raise NotFound
    return scope


def _judge_name(form: Form[Any]) -> None:
    if form.parsed and len(form.data.name) > 120:
        form.add_error("name", text("accounts.groups.long", "Choose a shorter name."))


def _group_page(request: Request, scope: Scope, form: Form[Any], status: int = 200) -> Response:
    key = request.path_params["group"]
    return page(request, "accounts/group.html", status, form=form, name=scope.title, key=key)


def _page(request: Request, form: Form[Any], status: int = 200) -> Response:
    mine = hand_of(request)
    shared = any(each.column == "organisation_id" for each in mine.scopes)
    return page(
        request, "accounts/groups.html", status, form=form, groups=groups.here(request.db, mine), organisation=shared
    )


_NAMED = 5
_MANAGE = on_account("accounts.manage")
_AT = "/home/{account}/groups"
GROUP_ROUTES = [
    route(_AT, show, name="groups", policy=_MANAGE),
    route(_AT, put, name="put_into_group", policy=_MANAGE, methods=("POST",), kind="action", body=16 * 1024),
    route(_AT + "/{group}", one, name="group", policy=_MANAGE),
    route(_AT + "/{group}", rename, name="rename_group", policy=_MANAGE, methods=("POST",), kind="action"),
    route(_AT + "/{group}/dissolve", dissolve, name="dissolve_group", policy=_MANAGE, methods=("POST",), kind="action"),
    route(_AT + "/{group}/out", take_out, name="take_out", policy=_MANAGE, methods=("POST",), kind="action"),
]
