"""Pages of the desk: wishes of people about their data, consents of one customer, the map of data. Staff look and never decide."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.protection.masking import shown
from lkportal.privacy import consents, datamap, desk
from lkportal.privacy.office import Office
from lkportal.privacy.routes_consents import documents
from lkportal.privacy.settings import PrivacySettings
from lkportal.web import Request, page, route, unit_of_work

PAGE_ROWS = 50


def show_requests(request: Request) -> Response:
    """Show who asked for their data or to be erased, and how far it is."""
    number = request.page_number
    rows = desk.wishes(request.db, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    return page(
        request,
        "privacy/requests.html",
        rows=rows[:PAGE_ROWS],
        number=number,
        more=len(rows) > PAGE_ROWS,
        zone=_zone(request),
        now=request.portal.clock.now(),
        contact=lambda row: row.name or shown(row.login, whole=_whole(request)),
    )


def show_customer(request: Request) -> Response:
    """Show what one customer agreed to, with the evidence; the look stands in the audit and on the customer's own page."""
    person = desk.customer(request.db, str(request.path_params["viewed"]))
    if person is None:
        raise NotFound
    stands = consents.stands(request.db, documents(request), person.id)
    rows = consents.evidence(request.db, person.id)
    with unit_of_work(request, on_read=True) as db:
        port(db, AuditLog).record(db, "privacy.consents_seen", target=person.public_id, outcome="viewed")  # type: ignore[type-abstract]
    return page(
        request,
        "privacy/customer.html",
        title=person.name or shown(person.login, whole=_whole(request)),
        stands=stands,
        rows=rows,
        whole=_whole(request),
        shown=shown,
        code=request.locale.code,
        zone=_zone(request),
    )


def show_map(request: Request) -> Response:
    """Show every table that holds something of people: what, why, for how long."""
    office: Office = request.portal.ports.get(Office)  # type: ignore[type-abstract]
    found = datamap.entries(office.known, office.registry, request.settings_of("privacy", PrivacySettings))
    return page(request, "privacy/map.html", entries=found)


def _whole(request: Request) -> bool:
    return "accounts.contacts" in request.actor.permissions


def _zone(request: Request) -> str:
    return request.portal.settings.portal.time_zone


PAGES = [
    route("/", show_requests, name="requests", policy=staff("privacy.requests")),
    route("/people/{viewed}", show_customer, name="person", policy=staff("privacy.requests")),
    route("/map", show_map, name="map", policy=staff("privacy.map")),
]
