"""The way to a provider and back: the button, the return, and signing out from either side. None of these shows a page."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from lkportal.auth import limits, sessions
from lkportal.auth.door.arriving import arrive, destination, door, settings_of
from lkportal.auth.door.entering import Door, WrongPassword, audit, text_of
from lkportal.auth.external import links, meeting
from lkportal.auth.external.browsers import browser_of, marked, remember, renew
from lkportal.auth.external.meeting import NotLetIn
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.guard import demand_way
from lkportal.auth.limits import Limit, TooOften
from lkportal.auth.oidc import flow, leaving
from lkportal.auth.oidc.calls import NotBelieved, ProviderAway
from lkportal.auth.oidc.client import Client, Providers
from lkportal.auth.oidc.esia import NoSigner
from lkportal.auth.oidc.flow import Cancelled, Errand, Finished
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.unit import open_unit
from lkportal.web import Request, redirect, redirect_to, session_cookie

WAY = "oidc"
_PLACES = {"enter": "auth:login", "link": "auth:external", "prove": "auth:step_up"}


def begin(request: Request) -> Response:
    """Send a person to a provider to sign in."""
    return leave_for(request, client_of(request), Errand("enter", request.form_data.get("next", "")[:1000]))


def begin_link(request: Request) -> Response:
    """Send a person who is signed in to a provider, to link what they have there."""
    client = client_of(request)
    if client.provider.table.who != request.actor.kind:
        raise NotFound
    return leave_for(request, client, Errand("link", identity_id=request.actor.id))


def begin_proof(request: Request) -> Response:
    """Send a person who is signed in to a provider, to prove themselves there again."""
    client = client_of(request)
    if client.provider.dialect != "oidc" or client.provider.name not in links.providers_of(
        request.db, request.actor.id or 0
    ):
        raise NotFound
    wanted = request.form_data.get("next", "")[:1000]
    return leave_for(request, client, Errand("prove", wanted, request.actor.id))


def leave_for(request: Request, client: Client, errand: Errand) -> Response:
    """Send the browser to a provider on an errand; a provider that does not answer is told of on the page it came from."""
    here, allowed = door(request), _limits(request)
    try:
        with open_unit(here.database, here.circumstances) as db:
            limits.admit(db, allowed)
        address = flow.begin(here, client, marked(request), request.brand, _back(request, client), errand)
    except (TooOften, NoSigner) as error:
        return _told(request, errand.purpose, text_of(error))
    except (ProviderAway, NotBelieved) as error:
        return _away(request, here, client, errand.purpose, error.why)
    return redirect_to(request, address)


def come_back(request: Request) -> Response:
    """Take what a provider sent the browser back with."""
    client, here, browser = client_of(request), door(request), browser_of(request)
    said = {name: request.query_params.getlist(name) for name in request.query_params}
    try:
        done = flow.finish(here, client, browser, request.brand, _back(request, client), said)
    except Cancelled as turned:
        words = text(
            "auth.oidc.cancelled", "You turned back at %(provider)s. Nothing changed.", provider=client.provider.title
        )
        return _told(request, turned.errand.purpose, words, "inf")
    except (ProviderAway, NoSigner) as error:
        return _away(request, here, client, _came_from(request), getattr(error, "why", "signer"))
    except NotBelieved as error:
        meeting.refused(here, client.provider.name, error.why)
        words = text(
            "auth.oidc.refused",
            "We could not make sure of your sign-in at %(provider)s. Begin it again, or sign in another way.",
            provider=client.provider.title,
        )
        return _told(request, _came_from(request), words)
    with open_unit(here.database, here.circumstances) as db:
        limits.give_back(db, _limits(request))
    return _done(request, here, client, browser, done)


def signed_out_there(request: Request) -> Response:
    """Take a provider's word that somebody signed out there (OpenID Connect Back-Channel Logout 1.0)."""
    client, here = client_of(request), door(request)
    given = request.form_data.getlist("logout_token")
    try:
        if client.provider.dialect != "oidc" or len(given) != 1:
            raise NotBelieved("form")
        leaving.signed_out_there(here, client, given[0])
    except (NotBelieved, ProviderAway) as error:
        with open_unit(here.database, here.circumstances) as db:
            detail: dict[str, str | int] = {"provider": client.provider.name, "why": error.why}
            audit(db, "auth.session_revoked", "", refused=True, detail=detail)
        return JSONResponse({"error": "invalid_request"}, 400, {"cache-control": "no-store"})
    return Response(status_code=200, headers={"cache-control": "no-store"})


