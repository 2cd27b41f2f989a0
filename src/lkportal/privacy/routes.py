"""Pages of a person about their own data: what leads where, the copy of their data, erasure. Documents are in routes_consents."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth.guard import proved_lately
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import signed_in
from lkportal.privacy import consents, erasure, exports
from lkportal.privacy.collecting import person_of
from lkportal.privacy.exporting import media_type
from lkportal.privacy.exports import TooManyExports
from lkportal.privacy.office import Office
from lkportal.privacy.routes_access import ACCESS_ROUTES
from lkportal.privacy.routes_consents import CONSENT_ROUTES, documents, zone_of
from lkportal.privacy.settings import PrivacySettings
from lkportal.web import Request, attachment, page, redirect, route, unit_of_work

_KINDS = ("json", "pdf", "html")


def home(request: Request) -> Response:
    """Show what a person can do about their data."""
    person = request.actor.id or 0
    stands = consents.stands(request.db, documents(request), person)
    return page(
        request,
        "privacy/home.html",
        stands=stands,
        agreed=sum(stand.agreed for stand in stands),
        wish=erasure.under_way(request.db, person),
    )


def show_export(request: Request) -> Response:
    """Show the copies of their data that the person asked for, and the button to ask for one."""
    return _export_page(request)


def ask_export(request: Request) -> Response:
    """Ask for a copy: a job makes it."""
    try:
        with unit_of_work(request) as db:
            exports.ask(db, request.actor, request.locale.code, request.brand, _settings(request))
    except TooManyExports as error:
        return _export_page(request, error.status, error.message)
    said = text("privacy.export.asked", "We are gathering your data. You will be told when the files are ready.")
    return redirect(request, "privacy:export", said)


def take_file(request: Request) -> Response:
    """Hand out a file of the person's own export, after a fresh proof that it is them."""
    if not proved_lately(request):
        return redirect(request, "privacy:export")
    export, kind = str(request.path_params["export"]), str(request.path_params["kind"])
    moment = request.portal.clock.now()
    body = exports.file(request.db, request.actor.id or 0, export, kind, moment) if kind in _KINDS else None
    if body is None:
        raise NotFound("export_gone", text("privacy.export.gone", "This file is no longer kept. Ask for a new copy."))
    with unit_of_work(request, on_read=True) as db:
        exports.taken(db, export, kind)
    name = f"personal-data-{moment:%Y-%m-%d}.{kind}"
    headers = {"content-disposition": attachment(name), "x-content-type-options": "nosniff"}
    return Response(body, media_type=media_type(kind), headers=headers)


def show_erasure(request: Request) -> Response:
    """Show what erasure means for this person: what goes, what stays and why, accounts left without an owner."""
    return _erasure_page(request)


def ask_erasure(request: Request) -> Response:
    """Write the wish down; it is done when the days to take it back are over."""
    if erasure.under_way(request.db, request.actor.id or 0) is not None:
        return redirect(request, "privacy:erasure")
    with unit_of_work(request) as db:
        erasure.ask(db, request.actor, request.locale.code, request.brand, _settings(request))
    return redirect(request, "privacy:erasure", text("privacy.erasure.asked", "Your wish is written down."))


def cancel_erasure(request: Request) -> Response:
    """Take the wish back."""
    with unit_of_work(request) as db:
        erasure.cancel(db, request.actor)
    said = text("privacy.erasure.cancelled", "Good that you stay. Nothing was erased.")
    return redirect(request, "privacy:home", said)


def _export_page(request: Request, status: int = 200, problem: Any = None) -> Response:
    person, settings = request.actor.id or 0, _settings(request)
    rows = exports.mine(request.db, person)
    return page(
        request,
        "privacy/export.html",
        status,
        rows=rows,
        files=exports.files(request.db, person, request.portal.clock.now()),
        waiting=any(row.state == "asked" for row in rows),
        days=settings.export_days,
        problem=problem,
        zone=zone_of(request),
    )


def _erasure_page(request: Request) -> Response:
    office: Office = request.portal.ports.get(Office)  # type: ignore[type-abstract]
    settings, me, now = _settings(request), request.actor.id or 0, request.portal.clock.now()
    person = person_of(request.db, me)
    if person is None:
        raise NotFound
    return page(
        request,
        "privacy/erasure.html",
        wish=erasure.under_way(request.db, me),
        kept=erasure.kept(request.db, office.known, person, settings, now),
        alone=erasure.alone(request.db, request.portal.ports, me, now),
        days=settings.cooling_days,
        zone=zone_of(request),
    )


def _settings(request: Request) -> PrivacySettings:
    return request.settings_of("privacy", PrivacySettings)


_FRESH = signed_in(step_up=True, private=True)
_POST = ("POST",)
ROUTES = [
    route("/", home, name="home", policy=signed_in(private=True), always=True),
    *CONSENT_ROUTES,
    *ACCESS_ROUTES,
    route("/export", show_export, name="export", policy=_FRESH, always=True),
    route("/export", ask_export, name="ask_export", policy=_FRESH, methods=_POST, kind="action", body=2048),
    route(
        "/export/{export}/{kind}", take_file, name="file", policy=signed_in(private=True), kind="file", limiter="files"
    ),
    route("/erasure", show_erasure, name="erasure", policy=_FRESH, always=True),
    route("/erasure", ask_erasure, name="ask_erasure", policy=_FRESH, methods=_POST, kind="action", body=2048),
    route(
        "/erasure/cancel",
        cancel_erasure,
        name="cancel_erasure",
        policy=signed_in(private=True),
        methods=_POST,
        kind="action",
        body=2048,
    ),
]
