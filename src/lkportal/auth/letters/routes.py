"""Pages around letters: ask for access, confirm it, ask for a new password, set it. Answers never tell who is known."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth.door.arriving import door, refused, settings_of, waiting
from lkportal.auth.door.entering import Door, text_of
from lkportal.auth.forms import NewPasswordForm, RecoverForm, RegisterForm
from lkportal.auth.letters import joining
from lkportal.auth.letters.joining import AlreadyKnown, LinkGone
from lkportal.auth.limits import TooOften, admit, link_limits
from lkportal.auth.origins import device_of, remember_device
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.unit import open_unit
from lkportal.web import Form, Request, empty_form, page, read_form, redirect
from lkportal.web.page import flash as flashes


def register(request: Request) -> Response:
    """Show the page to ask for access."""
    _open_to_all(request)
    return _asking(request, "register", empty_form(RegisterForm))


def ask_for_access(request: Request) -> Response:
    """Queue a letter to the mailbox and say so, whoever it belongs to."""
    _open_to_all(request)
    form = read_form(request, RegisterForm)
    if not form.valid:
        return _asking(request, "register", form, 422)
    try:
        joining.ask_for_access(door(request), form.data.name, form.data.email, request.locale.code, request.brand)
    except TooOften as error:
        return _asking(request, "register", refused(form, error), error.status, error)
    hours = settings_of(request).confirm_hours
    return page(request, "auth/register_sent.html", email=form.data.email, hours=hours)


def confirm(request: Request) -> Response:
    """Show the page behind a confirmation link: choose a password."""
    try:
        asked = joining.registration_behind(door(request), str(request.path_params["token"]))
    except LinkGone:
        return _gone(request, "auth:register")
    return _confirming(request, asked, empty_form(NewPasswordForm))


def confirm_set(request: Request) -> Response:
    """Spend the confirmation link with the chosen password; the person then signs in with it."""
    form, token = read_form(request, NewPasswordForm), str(request.path_params["token"])
    try:
        here = _admitted(request)
        asked = joining.registration_behind(here, token)
        if not _acceptable(request, form, here, (asked.email, asked.name)):
            return _confirming(request, asked, form, 422)
        identity = joining.confirm(here, token, asked, form.data.password)
    except LinkGone:
        return _gone(request, "auth:register")
    except AlreadyKnown as error:
        return redirect(request, "auth:login", text_of(error), "inf")
    _remember(request, identity)
    done = text("auth.confirm.done", "Your access is ready. Sign in with the password you have just chosen.")
    flashes.leave(request, done, "ok", typed=asked.email)
    return redirect(request, "auth:login")


def recover(request: Request) -> Response:
    """Show the page to ask for a new password."""
    return _asking(request, "recover", empty_form(RecoverForm))


def ask_for_recovery(request: Request) -> Response:
    """Queue a letter to the mailbox of the login, if there is one, and say the same in any case."""
    form = read_form(request, RecoverForm)
    if not form.valid:
        return _asking(request, "recover", form, 422)
    try:
        joining.ask_for_recovery(door(request), form.data.login, request.locale.code, request.brand)
    except TooOften as error:
        return _asking(request, "recover", refused(form, error), error.status, error)
    return page(request, "auth/recover_sent.html", minutes=settings_of(request).recover_minutes)


def recover_set(request: Request) -> Response:
    """Show the page behind a recovery link: choose a new password."""
    try:
        joining.person_behind(door(request), str(request.path_params["token"]))
    except LinkGone:
        return _gone(request, "auth:recover")
    return page(request, "auth/recover_set.html", form=empty_form(NewPasswordForm))


def recovered(request: Request) -> Response:
    """Spend the recovery link: a new password, every session ends, and the person signs in anew."""
    form, token = read_form(request, NewPasswordForm), str(request.path_params["token"])
    try:
        here = _admitted(request)
        person = joining.person_behind(here, token)
        if not _acceptable(request, form, here, (person.login, person.name)):
            return page(request, "auth/recover_set.html", 422, form=form)
        joining.recover(here, token, person, form.data.password)
    except LinkGone:
        return _gone(request, "auth:recover")
    _remember(request, person.public_id)
    done = text(
        "auth.recover.done", "The password is changed, and all devices are signed out. Sign in with the new one."
    )
    flashes.leave(request, done, "ok", typed=person.login)
    return redirect(request, "auth:login")


def password_problem(request: Request, here: Door, password: str, words: tuple[str, ...]) -> Text | None:
    """Return what is wrong with a new password, the names of the company and of the portal being its own words."""
    brand = request.visit.edge.brand(request.visit)
    return here.passwords.problem(password, (*words, brand.name, brand.legal_name, "lkportal"))


def _acceptable(request: Request, form: Form[Any], here: Door, words: tuple[str, ...]) -> bool:
    if form.valid:
        problem = password_problem(request, here, form.data.password, words)
        if problem is not None:
            form.add_error("password", problem)
    return form.valid


def _admitted(request: Request) -> Door:
    """Return the door, once this network may open another link. Raises TooOften."""
    here = door(request)
    with open_unit(here.database, here.circumstances) as db:
        admit(db, link_limits(here.origin.network, here.settings))
    return here


def _remember(request: Request, person: str) -> None:
    """Whoever opened the letter on this device is known here: a stranger's guessing does not lock them out."""
    days = settings_of(request).device_days
    remember_device(request, device_of(request, days).with_person(person), days)


def _open_to_all(request: Request) -> None:
    if not settings_of(request).registration:
        raise NotFound


def _asking(
    request: Request, what: str, form: Form[Any], status: int = 200, error: PortalError | None = None
) -> Response:
    return waiting(page(request, f"auth/{what}.html", status, form=form), error)


def _confirming(request: Request, asked: Any, form: Form[Any], status: int = 200) -> Response:
    return page(request, "auth/confirm.html", status, form=form, email=asked.email, name=asked.name)


def _gone(request: Request, again: str) -> Response:
    return page(request, "auth/link_gone.html", 410, again=request.url(again))
