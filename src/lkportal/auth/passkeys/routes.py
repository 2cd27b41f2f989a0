"""Pages of passkeys: those a person has, a new one, its name, its end; and what browsers answer: at the door, as the second step, as a
fresh proof before something delicate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.auth import identities, sessions
from lkportal.auth.door.arriving import arrive, door, finish, person_asked, refused, settings_of, waiting
from lkportal.auth.door.entering import WrongPassword
from lkportal.auth.door.routes import login_page
from lkportal.auth.door.ways import Ways
from lkportal.auth.forms import PasskeyForm, PasskeyNameForm, PasskeyProofForm, ProofForm, SecondForm, SignInForm
from lkportal.auth.guard import anyone, demand_way, known_person
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import device_name, device_of
from lkportal.auth.passkeys import ceremonies, keys
from lkportal.auth.passkeys.ceremonies import Party
from lkportal.auth.passkeys.challenges import Bound, Purpose
from lkportal.auth.passkeys.keys import (
    Desk,
    PasskeyCopied,
    PasskeyNotAdded,
    PasskeyRefused,
    PasskeyUnverified,
    TooManyPasskeys,
)
from lkportal.auth.second.proving import EntryGone, Proof, Prover, waiting_person
from lkportal.auth.second.routes import gone, step_page, step_up_page
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, session_cookie, unit_of_work
from lkportal.web.cookies import ENTRY, read_cookie

WAY = "passkey"
_BODY = 32 * 1024
_POST = ("POST",)


def proof_options(request: Request) -> str:
    """Return what a page asks the browser for that wants a person it knows: one of their keys. Empty when they have none here."""
    person, here = person_asked(request), desk(request)
    mine = [row.credential for row in keys.of(request.db, person.id) if row.rp_id == here.party.id]
    if not mine or not request.portal.ports.get(Ways).has(WAY):
        return ""
    return ceremonies.request(here.party, here.challenge(_bound(request, here, person)), mine)


def is_possible(request: Request) -> bool:
    """Whether browsers know passkeys on this site at all: over https, by a name."""
    return bool(_domain(request))


def desk(request: Request) -> Desk:
    """Return what proofs by passkey are judged with here: domain and origin are the settings', never the Host header's."""
    edge = request.visit.edge
    party = Party(_domain(request), request.portal.theme(request.site.face).book.name, (request.site.origin,))
    device = device_of(request, settings_of(request).device_days)
    return Desk(door(request), party, edge.signing, edge.csrf.binding(request), device.number)


def sign_in_options(request: Request) -> str:
    """Return what the sign-in page asks the browser for: any key of ours. Empty where there can be none."""
    if not is_possible(request):
        return ""
    here = desk(request)
    return ceremonies.request(here.party, here.challenge(Bound("enter", here.browser)))


def enter(request: Request) -> Response:
    """Let in the person a passkey belongs to; one that knew its owner is two factors."""
    demand_way(request, WAY)
    _demand_possible(request)
    form = read_form(request, PasskeyProofForm)
    shown = empty_form(SignInForm, {"next": form.value("next")})
    try:
        proved = keys.prove(desk(request), "enter", form.value("credential"))
        person = identities.by_id(request.db, proved.identity_id)
        if person is None:
            raise PasskeyRefused
        return arrive(request, person, (WAY,), form.value("next"), two=proved.verified)
    except WrongPassword:
        return login_page(request, refused(shown, PasskeyRefused()), 422)
    except (PasskeyRefused, PasskeyCopied, TooOften) as error:
        return login_page(request, refused(shown, error), error.status, error)


def prove(request: Request) -> Response:
    """Take a passkey as the second step of a sign-in, or as a fresh proof of somebody who is signed in."""
    demand_way(request, WAY)
    _demand_possible(request)
    form = read_form(request, PasskeyProofForm)
    asked = {"next": form.value("next"), "purpose": form.value("purpose")}
    code = empty_form(SecondForm, asked)
    try:
        try:
            return finish(request, _prover(request, form.value("credential")), form.value("next"))
        except (PasskeyRefused, PasskeyCopied, PasskeyUnverified, TooOften) as error:
            refused(code, error)
            if request.actor.kind == "anonymous":
                return step_page(request, code, error.status, error)
            return step_up_page(request, empty_form(ProofForm, asked), code, error.status, error)
    except EntryGone as error:
        return gone(request, error)


def listed(request: Request) -> Response:
    """Show the passkeys of the person."""
    demand_way(request, WAY)
    rows = keys.of(request.db, request.actor.id or 0)
    living = sessions.living(request.db, request.actor.id or 0, request.portal.clock.now())
    changed = "changed" in request.query_params and len(living) > 1
    return page(
        request, "auth/passkeys.html", rows=rows, possible=is_possible(request), changed=changed, zone=zone(request)
    )


def new(request: Request) -> Response:
    """Show the page where a passkey is made."""
    demand_way(request, WAY)
    if not is_possible(request):
        return redirect(request, "auth:passkeys")
    return _new_page(request, empty_form(PasskeyForm, {"name": _suggested(request)}))


def add(request: Request) -> Response:
    """Keep the passkey the browser made; the session gets a new token."""
    demand_way(request, WAY)
    _demand_possible(request)
    form = read_form(request, PasskeyForm)
    if not form.valid:
        return _new_page(request, form, 422)
    try:
        token = keys.add(desk(request), request.actor, form.data.credential, form.data.name)
    except (PasskeyNotAdded, TooManyPasskeys) as error:
        return _new_page(request, refused(form, error), error.status)
    request.set_cookie(session_cookie(token))
    done = text("auth.passkeys.added", "The passkey is added. You can sign in with it from now on.")
    return _changed(request, done)


def one(request: Request) -> Response:
    """Show one passkey: its name to be changed, the way to remove it."""
    mine = _mine(request)
    return _one_page(request, mine, empty_form(PasskeyNameForm, {"name": mine.name}))


def rename(request: Request) -> Response:
    """Call a passkey otherwise."""
    mine, form = _mine(request), read_form(request, PasskeyNameForm)
    if not form.valid:
        return _one_page(request, mine, form, 422)
    with unit_of_work(request) as db:
        keys.rename(db, request.actor, mine.public_id, form.data.name)
    return redirect(request, "auth:passkeys", text("auth.passkeys.renamed", "The name is changed."))


def removal(request: Request) -> Response:
    """Ask whether a passkey shall be removed."""
    return page(request, "auth/passkey_remove.html", passkey=_mine(request), zone=zone(request))


def remove(request: Request) -> Response:
    """Remove a passkey; the session gets a new token."""
    mine = _mine(request)
    with unit_of_work(request) as db:
        token = keys.remove(db, request.actor, mine.public_id)
    request.set_cookie(session_cookie(token))
    done = text("auth.passkeys.removed", "The passkey is removed and opens nothing here. Delete it on your device too.")
    return _changed(request, done)


def zone(request: Request) -> str:
    """Return the time zone moments of a person's own pages are shown in."""
    return request.menu_account.time_zone if request.menu_account else request.portal.settings.portal.time_zone


