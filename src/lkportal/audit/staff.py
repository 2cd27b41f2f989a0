"""The auditor's page: the trail, filtered by action, actor and account."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.audit import queries, sealer
from lkportal.core.policy import staff
from lkportal.web import Request, page, route

PAGE_ROWS = 50


def trail(request: Request) -> Response:
    """Show the audit trail, newest first, with the state of its seals."""
    query = request.query_params
    number = request.page_number
    chosen = {name: query.get(name, "").strip() for name in ("action", "actor", "account")}
    rows = queries.trail(request.db, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS, **chosen)
    return page(
        request,
        "audit/trail.html",
        rows=rows[:PAGE_ROWS],
        chosen=chosen,
        number=number,
        more=len(rows) > PAGE_ROWS,
        zone=request.portal.settings.portal.time_zone,
        unsealed=sealer.unsealed_age(request.db, request.portal.clock.now()),
    )


PAGES = [route("/", trail, name="trail", policy=staff("audit.view"))]
