"""The history of a person's sign-ins, and the page behind a letter about a new device: one press ends that sign-in."""

from __future__ import annotations

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.auth import identities, limits, sessions
from lkportal.auth.door.arriving import door
from lkportal.auth.door.entering import Door, audit
from lkportal.auth.guard import anyone, known_person
from lkportal.auth.one_time import tokens
from lkportal.auth.origins import spoken_network
from lkportal.auth.own import visits
from lkportal.auth.own.routes import icon_of
from lkportal.core.unit import open_unit
from lkportal.web import Request, page, route

ROWS = 30
_MOST_PAGES = 1_000


def history(request: Request) -> Response:
    """Show when and where this person signed in, and when it was tried in vain."""
    number = min(max(request.page_number, 1), _MOST_PAGES)
    rows = visits.recent(request.db, request.actor.id or 0, ROWS + 1, (number - 1) * ROWS)
    zone = request.menu_account.time_zone if request.menu_account else request.portal.settings.portal.time_zone
    return page(
        request,
        "auth/history.html",
        rows=rows[:ROWS],
        number=number,
        more=len(rows) > ROWS,
        zone=zone,
        icon_of=icon_of,
        network_of=spoken_network,
    )


def not_me(request: Request) -> Response:
    """Show the sign-in a letter told of, and offer to end it."""
    session = _session(request, door(request))
    if session is None:
        return page(request, "auth/not_me_done.html", ended=False)
    zone = request.portal.settings.portal.time_zone
    when = request.locale.datetime(session.created_at, zone)
    network = spoken_network(session.network)
    return page(request, "auth/not_me.html", device=session.device, when=when, network=network)


def end(request: Request) -> Response:
    """Spend the link: that sign-in is over. Nobody is signed in by it, and the password stays to be changed by its owner."""
    here, token = door(request), str(request.path_params["token"])
    session = _session(request, here)
    with open_unit(here.database, here.circumstances) as db:
        limits.admit(db, limits.link_limits(here.origin.network, here.settings))
        spent = tokens.spend(db, "end", token)
        if spent is not None and session is not None:
            person = identities.by_id(db.connection(), session.identity_id)
            sessions.revoke(db, session.identity_id, person.public_id if person else "", session.public_id)
            audit(db, "auth.session_revoked", session.public_id)
    return page(request, "auth/not_me_done.html", ended=spent is not None)


def _session(request: Request, here: Door) -> Row[tuple[object, ...]] | None:
    with here.database.reading() as connection:
        found = tokens.look(connection, "end", str(request.path_params["token"]), request.portal.clock.now())
        return visits.session_behind(connection, found.session_id) if found is not None else None


VISIT_ROUTES = [
    route("/settings/history", history, name="history", policy=known_person()),
    route("/not-me/{token}", not_me, name="not_me", policy=anyone()),
    route("/not-me/{token}", end, name="end_not_me", policy=anyone(), methods=("POST",), body=8 * 1024),
]
