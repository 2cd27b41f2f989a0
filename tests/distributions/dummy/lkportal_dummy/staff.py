"""The desk's pages of notes: all of them, and striking one out, which two people do."""

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import staff
from lkportal.web import Change, Proposal, Request, page, redirect, route, unit_of_work
from lkportal_dummy import queries, service


def show_all(request: Request) -> Response:
    """Show the newest notes of all accounts."""
    return page(request, "dummy/desk.html", notes=request.db.execute(queries.ALL).all())


def explain(request: Request) -> Proposal:
    """Tell what striking a note out would do."""
    note = request.db.execute(queries.ANY, {"note": request.path_params["note"]}).first()
    if note is None:
        raise NotFound
    what = text("dummy.desk.note", "Note")
    return Proposal(text("dummy.desk.striking", "A note struck out"), [Change(what, note.words, "-")])


def strike(request: Request) -> Response:
    """Strike a note out."""
    with unit_of_work(request) as db:
        service.strike(db, request.path_params["note"])
    return redirect(request, "dummy:desk")


_STRIKE = staff("dummy.strike", four_eyes=True)
PAGES = [
    route("/", show_all, name="desk", policy=staff("dummy.staff_view")),
    route("/{note}/strike", strike, name="strike", policy=_STRIKE, methods=("POST",), explain=explain),
]
