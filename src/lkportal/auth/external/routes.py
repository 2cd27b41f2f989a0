"""Pages about being known elsewhere: a stranger who says who they are, and a person's own list of links."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.auth.door.arriving import arrive, door
from lkportal.auth.door.entering import WrongPassword, text_of
from lkportal.auth.external import links, meeting
from lkportal.auth.external.browsers import ELSEWHERE, browser_of, remember, renew
from lkportal.auth.external.meeting import NotLetIn
from lkportal.auth.external.providers import VouchingWays
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.web import Request, forget, page, redirect


def stranger(request: Request) -> Response:
    """Show who waits in this browser: open access, or sign in the way they know and link."""
    ways = _ways(request)
    waiting = links.stranger(request.db, browser_of(request), request.portal.clock.now())
    if waiting is None:
        return redirect(request, "auth:login", text_of(meeting.gone()), "bad")
    return page(
        request,
        "auth/stranger.html",
        waiting=waiting,
        provider=ways.title(waiting.provider),
        registration=door(request).settings.registration,
        sign_in=request.url("auth:login", next=request.url("auth:take_link")),
    )


def join(request: Request) -> Response:
    """Open access for who waits in this browser, and let them in."""
    ways, here = _ways(request), door(request)
    try:
        known, vouched, wanted = meeting.join(here, browser_of(request), request.locale.code)
        answer = arrive(request, known.person, (ways.word(vouched.provider),), wanted, two=vouched.two)
    except (NotLetIn, WrongPassword) as error:
        return redirect(request, "auth:login", text_of(error), "bad")
    remember(request, here, known.link_id, "")
    request.set_cookie(forget(ELSEWHERE))
    return answer


def external(request: Request) -> Response:
    """Show where else a person signs in, and where they might."""
    ways = _ways(request)
    rows = links.of_person(request.db, request.actor.id or 0)
    zone = request.menu_account.time_zone if request.menu_account else request.portal.settings.portal.time_zone
    linked = {row.provider for row in rows}
    free = [each for each in ways.linkable(request.actor.kind) if each.name not in linked]
    return page(request, "auth/external.html", rows=rows, free=free, title=ways.title, zone=zone)


def unlink(request: Request) -> Response:
    """Take a link of the person away, unless it is their last way in."""
    try:
        if not meeting.unlink(door(request), request.actor, str(request.path_params["linked"])):
            raise NotFound
        renew(request, door(request))
    except NotLetIn as error:
        return redirect(request, "auth:external", text_of(error), "bad")
    return redirect(request, "auth:external", text("auth.external.unlinked", "That way in is taken away."))


def take_link(request: Request) -> Response:
    """Ask the person who signed in whether to link who waits in this browser."""
    ways = _ways(request)
    waiting = links.stranger(request.db, browser_of(request), request.portal.clock.now())
    if waiting is None:
        return redirect(request, "auth:external", text_of(meeting.gone()), "bad")
    if waiting.identity_id not in (None, request.actor.id):
        return redirect(request, "auth:external", text_of(meeting.anothers()), "bad")
    return page(request, "auth/take_link.html", waiting=waiting, provider=ways.title(waiting.provider))


def linked(request: Request) -> Response:
    """Link who waits in this browser to the person who is signed in."""
    try:
        meeting.take(door(request), request.actor, browser_of(request))
        renew(request, door(request))
    except NotLetIn as error:
        return redirect(request, "auth:external", text_of(error), "bad")
    request.set_cookie(forget(ELSEWHERE))
    return redirect(request, "auth:external", text("auth.external.taken", "Done. From now on it lets you in."))


def _ways(request: Request) -> VouchingWays:
    return request.portal.ports.get(VouchingWays)
