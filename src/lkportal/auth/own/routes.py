"""Pages of a signed-in person about their access: the password, the devices they are signed in on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lkportal.auth import sessions
from lkportal.auth.door import entering
from lkportal.auth.door.arriving import door, refused, settings_of, signed_out, waiting
from lkportal.auth.door.entering import NotThePassword, WrongPassword
from lkportal.auth.forms import ChangePasswordForm
from lkportal.auth.letters.routes import password_problem
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import spoken_network
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, session_cookie, unit_of_work

_METHODS = {
    "password": text("auth.method.password", "password"),
    "code": text("auth.method.code", "code from a message"),
    "link": text("auth.method.link", "link from a message"),
    "passkey": text("auth.method.passkey", "passkey"),
    "totp": text("auth.method.totp", "code from the app"),
    "recovery": text("auth.method.recovery", "recovery code"),
    "oidc": text("auth.method.oidc", "another site's sign-in"),
    "ldap": text("auth.method.ldap", "the company's directory"),
}
_OTHER = text("auth.method.other", "another way")


def password(request: Request) -> Response:
    """Show the page to change the password."""
    return _password_page(request, empty_form(ChangePasswordForm))


def change_password(request: Request) -> Response:
    """Change the password: this device goes on with a new session token, all others are signed out."""
    form, here = read_form(request, ChangePasswordForm), door(request)
    if form.valid:
        problem = password_problem(request, here, form.data.password, (request.actor.login, request.actor.name))
        if problem is not None:
            form.add_error("password", problem)
    if not form.valid:
        return _password_page(request, form, 422)
    try:
        token = entering.change_password(here, request.actor, form.data.current, form.data.password)
    except NotThePassword as error:
        form.add_error("current", entering.text_of(error))
        return _password_page(request, form, error.status)
    except (TooOften, WrongPassword) as error:
        return _password_page(request, refused(form, error), error.status, error)
    request.set_cookie(session_cookie(token))
    done = text("auth.change.done", "The password is changed. Your other devices are signed out.")
    return redirect(request, "auth:sessions", done)


def devices(request: Request) -> Response:
    """Show where the person is signed in."""
    rows = sessions.living(request.db, request.actor.id or 0, request.portal.clock.now())
    zone = request.menu_account.time_zone if request.menu_account else request.portal.settings.portal.time_zone
    mine = next((row.family for row in rows if row.id == request.actor.session_id), None)
    newest = {row.family: row for row in reversed(rows)}
    return page(
        request,
        "auth/sessions.html",
        here=[row for row in rows if row.id == request.actor.session_id],
        others=[row for row in newest.values() if row.family != mine][::-1],
        zone=zone,
        now=request.portal.clock.now(),
        icon_of=icon_of,
        network_of=spoken_network,
        methods_of=spoken_methods,
    )


def end_session(request: Request) -> Response:
    """End one session of the person; ending the present one is signing out."""
    actor, wanted = request.actor, str(request.path_params["session"])
    rows = sessions.living(request.db, actor.id or 0, request.portal.clock.now())
    mine = next((row for row in rows if row.public_id == wanted), None)
    if mine is None:
        raise NotFound
    with unit_of_work(request) as db:
        sessions.revoke(db, actor.id or 0, actor.public_id, wanted)
        entering.audit(db, "auth.session_revoked", wanted)
    if any(row.id == actor.session_id and row.family == mine.family for row in rows):
        return signed_out(request)
    return redirect(request, "auth:sessions", text("auth.sessions.ended", "That device is signed out."))


def end_others(request: Request) -> Response:
    """End all sessions of the person but this one."""
    actor = request.actor
    with unit_of_work(request) as db:
        sessions.revoke_all(db, actor.id or 0, actor.public_id, keep=actor.session_id)
        entering.audit(db, "auth.other_sessions_revoked", actor.public_id)
    return redirect(request, "auth:sessions", text("auth.sessions.all_ended", "All your other devices are signed out."))


def end_all(request: Request) -> Response:
    """End all sessions of the person, this one too."""
    actor = request.actor
    with unit_of_work(request) as db:
        sessions.revoke_all(db, actor.id or 0, actor.public_id)
        entering.audit(db, "auth.all_sessions_revoked", actor.public_id)
    return signed_out(request)


def icon_of(device: str) -> str:
    """Return the icon of a device in words."""
    return "smartphone" if any(sign in device for sign in ("iPhone", "iPad", "Android")) else "monitor"


def spoken_methods(methods: str) -> Sequence[Text]:
    """Return how somebody signed in, in words: "password totp" is the password and the code of the app."""
    return [_METHODS.get(each) or _METHODS.get(each.partition(":")[0]) or _OTHER for each in methods.split()]


def _password_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    least = settings_of(request).password_least
    return waiting(page(request, "auth/password.html", status, form=form, least=least), error)
