"""The few routes the edge has itself: health, reports of the policy, language and mode of the reader, manifest and icons."""

from __future__ import annotations

import json
from typing import Any, Literal
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from lkportal.core.policy import anyone
from lkportal.web.asgi.csp import REPORT_PATH
from lkportal.web.cookies import LOCALE, MODE, Cookie
from lkportal.web.forms.reading import FormModel, read_form
from lkportal.web.own.app_worker import WORKER, service_worker
from lkportal.web.own.health import readiness
from lkportal.web.own.installing import install_routes
from lkportal.web.page.answers import redirect_to
from lkportal.web.request import Request
from lkportal.web.routing import RouteGroup, route
from lkportal.web.trust.destinations import safe_destination

_YEAR = 365 * 24 * 3600
_REPORT_BYTES = 16 * 1024
_MOST_REPORTS = 10


class LanguageForm(FormModel):
    """The language a reader chose."""

    locale: str


class ModeForm(FormModel):
    """Light, dark, or as the device has it."""

    mode: Literal["light", "dark", "auto"]


def live(_request: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


def ready(request: Request) -> Response:
    """Say whether the portal can do its work: 200 or 503, with what is wrong in names and numbers."""
    report = readiness(request.portal)
    return JSONResponse(report, 200 if report["status"] == "ok" else 503)


def language(request: Request) -> Response:
    """Keep the language in a cookie and go back to the page."""
    form = read_form(request, LanguageForm)
    if form.valid and form.data.locale in request.portal.locales:
        request.set_cookie(Cookie(LOCALE, form.data.locale, _YEAR))
    return redirect_to(request, _page_before(request))


def mode(request: Request) -> Response:
    """Keep light or dark in a cookie and go back to the page."""
    form = read_form(request, ModeForm)
    if form.valid:
        request.set_cookie(Cookie(MODE, form.data.mode, _YEAR))
    return redirect_to(request, _page_before(request))


def csp_report(request: Request) -> Response:
    """Write down what browsers say was blocked: names of directives and origins, ten lines a minute at most."""
    reports = _reports(request.body_bytes)
    edge = request.visit.edge
    for report in reports[:_MOST_REPORTS]:
        if not edge.report_budget.take():
            break
        edge.log.warning("csp_report", request_id=request.request_id, **report)
    return Response(status_code=204)


def _page_before(request: Request) -> str:
    before = urlsplit(request.headers.get("referer", ""))
    root = request.visit.root
    address = before.path + (f"?{before.query}" if before.query else "")
    return safe_destination(request.visit.edge.routes, root, address, root + "/")


def _reports(body: bytes) -> list[dict[str, str]]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return []
    entries = sent if isinstance(sent, list) else [sent]
    found = []
    for entry in entries:
        if isinstance(entry, dict):
            inner = entry.get("csp-report") or entry.get("body")
            if isinstance(inner, dict):
                found.append(_shortened(inner))
    return found


def _shortened(report: dict[str, Any]) -> dict[str, str]:
    directive = str(report.get("effective-directive") or report.get("effectiveDirective") or "")
    blocked = str(report.get("blocked-uri") or report.get("blockedURL") or "")
    parts = urlsplit(blocked) if "://" in blocked[:20] else None
    origin = f"{parts.scheme}://{parts.netloc}" if parts else blocked
    return {"directive": directive[:60], "blocked": origin[:120]}


def own_routes() -> RouteGroup:
    """Return the routes of the edge, mounted at the root."""
    return RouteGroup(
        "web",
        "",
        (
            *install_routes(),
            route(WORKER, service_worker, name="worker", policy=anyone(), kind="file"),
            route("/health/live", live, name="live", policy=anyone(), kind="api"),
            route("/health/ready", ready, name="ready", policy=anyone(), kind="api"),
            route("/language", language, name="language", policy=anyone(), methods=("POST",), kind="action", body=4096),
            route("/mode", mode, name="mode", policy=anyone(), methods=("POST",), kind="action", body=4096),
            route(
                REPORT_PATH,
                csp_report,
                name="csp_report",
                policy=anyone(),
                methods=("POST",),
                kind="api",
                csrf=False,
                body=_REPORT_BYTES,
            ),
        ),
    )
