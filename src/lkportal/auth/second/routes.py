"""Pages that ask for a second factor: the second step of a sign-in, and the proof before something delicate. Setting one up and
turning it off stand in routes_factors."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth.door.arriving import destination, door, finish, person_asked, refused, waiting
from lkportal.auth.door.entering import text_of
from lkportal.auth.external.providers import VouchingWays
from lkportal.auth.forms import ProofForm, SecondForm
from lkportal.auth.guard import known_person, proof_wanted
from lkportal.auth.limits import TooOften
from lkportal.auth.second import proving, recovery_codes
from lkportal.auth.second.proving import EntryGone, WrongCode
from lkportal.auth.second.ways import ways_of
from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import anyone
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, redirect_to, route

_PURPOSES = ("always", "second", "entry", "payment", "signature", "contacts")
_BODY = 8 * 1024
_PAPER = text("auth.second.wrong_paper", "This recovery code does not fit or was used already. Take another one.")


def second_step(request: Request) -> Response:
    """Ask for the second factor of somebody whose first one was right."""
    if request.actor.kind != "anonymous":
        return redirect_to(request, destination(request, "", request.actor.kind))
    try:
        return step_page(request, empty_form(SecondForm))
    except EntryGone as error:
        return gone(request, error)


def take_second(request: Request) -> Response:
    """Check the second factor and let the person in."""
    form = read_form(request, SecondForm)
    try:
        if not form.valid:
            return step_page(request, form, 422)
        return _finished(request, form)
    except EntryGone as error:
        return gone(request, error)


def step_up(request: Request) -> Response:
    """Ask for a fresh proof before something delicate: the second factor, or the password of who has none."""
    asked = {"next": request.query_params.get("next", ""), "purpose": request.query_params.get("for", "")}
    return step_up_page(request, empty_form(ProofForm, asked), empty_form(SecondForm, asked))


def prove_second(request: Request) -> Response:
    """Check the second factor of somebody who is signed in; the session gets a new token."""
    form = read_form(request, SecondForm)
    asked = empty_form(ProofForm, {"next": form.value("next"), "purpose": form.value("purpose")})
    try:
        if not form.valid:
            return step_up_page(request, asked, form, 422)
        return _finished(request, form)
    except EntryGone as error:
        return gone(request, error)


def step_up_page(
    request: Request, form: Form[Any], code: Form[Any], status: int = 200, error: PortalError | None = None
) -> Response:
    """Show what may prove it is them: the second factors they have, and the password unless the purpose asks for more."""
    named = form.value("purpose")
    purpose: Any = named if named in _PURPOSES else "always"
    wanted, person = proof_wanted(request.actor, purpose, request.portal.clock.now()), person_asked(request)
    shown = page(
        request,
        "auth/step_up.html",
        status,
        form=form,
        code=code,
        ways=_ways(request, person),
        providers=request.portal.ports.get(VouchingWays).provers(request.db, person.id, second=wanted == "second"),
        by_password=bool(person.password_hash) and wanted != "second",
        action=request.url("auth:prove_second"),
        next=form.value("next"),
        purpose=purpose,
    )
    return waiting(shown, error)


def _finished(request: Request, form: Form[Any]) -> Response:
    """Use what was typed, or show the page again with what is wrong. Raises EntryGone."""
    try:
        return finish(request, proving.by_code(door(request), form.data.code), form.data.next)
    except WrongCode as error:
        form.add_error("code", _PAPER if form.value("kind") == "recovery" else text_of(error))
        return _again(request, form, error)
    except TooOften as error:
        return _again(request, refused(form, error), error)


def _again(request: Request, form: Form[Any], error: PortalError) -> Response:
    if request.actor.kind == "anonymous":
        return step_page(request, form, error.status, error)
    asked = empty_form(ProofForm, {"next": form.value("next"), "purpose": form.value("purpose")})
    return step_up_page(request, asked, form, error.status, error)


def step_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    """Show the second step of a sign-in that waits. Raises EntryGone."""
    ways = _ways(request, person_asked(request))
    action = request.url("auth:take_second")
    shown = page(request, "auth/second_step.html", status, code=form, ways=ways, action=action, next="", purpose="")
    return waiting(shown, error)


def _ways(request: Request, person: Any) -> Any:
    return ways_of(person.second_ways, recovery_codes.left(request.db, person.id))


def gone(request: Request, error: EntryGone) -> Response:
    """Lead back to the sign-in: the second step came too late."""
    said = error.message if isinstance(error.message, Text) else None
    return redirect(request, "auth:login", said, "inf")


SECOND_ROUTES = [
    route("/login/second", second_step, name="second_step", policy=anyone()),
    route(
        "/login/second",
        take_second,
        name="take_second",
        policy=anyone(),
        methods=("POST",),
        limiter="hash",
        body=_BODY,
    ),
    route("/step-up", step_up, name="step_up", policy=known_person()),
    route(
        "/step-up/second",
        prove_second,
        name="prove_second",
        policy=known_person(),
        methods=("POST",),
        limiter="hash",
        body=_BODY,
    ),
]
