"""The page for a form that cannot be believed as it came: nothing is done yet, nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.web.page.answers import page
from lkportal.web.page.errors import error_page, title_of
from lkportal.web.trust.csrf import FIELD

if TYPE_CHECKING:
    from lkportal.web.request import Request

TEMPLATE = "web/confirm.html"
_SECRET = ("password", "secret", "code", "pin", "otp", "token")
_FOREIGN = text(
    "web.csrf.foreign",
    "This form came from another site, so nothing was done. Open the page here and fill it in again.",
)


def confirm_page(request: Request, outcome: str) -> Response:
    """Answer an unsafe request that was not believed.

    A stale token from our own page (the session changed meanwhile) gets a page with the same fields and a fresh token: one
    press sends them again; passwords, codes and files must be given anew. What another site sent gets a refusal.
    """
    if outcome == "foreign" or request.route.spec.kind == "api":
        return error_page(request, PortalError("csrf", _FOREIGN, 403))
    fields = [(name, value) for name, value in request.form_data.multi_items() if name != FIELD and not is_secret(name)]
    left_out = bool(request.files) or any(is_secret(name) for name in request.form_data)
    target = request.visit.root + request.path_below
    query = request.scope["query_string"].decode("latin-1")
    return page(
        request,
        TEMPLATE,
        403,
        title=title_of(403),
        target=f"{target}?{query}" if query else target,
        fields=fields,
        left_out=left_out,
    )


def is_secret(name: str) -> bool:
    """Whether a field of this name holds something that is never written back into a page."""
    return any(word in name.lower() for word in _SECRET)
