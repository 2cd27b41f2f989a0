"""A page of the desk: besides its own values it tells how fresh the sources are, and that something waits for the reader's consent."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.staff import queries
from lkportal.staff.approvals.telling import DECIDE
from lkportal.staff.desk import Desk
from lkportal.staff.freshness import bar, sources
from lkportal.staff.settings import StaffSettings
from lkportal.web import Request, page


def desk_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """Answer with a page that extends layouts/staff.html."""
    rights = request.actor.permissions if DECIDE in request.actor.permissions else ()
    now = request.portal.clock.now()
    rows, waits = queries.frame(request.db, request.actor.id or 0, rights, now)
    kinds = request.portal.ports.get(Desk).registry.import_kinds  # type: ignore[type-abstract]
    found = sources(rows, kinds, request.settings_of("staff", StaffSettings).late_hours, now)
    to_decide = request.url("staff:approvals") if waits else ""
    return page(request, template, status, sources=bar(found), fed=found, to_decide=to_decide, **context)
