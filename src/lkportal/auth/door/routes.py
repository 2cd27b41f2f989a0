"""Pages of the door: sign in, sign out, prove it is you. Asking for access and recovery are in letters."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth.contract import WithoutSigningIn
from lkportal.auth.door import entering
from lkportal.auth.door.arriving import arrive, destination, door, refused, settings_of, signed_out, waiting
from lkportal.auth.door.entering import NotThePassword, WrongPassword
from lkportal.auth.door.ways import Ways
from lkportal.auth.forms import ProofForm, SecondForm, SignInForm
from lkportal.auth.guard import demand_way
from lkportal.auth.limits import TooOften
from lkportal.auth.oidc.leaving import way_out
from lkportal.auth.origins import device_of
from lkportal.auth.second.routes import step_up_page
from lkportal.core.errors import PortalError
from lkportal.web import Form, Request, empty_form, forget, page, read_form, redirect_to, session_cookie
from lkportal.web.cookies import SESSION, read_cookie
from lkportal.web.outside import GoingOn
from lkportal.web.page import flash as flashes


def login(request: Request) -> Response:
    """Show the sign-in page; who is signed in already goes on to where they wanted."""
    wanted = request.query_params.get("next", "")
    if request.actor.kind != "anonymous":
        return redirect_to(request, destination(request, wanted, request.actor.kind))
    return login_page(request, empty_form(SignInForm, {"next": wanted, "login": flashes.typed(request)}))


def sign_in(request: Request) -> Response:
    """Check login and password, and let the person in."""
    demand_way(request, "password")
    form = read_form(request, SignInForm)
    if not form.valid:
        return login_page(request, form, 422)
    data, device = form.data, device_of(request, settings_of(request).device_days)
    try:
        person = entering.check_password(door(request), data.login, data.password, device=device)
        return arrive(request, person, ("password",), data.next)
    except (WrongPassword, TooOften) as error:
        return login_page(request, refused(form, error), error.status, error)


def logout(request: Request) -> Response:
    """End the session and have the browser drop what it keeps of our pages."""
    token, through = read_cookie(request, request.site, SESSION), way_out(request)
    if token:
        entering.leave(door(request), token)
        request.set_cookie(forget(SESSION))
    return signed_out(request, through)


def prove(request: Request) -> Response:
    """Check the password again; the session gets a new token."""
    form = read_form(request, ProofForm)
    code = empty_form(SecondForm, {"next": form.value("next"), "purpose": form.value("purpose")})
    if not form.valid:
        return step_up_page(request, form, code, 422)
    try:
        token = entering.prove(door(request), request.actor, form.data.password)
    except NotThePassword as error:
        form.add_error("password", entering.text_of(error))
        return step_up_page(request, form, code, error.status)
    except TooOften as error:
        return step_up_page(request, refused(form, error), code, error.status, error)
    request.set_cookie(session_cookie(token))
    return redirect_to(request, destination(request, form.data.next, request.actor.kind))


def login_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    """Past a limit the page offers a code, which no stranger's guessing keeps anybody from: the same to known and unknown."""
    ways, wanted = request.portal.ports.get(Ways), form.value("next")
    beside = request.portal.ports.find(WithoutSigningIn)  # type: ignore[type-abstract]
    outside = request.portal.ports.find(GoingOn)  # type: ignore[type-abstract]
    shown = page(
        request,
        "auth/login.html",
        status,
        form=form,
        ways=ways.open,
        next=wanted,
        going_on=outside.said(request) if outside is not None else None,
        registration=settings_of(request).registration,
        offer_code=isinstance(error, TooOften) and ways.has("code"),
        without=request.url(beside.route) if beside is not None and beside.route else "",
    )
    return waiting(shown, error)
