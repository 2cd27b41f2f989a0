"""What browsers ask for at the root of a portal: the manifest of the brand, and the icons they look for without being told."""

from __future__ import annotations

import json

from starlette.responses import Response

from lkportal.core.contributions import RouteSpec
from lkportal.core.policy import anyone
from lkportal.theming.files.app_icons import icon_name
from lkportal.theming.files.manifest import manifest
from lkportal.web.request import Request
from lkportal.web.routing import address, route

MANIFEST = "/manifest.webmanifest"
_MOST_SHORTCUTS = 4
_DAY = "public, max-age=86400"


def web_manifest(request: Request) -> Response:
    """Answer with the manifest of the brand whose host was asked, in the reader's language."""
    visit = request.visit
    made = manifest(
        request.portal.theme(request.brand),
        request.locale.code,
        visit.root,
        visit.edge.asset_address(visit),
        _shortcuts(request),
    )
    body = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    headers = {"cache-control": "private, max-age=3600", "vary": "Cookie, Accept-Language"}
    return Response(body, media_type="application/manifest+json", headers=headers)


def favicon(request: Request) -> Response:
    """Answer with the brand's `favicon.ico`."""
    return _icon(request, f"brand/{request.brand}.ico")


def touch_icon(request: Request) -> Response:
    """Answer with the icon that iOS looks for."""
    return _icon(request, icon_name(request.brand, 180))


def _icon(request: Request, name: str) -> Response:
    found = request.portal.assets.find(name, request.brand)
    if found is None:
        return Response(status_code=404)
    return Response(found.body, media_type=found.media_type, headers={"cache-control": _DAY})


def _shortcuts(request: Request) -> list[tuple[str, str]]:
    """The first pages of the customer's menu that need no account in their address; nothing here knows who asks."""
    routes = request.visit.edge.routes
    items = [
        item
        for item in request.portal.menu
        if item.route in routes.by_name
        and not routes.takes_account(item.route)
        and item.route.partition(":")[0] not in request.closed
    ]
    return [
        (request.locale.render(item.label), address(request.scope, item.route, {})) for item in items[:_MOST_SHORTCUTS]
    ]


def install_routes() -> tuple[RouteSpec, ...]:
    """Return the routes, mounted at the root."""
    return (
        route(MANIFEST, web_manifest, name="manifest", policy=anyone(), kind="file"),
        route("/favicon.ico", favicon, name="favicon", policy=anyone(), kind="file"),
        route("/apple-touch-icon.png", touch_icon, name="touch_icon", policy=anyone(), kind="file"),
        route("/apple-touch-icon-precomposed.png", touch_icon, name="touch_icon_old", policy=anyone(), kind="file"),
    )
