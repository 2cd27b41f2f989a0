"""Pages of the door: sign in, sign out, prove it is you. Asking for access and recovery are in routes_letters."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth import entering
from lkportal.auth.entering import Door, NotThePassword, WrongPassword
from lkportal.auth.forms import ProofForm, SignInForm
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import device_of, origin_of, remember_device
from lkportal.auth.passwords import Passwords
from lkportal.auth.settings import AuthSettings
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.web import (
    WHOLE,
    Form,
    Request,
    empty_form,
    forget,
    page,
    read_form,
    redirect,
    redirect_to,
    safe_destination,
    session_cookie,
)
from lkportal.web import flash as flashes
from lkportal.web.cookies import SESSION, read_cookie
from lkportal.web.frame import STAFF_HOME
from lkportal.web.request import unit_context


def login(request: Request) -> Response:
    """Show the sign-in page; who is signed in already goes on to where they wanted."""
    wanted = request.query_params.get("next", "")
    if request.actor.kind != "anonymous":
        return redirect_to(request, destination(request, wanted, request.actor.kind))
    return _login_page(request, empty_form(SignInForm, {"next": wanted, "login": flashes.typed(request)}))


def sign_in(request: Request) -> Response:
    """Check login and password; a fresh session cookie, the device remembered, and on to the page that was wanted."""
    form = read_form(request, SignInForm)
    if not form.valid:
        return _login_page(request, form, 422)
    settings = settings_of(request)
    data, device = form.data, device_of(request, settings.device_days)
    try:
        entered = entering.sign_in(
            door(request),
            data.login,
            data.password,
            device=device.number if device.knows(data.login) else "",
            old_token=read_cookie(request, request.site, SESSION),
        )
    except (WrongPassword, TooOften) as error:
        return _login_page(request, refused(form, error), error.status, error)
    request.set_cookie(session_cookie(entered.session.token))
    remember_device(request, device.with_person(data.login), settings.device_days)
    return redirect_to(request, destination(request, data.next, entered.person.kind))


def logout(request: Request) -> Response:
    """End the session and have the browser drop what it keeps of our pages."""
    token = read_cookie(request, request.site, SESSION)
    if token:
        entering.leave(door(request), token)
        request.set_cookie(forget(SESSION))
    answer = redirect(request, "auth:login", text("auth.logout.done", "You are signed out."))
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def step_up(request: Request) -> Response:
    """Ask for the password again before something delicate."""
    return _step_up_page(request, empty_form(ProofForm, {"next": request.query_params.get("next", "")}))


def prove(request: Request) -> Response:
    """Check the password again; the session gets a new token."""
    form = read_form(request, ProofForm)
    if not form.valid:
        return _step_up_page(request, form, 422)
    try:
        token = entering.prove(door(request), request.actor, form.data.password)
    except NotThePassword as error:
        form.add_error("password", entering.text_of(error))
        return _step_up_page(request, form, error.status)
    except TooOften as error:
        return _step_up_page(request, refused(form, error), error.status, error)
    request.set_cookie(session_cookie(token))
    return redirect_to(request, destination(request, form.data.next, request.actor.kind))


def door(request: Request) -> Door:
    """Return what a check at the door works with."""
    passwords = request.portal.ports.get(Passwords)
    return Door(request.portal.database, unit_context(request), passwords, settings_of(request), origin_of(request))


def settings_of(request: Request) -> AuthSettings:
    """Return the settings of auth."""
    return request.portal.ports.get(AuthSettings)


def destination(request: Request, wanted: str, kind: str) -> str:
    """Return where a person goes after signing in: the page they wanted if it is ours, else the desk or their home."""
    root, routes = request.visit.root, request.visit.edge.routes
    home = request.url(STAFF_HOME) if kind == "staff" and STAFF_HOME in routes.by_name else root + "/"
    return safe_destination(routes, root, wanted, home)


def refused(form: Form[Any], error: PortalError) -> Form[Any]:
    """Put what was refused above the form."""
    form.add_error(WHOLE, entering.text_of(error))
    return form


def waiting(answer: Response, error: PortalError | None) -> Response:
    """Say in the answer's header how long to wait, when it is about a limit."""
    if isinstance(error, TooOften):
        answer.headers["retry-after"] = str(max(1, int(error.wait.total_seconds())))
    return answer


def _login_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    registration = settings_of(request).registration
    return waiting(page(request, "auth/login.html", status, form=form, registration=registration), error)


def _step_up_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    return waiting(page(request, "auth/step_up.html", status, form=form), error)
