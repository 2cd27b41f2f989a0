"""The desk's page of notes."""

from starlette.responses import Response

from lkportal.core.policy import staff
from lkportal.web import Request, page, route
from lkportal_dummy import queries


def show_all(request: Request) -> Response:
    """Show the newest notes of all accounts."""
    return page(request, "dummy/desk.html", notes=request.db.execute(queries.ALL).all())


PAGES = [route("/", show_all, name="desk", policy=staff("dummy.staff_view"))]
