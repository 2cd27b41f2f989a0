"""The page on which customers read who of the company looked at them."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.core.policy import signed_in
from lkportal.privacy import access
from lkportal.privacy.routes_consents import zone_of
from lkportal.privacy.settings import PrivacySettings
from lkportal.web import Request, page, route

PAGE_ROWS = 30


def show_access(request: Request) -> Response:
    """Show who of the company looked, when and why."""
    settings, actor = request.settings_of("privacy", PrivacySettings), request.actor
    found = access.looks(
        request.db,
        actor.id or 0,
        actor.public_id,
        request.portal.clock.now(),
        settings.access_days,
        names=settings.access_names == "name",
    )
    number = request.page_number
    shown = found[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    more = len(found) > number * PAGE_ROWS
    return page(
        request,
        "privacy/access.html",
        looks=shown,
        number=number,
        more=more,
        days=settings.access_days,
        zone=zone_of(request),
    )


ACCESS_ROUTES = [route("/access", show_access, name="access", policy=signed_in(private=True))]
