"""Devices a customer is signed in on, for the day a phone is lost: the desk signs one out, or all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.auth import identities, sessions
from lkportal.auth.letters.joining import start_recovery
from lkportal.auth.origins import spoken_network
from lkportal.auth.own.routes import icon_of
from lkportal.core.errors import NotFound
from lkportal.core.i18n import ntext, text
from lkportal.core.policy import staff
from lkportal.staff import queries
from lkportal.staff.forms import SessionForm
from lkportal.staff.frame import desk_page
from lkportal.staff.people import rules
from lkportal.web import Request, read_form, redirect, route, unit_of_work


def show(request: Request) -> Response:
    """Show where a customer is signed in."""
    person = _customer(request)
    return desk_page(
        request,
        "staff/devices.html",
        row=person,
        devices=sessions.living(request.db, person.id, request.portal.clock.now()),
        zone=request.portal.settings.portal.time_zone,
        icon_of=icon_of,
        network_of=spoken_network,
    )


def end(request: Request) -> Response:
    """Sign a customer out on one device or on all."""
    person, form = _customer(request), read_form(request, SessionForm)
    if not form.valid:
        raise NotFound
    with unit_of_work(request) as db:
        ended = rules.end_sessions(db, person, form.data.session)
    done = ntext("staff.person.ended", "%(n)s device is signed out.", "%(n)s devices are signed out.", ended)
    return redirect(request, "staff:devices", done, viewed=person.public_id)


def recover(request: Request) -> Response:
    """Send a customer who called a letter for a new password. Nobody here sees or chooses it."""
    person = _customer(request)
    with unit_of_work(request) as db:
        known = identities.by_id(db.connection(), person.id)
        if known is None:
            raise NotFound
        start_recovery(db, known, request.brand)
    done = text(
        "staff.devices.recovery_sent", "If their mailbox is confirmed, a letter for a new password is on its way."
    )
    return redirect(request, "staff:devices", done, viewed=person.public_id)


def _customer(request: Request) -> Row[Any]:
    found = queries.customer(request.db, str(request.path_params["viewed"]))
    if found is None:
        raise NotFound
    return found


_RIGHT = staff("staff.sessions")
SESSION_PAGES = [
    route("/devices/{viewed}", show, name="devices", policy=_RIGHT),
    route("/devices/{viewed}", end, name="end_devices", policy=_RIGHT, methods=("POST",)),
    route("/devices/{viewed}/recover", recover, name="recover", policy=_RIGHT, methods=("POST",)),
]
