"""A page of the desk: besides its own values it tells how fresh the sources are, and that something waits for the reader's consent."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.staff import queries
from lkportal.staff.approvals import waiting
from lkportal.staff.desk import Desk
from lkportal.staff.freshness import Source, bar, sources
from lkportal.staff.settings import StaffSettings
from lkportal.web import Request, page


def desk_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """Answer with a page that extends layouts/staff.html."""
    found = seen(request)
    return page(request, template, status, sources=bar(found), fed=found, to_decide=_to_decide(request), **context)


def _to_decide(request: Request) -> str:
    """Return where requests to a second person wait for this reader, "" when none does."""
    if "staff.approvals" not in request.actor.permissions:
        return ""
    waits = waiting.any_waits(request.db, request.actor, request.portal.clock.now())
    return request.url("staff:approvals") if waits else ""


def seen(request: Request) -> list[Source]:
    """Return the last import of each kind of file in words."""
    kinds = request.portal.ports.get(Desk).registry.import_kinds  # type: ignore[type-abstract]
    late_hours = request.settings_of("staff", StaffSettings).late_hours
    return sources(queries.sources(request.db), kinds, late_hours, request.portal.clock.now())
