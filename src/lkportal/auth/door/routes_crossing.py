"""Three short steps of a sign-in on its way to another host of the portal; none of them shows a page. See crossing."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from starlette.responses import Response

from lkportal.auth.door import crossing
from lkportal.auth.door.arriving import destination, door
from lkportal.core.ids import secret_token
from lkportal.core.policy import anyone
from lkportal.web import Request, Site, forget, redirect_to, route, safe_destination, session_cookie
from lkportal.web.cookies import CROSSING, Cookie, read_cookie

_SECONDS = 120
_CHALLENGE = re.compile(r"[0-9a-f]{64}")
_LONGEST = 100


def begin(request: Request) -> Response:
    """On the target: leave a secret in the browser and ask the origin, a site of ours, for a token."""
    wanted = _wanted(request)
    origin = _site(request, request.query_params.get("from", ""))
    if request.actor.kind != "anonymous":
        return redirect_to(request, wanted)
    if origin is None:
        return _sign_in(request, request.site, wanted)
    secret = secret_token()
    request.set_cookie(Cookie(CROSSING, secret, _SECONDS))
    asked = {"to": request.brand, "asked": crossing.challenge(secret), "next": wanted}
    return redirect_to(request, _at(request, origin, "auth:cross_give", asked))


def give(request: Request) -> Response:
    """On the origin: give who is signed in here a token for the target; anybody else signs in there."""
    wanted, target = _wanted(request), _site(request, request.query_params.get("to", ""))
    asked = request.query_params.get("asked", "")
    if target is None or not _CHALLENGE.fullmatch(asked):
        return redirect_to(request, wanted)
    if request.actor.kind != "customer":
        return _sign_in(request, target, wanted)
    token = crossing.give(door(request), request.actor, target.key, asked)
    return redirect_to(request, _at(request, target, "auth:cross_take", {"token": token, "next": wanted}))


def take(request: Request) -> Response:
    """On the target: spend the token and go on signed in; without a true one, to the sign-in."""
    wanted, token = _wanted(request), request.query_params.get("token", "")
    secret = read_cookie(request, request.site, CROSSING)
    request.set_cookie(forget(CROSSING))
    if not secret or not 0 < len(token) <= _LONGEST:
        return _sign_in(request, request.site, wanted)
    entered = crossing.take(door(request), request.brand, secret, token)
    if entered is None:
        return _sign_in(request, request.site, wanted)
    request.set_cookie(session_cookie(entered.session.token))
    return redirect_to(request, destination(request, wanted, entered.person.kind))


def _wanted(request: Request) -> str:
    """Return the page to go on to: one of ours, below the root, or the way in."""
    root = request.visit.root
    return safe_destination(request.visit.edge.routes, root, request.query_params.get("next", ""), root + "/")


def _site(request: Request, key: str) -> Site | None:
    """Return another site of this portal by its key; where it stands is for the settings to say, never for the request."""
    found = next((site for site in request.portal.sites if site.key == key), None)
    return found if found is not None and found.origin != request.site.origin else None


def _sign_in(request: Request, site: Site, wanted: str) -> Response:
    return redirect_to(request, _at(request, site, "auth:login", {"next": wanted}))


def _at(request: Request, site: Site, name: str, params: dict[str, str]) -> str:
    return site.public_url.rstrip("/") + request.visit.edge.routes.path(name, {}) + "?" + urlencode(params)


CROSSING_ROUTES = [
    route("/cross", begin, name="cross", policy=anyone(), kind="action"),
    route("/cross/give", give, name="cross_give", policy=anyone(), kind="action"),
    route("/cross/take", take, name="cross_take", policy=anyone(), kind="action"),
]