def sign_out_there(request: Request) -> Response:
    """Lead a person who signed out here through the provider's own sign-out."""
    client, back = client_of(request), request.public_url("auth:login")
    try:
        address = leaving.sign_out_address(client, back) if client.provider.table.logout else ""
    except (ProviderAway, NotBelieved):
        address = ""
    return redirect_to(request, address or request.url("auth:login"))


def client_of(request: Request) -> Client:
    """Return the provider of the path. Raises NotFound for one that is not on."""
    client = request.portal.ports.get(Providers).get(str(request.path_params["provider"]))
    demand_way(request, WAY)
    return client


def _done(request: Request, here: Door, client: Client, browser: str, done: Finished) -> Response:
    errand, actor = done.errand, request.actor
    try:
        if errand.purpose != "enter" and errand.identity_id != actor.id:
            meeting.refused(here, client.provider.name, "another_person")
            raise meeting.gone()
        if errand.purpose == "link":
            meeting.link(here, done.vouched, actor)
            renew(request, here)
            words = text(
                "auth.external.linked", "You can sign in with %(provider)s now.", provider=client.provider.title
            )
            return redirect(request, "auth:external", words)
        if errand.purpose == "prove":
            return _proved(request, here, client, errand, done.vouched)
        known = meeting.meet(here, done.vouched, browser, errand.wanted)
        if known is None:
            return redirect(request, "auth:stranger")
        answer = arrive(request, known.person, (client.provider.word,), errand.wanted, two=done.vouched.two)
    except (NotLetIn, WrongPassword) as error:
        return _told(request, errand.purpose, text_of(error))
    remember(request, here, known.link_id, done.vouched.sid)
    return answer


def _proved(request: Request, here: Door, client: Client, errand: Errand, vouched: Vouched) -> Response:
    found = links.by_subject(request.db, vouched.issuer, vouched.subject)
    if found is None or found.identity_id != request.actor.id:
        meeting.refused(here, client.provider.name, "another_person")
        raise meeting.anothers()
    with open_unit(here.database, here.circumstances) as db:
        token = sessions.rotate(db, request.actor.session_id or 0, second=client.provider.table.two_factors)
        audit(db, "auth.stepped_up", request.actor.public_id, detail={"methods": client.provider.word})
    if not token:
        raise meeting.gone()
    request.set_cookie(session_cookie(token))
    return redirect_to(request, destination(request, errand.wanted, request.actor.kind))


def _away(request: Request, here: Door, client: Client, purpose: str, why: str) -> Response:
    meeting.refused(here, client.provider.name, f"away_{why}"[:60])
    words = text(
        "auth.oidc.away",
        "%(provider)s does not answer now. Try again in a few minutes, or sign in another way.",
        provider=client.provider.title,
    )
    return _told(request, purpose, words)


def _came_from(request: Request) -> str:
    """Return what somebody most likely came for when the flow itself cannot tell."""
    return "enter" if request.actor.kind == "anonymous" else "link"


def _told(request: Request, purpose: str, words: Text, tone: str = "bad") -> Response:
    return redirect(request, _PLACES[purpose], words, tone)


def _back(request: Request, client: Client) -> str:
    """Return the address of return: of this provider alone, public, from the settings."""
    return request.public_url("auth:oidc_callback", provider=client.provider.name)


def _limits(request: Request) -> tuple[Limit, ...]:
    settings = settings_of(request)
    return (Limit(f"auth.elsewhere:{door(request).origin.network}", settings.network_tries),)
