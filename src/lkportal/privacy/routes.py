"""Pages of a person about their own data: what leads where, the copy of their data, erasure. Documents are in routes_consents."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.core.policy import signed_in
from lkportal.privacy import consents
from lkportal.privacy.routes_consents import CONSENT_ROUTES, documents
from lkportal.web import Request, page, route


def home(request: Request) -> Response:
    """Show what a person can do about their data."""
    stands = consents.stands(request.db, documents(request), request.actor.id or 0)
    return page(
        request,
        "privacy/home.html",
        stands=stands,
        agreed=sum(stand.agreed for stand in stands),
    )


ROUTES = [
    route("/", home, name="home", policy=signed_in(), always=True),
    *CONSENT_ROUTES,
]
