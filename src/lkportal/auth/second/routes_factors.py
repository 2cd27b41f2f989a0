"""Pages of a signed-in person about their second factor: the authenticator app, recovery codes, what it is asked for. All of them
are behind a fresh proof, by the second factor itself where there is one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth import identities
from lkportal.auth.door.arriving import destination, door, refused, settings_of, waiting
from lkportal.auth.door.entering import text_of
from lkportal.auth.forms import AppForm, AsksForm
from lkportal.auth.guard import known_person
from lkportal.auth.limits import TooOften
from lkportal.auth.second import proving, recovery_codes, totp
from lkportal.auth.second.factors import PURPOSES
from lkportal.auth.second.proving import EntryGone, WrongCode
from lkportal.auth.settings import demanded
from lkportal.core.columns import keyring_of
from lkportal.core.errors import Forbidden, NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.policy import Policy
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, redirect_to, route, session_cookie
from lkportal.web.trust.guard import lacks_second

_SEED = "totp"
_SEED_SECONDS = 3600
_BODY = 8 * 1024
_NAMES = {
    "entry": (
        text("auth.asks.entry", "Signing in"),
        text("auth.asks.entry_hint", "Each time, after the password or another way in"),
    ),
    "payment": (text("auth.asks.payment", "Payments"), text("auth.asks.payment_hint", "Before money is sent")),
    "signature": (
        text("auth.asks.signature", "Signatures"),
        text("auth.asks.signature_hint", "Before a document is signed in your name"),
    ),
    "contacts": (
        text("auth.asks.contacts", "Changes of contacts"),
        text("auth.asks.contacts_hint", "Before another e-mail, phone or login takes the place of yours"),
    ),
}


def factors(request: Request) -> Response:
    """Show the second factors of a person and what asks for them; who came here on the way to a page goes on when all is done."""
    wanted = request.query_params.get("next", "")
    if wanted and not lacks_second(request.actor):
        return redirect_to(request, destination(request, wanted, request.actor.kind))
    return _factors_page(request)


def choose(request: Request) -> Response:
    """Set what asks for the second factor."""
    form = read_form(request, AsksForm)
    if not request.actor.has_second:
        raise Forbidden
    if not form.valid:
        return _factors_page(request, 422)
    proving.choose(door(request), request.actor, frozenset(form.data.asks))
    return redirect(request, "auth:second", text("auth.asks.done", "Kept."))


def app(request: Request) -> Response:
    """Show a new seed as a QR code and as text, to be read by an authenticator app."""
    _demand_key(request)
    return _app_page(request, empty_form(AppForm, {"seed": _sealed(request, totp.new_seed())}))


def set_up(request: Request) -> Response:
    """Take the app's first code, turn the second factor on, and show the recovery codes: this once."""
    _demand_key(request)
    form = read_form(request, AppForm)
    if not form.valid:
        return _app_page(request, form, 422)
    seed = _opened(request, form.data.seed)
    if not seed:
        return redirect(request, "auth:app", text("auth.app.stale", "The page was too old. Here is a new code."), "inf")
    try:
        token, codes = proving.set_up_totp(door(request), request.actor, seed, form.data.code)
    except WrongCode as error:
        form.add_error("code", text_of(error))
        return _app_page(request, form, error.status)
    except TooOften as error:
        return _app_page(request, refused(form, error), error.status, error)
    except EntryGone:
        return redirect(request, "auth:login")
    request.set_cookie(session_cookie(token))
    return _codes_page(request, codes, new=True)


def turn_off(request: Request) -> Response:
    """Turn the authenticator app off."""
    request.set_cookie(session_cookie(proving.turn_off_totp(door(request), request.actor)))
    return redirect(request, "auth:second", text("auth.app.off_done", "The authenticator app is turned off."))


def renew_codes(request: Request) -> Response:
    """Show new recovery codes, this once; the old ones are worth nothing."""
    if not request.actor.has_second:
        raise Forbidden
    return _codes_page(request, proving.renew_codes(door(request), request.actor), new=False)


def has_key(request: Request) -> bool:
    """Whether this portal has a key to keep seeds with; without one nobody can set up an app."""
    return bool(keyring_of(request.db.dialect).primary)


def _demand_key(request: Request) -> None:
    if not has_key(request):
        raise NotFound


def _factors_page(request: Request, status: int = 200) -> Response:
    actor = request.actor
    person = identities.by_id(request.db, actor.id or 0)
    company = demanded(actor.kind, settings_of(request))
    zone = request.menu_account.time_zone if request.menu_account else request.portal.settings.portal.time_zone
    return page(
        request,
        "auth/second.html",
        status,
        app=totp.row_of(request.db, actor.id or 0),
        codes=recovery_codes.left(request.db, actor.id or 0),
        of=recovery_codes.COUNT,
        asks=person.asks.split() if person else [],
        options=[(name, *_NAMES[name]) for name in PURPOSES if name not in company],
        company=[_NAMES[name][0] for name in PURPOSES if name in company],
        needed=lacks_second(actor),
        possible=has_key(request),
        zone=zone,
    )


def _app_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    seed = _opened(request, form.value("seed")) or totp.new_seed()
    issuer = request.visit.edge.brand(request.visit).name
    shown = page(
        request,
        "auth/app.html",
        status,
        form=form,
        sealed=_sealed(request, seed),
        seed=" ".join(seed[place : place + 4] for place in range(0, len(seed), 4)),
        address=totp.address(seed, issuer, request.actor.login),
    )
    return waiting(shown, error)


def _codes_page(request: Request, codes: list[str], *, new: bool) -> Response:
    """Show recovery codes. The page is the answer to the form itself: they are kept nowhere to be shown again."""
    onward = destination(request, "", request.actor.kind)
    return page(request, "auth/codes.html", codes=codes, new=new, onward=onward)


def _sealed(request: Request, seed: str) -> str:
    return request.visit.edge.signing.sign(_SEED, [request.actor.public_id, seed])


def _opened(request: Request, sealed: str) -> str:
    kept = request.visit.edge.signing.read(_SEED, sealed, _SEED_SECONDS)
    return str(kept[1]) if kept and kept[0] == request.actor.public_id else ""


def _action(path: str, endpoint: Any, name: str) -> Any:
    return route(path, endpoint, name=name, policy=_PROVED, methods=("POST",), limiter="hash", body=_BODY)


_PROVED: Policy = known_person(step_up="second")
FACTOR_ROUTES = [
    route("/settings/second", factors, name="second", policy=_PROVED),
    _action("/settings/second", choose, "choose_asks"),
    route("/settings/second/app", app, name="app", policy=_PROVED),
    _action("/settings/second/app", set_up, "set_up_app"),
    _action("/settings/second/app/off", turn_off, "app_off"),
    _action("/settings/second/codes", renew_codes, "renew_codes"),
]
