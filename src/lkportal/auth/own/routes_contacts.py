"""Pages of a signed-in person about their contacts and login: what they are, and the new one proved by a code. The rules stand in
contacts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from lkportal.auth import identities, names
from lkportal.auth.door.arriving import door, refused, waiting
from lkportal.auth.forms import CodeForm, LoginForm, NewEmailForm, NewPhoneForm
from lkportal.auth.guard import known_person
from lkportal.auth.limits import TooOften
from lkportal.auth.one_time.codes import LASTS
from lkportal.auth.one_time.cookie import CONTACT, Asked, asked_of, keep
from lkportal.auth.one_time.minting import DIGITS, Mint
from lkportal.auth.one_time.routes import texts_on
from lkportal.auth.own import contacts
from lkportal.auth.own.contacts import MEANWHILE, ChangedMeanwhile, Kind
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.web import WHOLE, Form, FormModel, Request, empty_form, forget, page, read_form, redirect, route

_CHOSEN_ONLY = text(
    "auth.names.chosen", "3 to 64 Latin letters, digits, dots, hyphens or underscores, with a letter among them."
)
_LOGIN_TAKEN = text("auth.names.taken", "This login is taken. Choose another one.")
_PHONE_IS_LOGIN = text("auth.contact.phone_is_login", "You sign in with this phone. Choose another login first.")
_WRONG = text("auth.code.wrong", "This code does not fit. Check the digits, or ask for a new code.")


@dataclass(frozen=True, slots=True)
class _Field:
    """What differs between the page of the e-mail and that of the phone."""

    kind: Kind
    model: type[FormModel]
    done: Text
    taken: Text


_FIELDS: dict[str, _Field] = {
    "email": _Field(
        "email",
        NewEmailForm,
        text("auth.contact.email_done", "Your e-mail is changed. Sign in and get letters with the new one."),
        text("auth.contact.email_taken", "This e-mail signs somebody else in here. Take another one."),
    ),
    "phone": _Field(
        "phone",
        NewPhoneForm,
        text("auth.contact.phone_done", "Your phone is changed. You can sign in with it."),
        text("auth.contact.phone_taken", "This phone signs somebody else in here. Take another one."),
    ),
}


def show(field: _Field, request: Request) -> Response:
    """Show the contact and the form for another one."""
    if not _offered(request, field):
        return redirect(request, "accounts:settings")
    return _page(request, field, empty_form(field.model))


def change(field: _Field, request: Request) -> Response:
    """Send a code to the new contact, whoever has it, and go to where it is typed."""
    if not _offered(request, field):
        return redirect(request, "accounts:settings")
    here = door(request)
    form = read_form(request, field.model)
    if not form.valid:
        return _page(request, field, form, 422)
    new = str(getattr(form.data, field.kind))
    person = identities.by_id(request.db, request.actor.id or 0)
    if person is not None and getattr(person, field.kind) == new and getattr(person, f"{field.kind}_confirmed_at"):
        form.add_error(field.kind, text("auth.contact.same", "This is what we have already."))
        return _page(request, field, form, 422)
    mint = request.portal.ports.get(Mint)
    try:
        secret = contacts.ask(here, mint, request.actor, field.kind, new, request.locale.code, request.brand)
    except TooOften as error:
        return _page(request, field, refused(form, error), error.status, error)
    keep(request, Asked(secret, new, "sms" if field.kind == "phone" else "email"), CONTACT)
    return redirect(request, f"auth:{field.kind}_code")


def enter(field: _Field, request: Request) -> Response:
    """Show where the code is typed that went to the new contact."""
    if not _offered(request, field):
        return redirect(request, "accounts:settings")
    asked = asked_of(request, CONTACT)
    if asked is None:
        return redirect(request, f"auth:{field.kind}")
    return _code_page(request, field, asked, empty_form(CodeForm))


def confirm(field: _Field, request: Request) -> Response:
    """Spend the code: the new contact is theirs, the old one is told."""
    if not _offered(request, field):
        return redirect(request, "accounts:settings")
    asked = asked_of(request, CONTACT)
    if asked is None:
        return redirect(request, f"auth:{field.kind}")
    form = read_form(request, CodeForm)
    if not form.valid:
        return _code_page(request, field, asked, form, 422)
    mint = request.portal.ports.get(Mint)
    try:
        outcome = contacts.confirm(door(request), mint, request.actor, field.kind, asked.browser, form.data.code)
    except ChangedMeanwhile:
        form.add_error(WHOLE, MEANWHILE)
        return _code_page(request, field, asked, form, 409)
    if outcome != "kept":
        form.add_error("code" if outcome == "wrong" else WHOLE, _WRONG if outcome == "wrong" else field.taken)
        return _code_page(request, field, asked, form, 422 if outcome == "wrong" else 409)
    request.set_cookie(forget(CONTACT))
    return redirect(request, "accounts:settings", field.done)


def forget_phone(request: Request) -> Response:
    """Take the phone away."""
    try:
        if contacts.drop_phone(door(request), request.actor):
            return redirect(request, "accounts:settings", text("auth.contact.phone_gone", "Your phone is taken away."))
        reason = _PHONE_IS_LOGIN
    except ChangedMeanwhile:
        reason = MEANWHILE
    form = empty_form(NewPhoneForm)
    form.add_error(WHOLE, reason)
    return _page(request, _FIELDS["phone"], form, 409)


def show_login(request: Request) -> Response:
    """Show the login and the other names that sign this person in."""
    return _login_page(request, empty_form(LoginForm, {"login": request.actor.login}))


def change_login(request: Request) -> Response:
    """Give the person another login."""
    form = read_form(request, LoginForm)
    if form.valid and form.data.login != request.actor.login and not names.CHOSEN.fullmatch(form.data.login):
        form.add_error("login", _CHOSEN_ONLY)
    if not form.valid:
        return _login_page(request, form, 422)
    try:
        if contacts.change_login(door(request), request.actor, form.data.login):
            return redirect(request, "accounts:settings", text("auth.names.done", "Your login is changed."))
    except TooOften as error:
        return _login_page(request, refused(form, error), error.status, error)
    except ChangedMeanwhile:
        form.add_error("login", MEANWHILE)
        return _login_page(request, form, 409)
    form.add_error("login", _LOGIN_TAKEN)
    return _login_page(request, form, 409)


def _offered(request: Request, field: _Field) -> bool:
    """Whether there is a way to prove this contact: a phone is asked for only where text messages can."""
    return field.kind == "email" or texts_on(request)


def _page(
    request: Request, field: _Field, form: Form[Any], status: int = 200, error: PortalError | None = None
) -> Response:
    person = identities.by_id(request.db, request.actor.id or 0)
    now = getattr(person, field.kind) if person is not None else ""
    may_drop = field.kind == "phone" and bool(now) and now != request.actor.login
    shown = page(
        request,
        f"auth/contact_{field.kind}.html",
        status,
        form=form,
        now=names.spoken(now),
        may_drop=may_drop,
    )
    return waiting(shown, error)


def _code_page(request: Request, field: _Field, asked: Asked, form: Form[CodeForm], status: int = 200) -> Response:
    minutes = int(LASTS.total_seconds()) // 60
    return page(
        request,
        "auth/contact_code.html",
        status,
        form=form,
        kind=field.kind,
        typed=names.spoken(asked.typed),
        minutes=minutes,
        length=DIGITS,
    )


def _login_page(
    request: Request, form: Form[LoginForm], status: int = 200, error: PortalError | None = None
) -> Response:
    others = [name for name in names.of(request.db, request.actor.id or 0) if name != request.actor.login]
    shown = page(request, "auth/login_name.html", status, form=form, others=others)
    return waiting(shown, error)


_BODY, _POST = 8 * 1024, ("POST",)
_FRESH = known_person(step_up="contacts")


def _routes(field: _Field) -> list[RouteSpec]:
    kind, path = field.kind, f"/settings/{field.kind}"
    return [
        route(path, partial(show, field), name=kind, policy=_FRESH),
        route(path, partial(change, field), name=f"change_{kind}", policy=_FRESH, methods=_POST, body=_BODY),
        route(f"{path}/code", partial(enter, field), name=f"{kind}_code", policy=_FRESH),
        route(
            f"{path}/code", partial(confirm, field), name=f"confirm_{kind}", policy=_FRESH, methods=_POST, body=_BODY
        ),
    ]


CONTACT_ROUTES = [
    route("/settings/login", show_login, name="login_name", policy=_FRESH),
    route("/settings/login", change_login, name="change_login", policy=_FRESH, methods=_POST, body=_BODY),
    *_routes(_FIELDS["email"]),
    *_routes(_FIELDS["phone"]),
    route("/settings/phone/remove", forget_phone, name="forget_phone", policy=_FRESH, methods=_POST, body=_BODY),
]
