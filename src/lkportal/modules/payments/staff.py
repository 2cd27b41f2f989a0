"""Pages of the desk about payments: those that a person must look at."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from lkportal.core.policy import staff
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.reconciling import reads as reconciling
from lkportal.modules.payments.routes_papers import STAFF_PAPERS
from lkportal.web import Request, page, route

UNFINISHED_AFTER = timedelta(days=1)


def show_attention(request: Request) -> Response:
    """Show payments whose provider told something else than we asked, and those unfinished for more than a day."""
    rows = queries.unsettled(request.db, request.portal.clock.now() - UNFINISHED_AFTER)
    differing = reconciling.how_many(request.db)
    return page(
        request,
        "payments/attention.html",
        rows=rows,
        states=views.PAYMENT_STATES,
        doubts=views.DOUBTS,
        differing=differing,
    )


STAFF_PAGES = [route("/", show_attention, name="attention", policy=staff("payments.staff_view")), *STAFF_PAPERS]
