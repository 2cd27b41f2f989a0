"""Surveys at the desk: results by month, low scores that wait for a person, what customers are asked."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import staff
from lkportal.modules.surveys import queries, service, views
from lkportal.modules.surveys.forms import DoneForm, QuestionForm
from lkportal.modules.surveys.occasions import KNOWN, OCCASIONS
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 30
_POST = ("POST",)


def show_results(request: Request) -> Response:
    """Show answers month by month, and how many low scores wait."""
    begins = views.beginnings(request.portal.clock.now(), _zone(request))
    found = views.months(queries.by_month(request.db, begins), begins)
    return page(
        request, "surveys/desk/results.html", months=found, waiting=request.db.execute(queries.LOW).one().waiting
    )


def show_low(request: Request) -> Response:
    """Show low scores: those that wait, or those that were taken care of."""
    care = "done" if request.query_params.get("care") == "done" else "open"
    at = request.page_number
    rows = queries.low(request.db, care, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    shown = [(row, KNOWN[row.occasion].title) for row in rows[:PAGE_ROWS]]
    return page(
        request,
        "surveys/desk/low.html",
        rows=shown,
        care=care,
        number=at,
        more=len(rows) > PAGE_ROWS,
        zone=_zone(request),
    )


def show_one(request: Request) -> Response:
    """Show one answer with the contact it is about."""
    return _one(request)


def close(request: Request) -> Response:
    """Note what was done about a low score."""
    row, form = _row(request), read_form(request, DoneForm)
    if not form.valid:
        return _one(request, 422, form)
    with unit_of_work(request) as db:
        is_first = service.close(db, row.public_id, request.actor.id or 0, form.data.done)
    if not is_first:
        said = text("surveys.desk.before", "Somebody took care of it before. Look at what they did.")
        return redirect(request, "surveys:low_one", said, "warn", answer=row.public_id)
    return redirect(request, "surveys:low", text("surveys.desk.closed", "Noted. Nobody else needs to look at it."))


def show_questions(request: Request) -> Response:
    """Show what customers are asked after which contact."""
    return _questions(request)


def write_question(request: Request) -> Response:
    """Keep the company's own question."""
    form = read_form(request, QuestionForm)
    known = KNOWN.get(str(form.value("occasion")))
    if known is None or known not in _there(request):
        raise NotFound
    if form.valid and form.data.low >= (scale := 5 if known.is_rating else int(form.data.scale)):
        form.add_error("low", text("surveys.form.low_unfit", "Choose less than the best score, %(best)s.", best=scale))
    if not form.valid:
        return _questions(request, 422, form)
    data = form.data
    texts = {code: words for code, words in data.texts.items() if words}
    values = {"on": data.on, "scale": 5 if known.is_rating else int(data.scale), "low": data.low, "texts": texts}
    with unit_of_work(request) as db:
        service.write_question(db, known.name, values)
    return redirect(
        request, "surveys:questions", text("surveys.desk.saved", "Saved. It counts for what is asked from now on.")
    )


def _questions(request: Request, status: int = 200, wrong: Form[Any] | None = None) -> Response:
    own = queries.questions(request.db)
    languages = [(locale.code, locale.own_name, locale.render) for locale in request.portal.locales]
    shown = []
    for known in _there(request):
        asking = views.asking(known.name, own.get(known.name))
        values = {"on": "on" if asking.on else "", "scale": str(asking.scale), "low": str(asking.low)}
        values |= {f"texts[{code}]": words for code, words in asking.texts.items()}
        is_wrong = wrong is not None and wrong.value("occasion") == known.name
        shown.append((asking, wrong if is_wrong and wrong else empty_form(QuestionForm, values)))
    return page(request, "surveys/desk/questions.html", status, rows=shown, languages=languages, wrong=wrong)


def _there(request: Request) -> list[Any]:
    """Return the occasions whose module is on: the desk has a page of their contacts."""
    return [each for each in OCCASIONS if each.page[0] in request.visit.edge.routes.by_name]


def _one(request: Request, status: int = 200, form: Form[Any] | None = None) -> Response:
    row = _row(request)
    route_name, param = KNOWN[row.occasion].page
    contact = ""
    if route_name in request.visit.edge.routes.by_name:
        contact = request.url(route_name, **{param: row.contact})
    return page(
        request,
        "surveys/desk/one.html",
        status,
        row=row,
        title=KNOWN[row.occasion].title,
        contact=contact,
        form=form or empty_form(DoneForm),
        may="surveys.work" in request.actor.permissions and row.care == service.OPEN,
        zone=_zone(request),
    )


def _row(request: Request) -> Any:
    found = queries.answered(request.db, request.path_params["answer"])
    if found is None:
        raise NotFound
    return found


def _zone(request: Request) -> str:
    return str(request.portal.settings.portal.time_zone)


_SEE, _DO, _SET = staff("surveys.staff_view"), staff("surveys.work"), staff("surveys.questions")
STAFF_PAGES = [
    route("/", show_results, name="results", policy=_SEE),
    route("/low", show_low, name="low", policy=_SEE),
    route("/questions", show_questions, name="questions", policy=_SET),
    route("/questions", write_question, name="write_question", policy=_SET, methods=_POST, kind="action"),
    route("/{answer}/", show_one, name="low_one", policy=_SEE),
    route("/{answer}/done", close, name="close", policy=_DO, methods=_POST, kind="action"),
]
