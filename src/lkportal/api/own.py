"""A customer's pages about their programs: the tokens they made, a new one shown once, taking one back."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.api import tokens
from lkportal.api.forms import ProgramForm
from lkportal.api.rest.scopes import Scopes
from lkportal.api.settings import ApiSettings
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.policy import signed_in
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_YEAR = "365"


def show(request: Request) -> Response:
    """Show the tokens of a person."""
    known = request.portal.ports.get(Scopes).of("customers")
    now = request.portal.clock.now()
    rows = [(row, [known[name].title for name in row.rights if name in known]) for row in _rows(request)]
    return page(request, "api/own.html", rows=rows, now=now, zone=_zone(request))


def adding(request: Request) -> Response:
    """Show the form for a new token."""
    return _form(request, empty_form(ProgramForm))


def add(request: Request) -> Response:
    """Make a token and show its secret, this once."""
    form = read_form(request, ProgramForm)
    known = request.portal.ports.get(Scopes).of("customers")
    if not form.valid or not set(form.data.scopes) <= set(known):
        return _form(request, form, 422)
    try:
        with unit_of_work(request) as db:
            secret = tokens.add_own(db, _person(request), form.data.name, form.data.scopes, days=form.data.days)
    except PortalError as error:
        form.add_error("", error.message)  # type: ignore[arg-type]
        return _form(request, form, 422)
    return page(request, "api/own_made.html", name=form.data.name, secret=secret, address=_address(request))


def revoke(request: Request) -> Response:
    """Take a token back."""
    with unit_of_work(request) as db:
        tokens.revoke(db, str(request.path_params["program"]), identity_id=_person(request))
    return redirect(request, "api:own", tokens.REVOKED)


def _form(request: Request, form: Form[ProgramForm], status: int = 200) -> Response:
    choices = [(name, scope.title) for name, scope in request.portal.ports.get(Scopes).of("customers").items()]
    chosen = form.value("scopes") or []
    return page(request, "api/own_add.html", status=status, form=form, scopes=choices, chosen=chosen, days=_YEAR)


def _rows(request: Request) -> Any:
    return tokens.own(request.db, _person(request))


def _address(request: Request) -> str:
    return request.site.public_url.rstrip("/") + request.visit.edge.routes.path("accounts:api_accounts", {})


def _zone(request: Request) -> str:
    return request.portal.settings.portal.time_zone


def _person(request: Request) -> int:
    if request.actor.id is None:
        raise NotFound
    return request.actor.id


def is_on(settings: ApiSettings, _brought: Any = None) -> bool:
    """Whether customers may have tokens."""
    return settings.open and settings.customer_tokens


_OWN, _MAKE = signed_in(private=True), signed_in(step_up=True, private=True)
OWN_PAGES: list[RouteSpec] = [
    route("/access", show, name="own", policy=_OWN, on=is_on),
    route("/access/new", adding, name="own_adding", policy=_MAKE, on=is_on),
    route("/access/new", add, name="own_add", policy=_MAKE, methods=("POST",), on=is_on),
    route("/access/{program}/revoke", revoke, name="own_revoke", policy=_OWN, methods=("POST",), on=is_on),
]
ENTRY = (
    "api:own",
    text("api.own.title", "Access for programs"),
    text("api.own.hint", "Tokens by which programs of yours see and do what you may"),
    "key-round",
)
