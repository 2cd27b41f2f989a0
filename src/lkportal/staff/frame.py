"""A page of the desk: besides its own values it tells how fresh the sources are."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.staff import queries
from lkportal.staff.desk import Desk
from lkportal.staff.freshness import Source, bar, sources
from lkportal.staff.settings import StaffSettings
from lkportal.web import Request, page


def desk_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """Answer with a page that extends layouts/staff.html."""
    found = seen(request)
    return page(request, template, status, sources=bar(found), fed=found, **context)


def seen(request: Request) -> list[Source]:
    """Return the last import of each kind of file in words."""
    kinds = request.portal.ports.get(Desk).registry.import_kinds  # type: ignore[type-abstract]
    late_hours = request.settings_of("staff", StaffSettings).late_hours
    return sources(queries.sources(request.db), kinds, late_hours, request.portal.clock.now())
