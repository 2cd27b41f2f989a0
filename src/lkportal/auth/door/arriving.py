"""Where every way to sign in ends: a session and the page that was wanted, or the second step first. A new way checks its proof
and calls `arrive`; what a session is made of stands in entering. Also what all pages of the door work with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session as Unit
from starlette.responses import Response

from lkportal.auth import identities, sessions
from lkportal.auth.door import entering
from lkportal.auth.door.entering import Arrival, Door, Entered
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import device_of, origin_of, remember_device
from lkportal.auth.passwords import Passwords
from lkportal.auth.second import proving
from lkportal.auth.second.proving import EntryGone, Prover
from lkportal.auth.settings import AuthSettings
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.web import WHOLE, Form, Request, forget, redirect, redirect_to, safe_destination, session_cookie
from lkportal.web.cookies import ENTRY, SESSION, Cookie, read_cookie
from lkportal.web.page.frame import STAFF_HOME
from lkportal.web.request import unit_context

SECOND_STEP = "auth:second_step"


def arrive(request: Request, person: Row[Any], methods: tuple[str, ...], wanted: str, *, two: bool = False) -> Response:
    """Let in a person who has just proved who they are by `methods` ("password", "code:email", "oidc:yandex").

    `person` is a row of identities, `wanted` the page they wanted. `two`: this way alone is two factors, such as a passkey that
    knew its owner. Who has a second factor and wants it at entry is led to the second step. Raises WrongPassword when the person
    was disabled, or got a new password, since `person` was read.
    """
    here, device = door(request), device_of(request, settings_of(request).device_days)
    arrival = Arrival(methods, wanted, two, device.knows(person.public_id), read_cookie(request, request.site, SESSION))
    outcome = entering.let_in(here, person, arrival)
    if isinstance(outcome, Entered):
        return came_in(request, outcome, wanted)
    request.set_cookie(Cookie(ENTRY, outcome.token, here.settings.entry_minutes * 60))
    return redirect_to(request, request.url(SECOND_STEP))


def person_asked(request: Request) -> Row[Any]:
    """Return whose second factor is asked for: of a sign-in that waits, else of who is signed in. Raises EntryGone."""
    token = read_cookie(request, request.site, ENTRY)
    if request.actor.kind == "anonymous":
        return proving.waiting_person(door(request), token)[1]
    person = identities.by_id(request.db, request.actor.id or 0)
    if person is None:
        raise EntryGone
    return person


def finish(request: Request, prove: Prover, wanted: str = "") -> Response:
    """Use the second factor that was handed in: the sign-in that waits ends in a session, that of who is signed in is renewed.

    `wanted` is the page to go on to for who is signed in. Raises EntryGone, TooOften, WrongCode.
    """
    here = door(request)
    if request.actor.kind != "anonymous":
        request.set_cookie(session_cookie(proving.prove_again(here, request.actor, prove)))
        return redirect_to(request, destination(request, wanted, request.actor.kind))
    token, device = read_cookie(request, request.site, ENTRY), device_of(request, here.settings.device_days)
    number = device.number if device.knows(proving.waiting_person(here, token)[1].public_id) else ""
    entered, wanted = proving.take_step(here, token, prove, device=number)
    return came_in(request, entered, wanted)


def came_in(request: Request, entered: Entered, wanted: str) -> Response:
    """Give the browser its session, remember the device, and go on to the page that was wanted."""
    days, person = settings_of(request).device_days, entered.person
    request.set_cookie(session_cookie(entered.session.token))
    if read_cookie(request, request.site, ENTRY):
        request.set_cookie(forget(ENTRY))
    remember_device(request, device_of(request, days).with_person(person.public_id), days)
    return redirect_to(request, destination(request, wanted, person.kind))


def signed_out(request: Request, through: str = "") -> Response:
    """Lead somebody whose session was ended to the sign-in, and have the browser drop what it keeps of our pages.

    `through` is a page of ours that first signs them out elsewhere, and leads back.
    """
    request.set_cookie(forget(SESSION))
    answer = redirect(request, "auth:login", text("auth.logout.done", "You are signed out."))
    if through:
        answer = redirect_to(request, through)
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def renewed(request: Request, db: Unit) -> None:
    """Give the session of this request a new token, in the unit in which its person came by other rights: a second person's
    account, a way to sign in. Nobody goes on with the old one. The cookie is sent with the answer."""
    request.set_cookie(session_cookie(sessions.renew(db, request.actor.session_id or 0)))


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
