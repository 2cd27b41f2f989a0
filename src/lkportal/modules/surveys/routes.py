"""Answering a survey: through the link of a letter, without signing in, or in the portal. One tap, then a remark for those who like."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import GuestLinks
from lkportal.core.contributions import GuestPurpose
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import guest, on_account
from lkportal.modules.surveys import queries, service, views
from lkportal.modules.surveys.forms import RemarkForm, ScoreForm
from lkportal.web import Form, Request, empty_form, page, read_form, redirect_to, route, unit_of_work
from lkportal.web.trust.guard import LinkGone

RIGHT = "surveys.answer"


def show_guest(request: Request) -> Response:
    """Show the question of a link; once it is answered, thanks."""
    return _guest_page(request)


def answer_guest(request: Request) -> Response:
    """Note a score and spend the link in one unit; a second tap changes nothing."""
    link, form, here = request.own_link, read_form(request, ScoreForm), _here(request)
    if not form.valid:
        return _guest_page(request, 422, form)
    if link.used:
        return redirect_to(request, here)
    account = request.own_account
    try:
        with unit_of_work(request) as db:
            if service.answer(db, account, link.target, form.data.score):
                request.portal.ports.get(GuestLinks).spend(db, link, account, link.target)  # type: ignore[type-abstract]
    except LinkGone:
        pass
    return redirect_to(request, here)


def remark_guest(request: Request) -> Response:
    """Note what a person adds to the score they gave through a link."""
    link, form = request.own_link, read_form(request, RemarkForm)
    if not form.valid:
        return _guest_page(request, 422, form)
    with unit_of_work(request) as db:
        service.remark(db, request.own_account, link.target, form.data.remark)
    return redirect_to(request, _here(request))


def show_answer(request: Request) -> Response:
    """Show a question in the portal."""
    return _own_page(request)


def answer(request: Request) -> Response:
    """Note a score."""
    row, form = _row(request), read_form(request, ScoreForm)
    if not form.valid:
        return _own_page(request, 422, form)
    with unit_of_work(request) as db:
        service.answer(db, request.own_account, row.public_id, form.data.score)
    return redirect_to(request, request.url("surveys:answer", answer=row.public_id))


def remark(request: Request) -> Response:
    """Note what a person adds."""
    row, form = _row(request), read_form(request, RemarkForm)
    if not form.valid:
        return _own_page(request, 422, form)
    with unit_of_work(request) as db:
        service.remark(db, request.own_account, row.public_id, form.data.remark)
    return redirect_to(request, request.url("surveys:answer", answer=row.public_id))


def _own_page(request: Request, status: int = 200, form: Form[Any] | None = None) -> Response:
    row = _row(request)
    here = request.url("surveys:answer", answer=row.public_id)
    return page(request, "surveys/answer.html", status, here=here, **_shown(request, row, form))


def _guest_page(request: Request, status: int = 200, form: Form[Any] | None = None) -> Response:
    row = queries.one(request.db, request.own_account.id, request.own_link.target)
    return page(request, "surveys/guest.html", status, here=_here(request), **_shown(request, row, form))


def _shown(request: Request, row: Any, form: Form[Any] | None) -> dict[str, Any]:
    """Return what the page says of a question: `state` is open, answered (a remark may follow), thanks or gone."""
    now = request.portal.clock.now()
    state, question, scores = "gone", None, range(0)
    if row is not None:
        question = views.asking(row.occasion, queries.questions(request.db).get(row.occasion)).words(
            request.locale.code
        )
        scores = views.scores(row.scale)
        if row.score is not None:
            fresh = not row.remark and row.answered_at is not None and now - row.answered_at < service.REMARK
            state = "answered" if fresh else "thanks"
        elif row.until >= now.date():
            state = "open"
    return {"row": row, "state": state, "question": question, "scores": scores, "form": form or empty_form(RemarkForm)}


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.own_account.id, request.path_params["answer"])
    if found is None:
        raise NotFound
    return found


def _here(request: Request) -> str:
    return request.url("surveys:guest", token=request.path_params["token"])


GUEST_PURPOSES = [
    GuestPurpose(RIGHT, text("surveys.guest.purpose", "Say how it went"), RIGHT, "surveys:guest", 14, offered=False)
]
_GUEST, _OWN, _POST = guest(RIGHT), on_account(RIGHT), ("POST",)
# The token of the path is the proof that a form comes from whoever holds the link: a stranger's page does not know it.
ROUTES = [
    route("/guest/{token}", show_guest, name="guest", policy=_GUEST),
    route("/guest/{token}", answer_guest, name="guest_answer", policy=_GUEST, methods=_POST, kind="action", csrf=False),
    route(
        "/guest/{token}/remark",
        remark_guest,
        name="guest_remark",
        policy=_GUEST,
        methods=_POST,
        kind="action",
        csrf=False,
    ),
    route("/{account}/{answer}/", show_answer, name="answer", policy=_OWN),
    route("/{account}/{answer}/", answer, name="give", policy=_OWN, methods=_POST, kind="action"),
    route("/{account}/{answer}/remark", remark, name="remark", policy=_OWN, methods=_POST, kind="action"),
]