def _bound(request: Request, here: Desk, person: Row[Any]) -> Bound:
    purpose: Purpose = "second" if request.actor.kind == "anonymous" else "prove"
    return Bound(purpose, here.browser, person.public_id)


def _prover(request: Request, raw: str) -> Prover:
    """Return the prover of a browser's answer. A key that did not know its owner adds nothing to a sign-in by passkey."""
    here, first = desk(request), _methods(request)

    def prover(person: Row[Any]) -> Proof:
        bound = _bound(request, here, person)
        proved = keys.prove(here, bound.purpose, raw, person.public_id)
        if not proved.verified and set(first.split()) <= {WAY}:
            raise PasskeyUnverified
        return Proof(WAY, lambda _db, _identity: True)

    return prover


def _methods(request: Request) -> str:
    """Return how the person came so far."""
    if request.actor.kind == "anonymous":
        return str(waiting_person(door(request), read_cookie(request, request.site, ENTRY))[0].methods)
    return sessions.methods_of(request.db, request.actor.session_id or 0)


def _domain(request: Request) -> str:
    return settings_of(request).passkey_domain or ceremonies.domain_of(request.site.public_url)


def _demand_possible(request: Request) -> None:
    if not is_possible(request):
        raise NotFound


def _mine(request: Request) -> Row[Any]:
    """Return the passkey of the path if it is this person's. Raises NotFound."""
    demand_way(request, WAY)
    wanted = str(request.path_params["passkey"])
    found = next((row for row in keys.of(request.db, request.actor.id or 0) if row.public_id == wanted), None)
    if found is None:
        raise NotFound
    return found


def _changed(request: Request, done: Any) -> Response:
    """Go back to the list, which offers to end other sessions now that the ways in are others."""
    answer = redirect(request, "auth:passkeys", done)
    answer.headers["location"] += "?changed=1"
    return answer


def _suggested(request: Request) -> str:
    return device_name(request.headers.get("user-agent", ""))


def _new_page(request: Request, form: Form[Any], status: int = 200, error: PortalError | None = None) -> Response:
    here, actor = desk(request), request.actor
    known = [row.credential for row in keys.of(request.db, actor.id or 0) if row.rp_id == here.party.id]
    challenge = here.challenge(Bound("add", here.browser, actor.public_id))
    options = ceremonies.creation(here.party, challenge, actor.public_id, actor.login, actor.name, known)
    return waiting(page(request, "auth/passkey_new.html", status, form=form, options=options), error)


def _one_page(request: Request, mine: Row[Any], form: Form[Any], status: int = 200) -> Response:
    return page(request, "auth/passkey.html", status, form=form, passkey=mine, zone=zone(request))


_PERSON, _PROVED = known_person(), known_person(step_up=True)
_NEW, _ONE, _GONE = "/settings/passkeys/new", "/settings/passkeys/{passkey}", "/settings/passkeys/{passkey}/remove"
PASSKEY_ROUTES: list[RouteSpec] = [
    route("/login/passkey", enter, name="passkey_enter", policy=anyone(), methods=_POST, body=_BODY),
    route("/login/second/passkey", prove, name="passkey_second", policy=anyone(), methods=_POST, body=_BODY),
    route("/step-up/passkey", prove, name="passkey_prove", policy=_PERSON, methods=_POST, body=_BODY),
    route("/settings/passkeys", listed, name="passkeys", policy=_PERSON),
    route(_NEW, new, name="passkey_new", policy=_PROVED),
    route(_NEW, add, name="passkey_add", policy=_PROVED, methods=_POST, body=_BODY),
    route(_ONE, one, name="passkey", policy=_PERSON),
    route(_ONE, rename, name="passkey_rename", policy=_PERSON, methods=_POST, body=_BODY),
    route(_GONE, removal, name="passkey_removal", policy=_PROVED),
    route(_GONE, remove, name="passkey_remove", policy=_PROVED, methods=_POST, body=_BODY),
]
