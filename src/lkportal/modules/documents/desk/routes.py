"""Pages of the desk about documents: what waits, one document, publishing for an account, versions, answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, staff
from lkportal.modules.documents import papers, service, states, views
from lkportal.modules.documents import queries as reads
from lkportal.modules.documents.certificates.routes import sealed
from lkportal.modules.documents.certificates.seal import Seal
from lkportal.modules.documents.desk import queries
from lkportal.modules.documents.files import checking
from lkportal.modules.documents.forms import AnswerForm, PublishForm, QueueForm, StepForm, VersionForm
from lkportal.modules.documents.routes import (
    BODY,
    evidence_answer,
    file_answer,
    held,
    office_of,
    picture_answer,
    sent_file,
)
from lkportal.web import Form, Request, empty_form, page, read_form, read_query, redirect, route, unit_of_work

PAGE_ROWS = 30
_POST = ("POST",)
_SHOWS = (
    ("waiting", text("documents.desk.show_waiting", "Wait for us")),
    ("customer", text("documents.desk.show_customer", "Wait for customers")),
    ("done", text("documents.desk.show_done", "Finished")),
    ("all", text("documents.desk.show_all", "All")),
)
_ASKS = (
    ("", text("documents.desk.asks_nothing", "Nothing: to keep")),
    ("agree", text("documents.desk.asks_agree", "To agree or to send remarks")),
    ("sign", text("documents.desk.asks_sign", "To sign by a code")),
)
_MOVED = text("documents.desk.moved", "Done. The customer is told.")


def show_queue(request: Request) -> Response:
    """Show the documents as the desk narrows them."""
    form = read_query(request, QueueForm)
    asked = form.data if form.valid else QueueForm()
    office, at = office_of(request), request.page_number
    rows = queries.queue(request.db, asked.show, asked.kind, asked.q, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    shown = [(row, views.document(row, office.any_kind(row.kind), office.zone, desk=True)) for row in rows[:PAGE_ROWS]]
    return page(
        request,
        "documents/desk/queue.html",
        rows=shown,
        asked=asked,
        shows=_SHOWS,
        counts=queries.counts(request.db),
        kinds=office.kinds,
        number=at,
        more=len(rows) > PAGE_ROWS,
        zone=office.zone,
    )


def show_publish(request: Request) -> Response:
    """Show the form to publish a document for an account."""
    kinds = office_of(request).kinds
    chosen = next((each for each in kinds if each.name == request.query_params.get("kind")), kinds[0])
    days, today = office_of(request).days(chosen), office_of(request).today(request.portal.clock.now())
    due = date.fromordinal(today.toordinal() + days).isoformat() if days else ""
    values = {"token": public_id(), "kind": chosen.name, "asks": chosen.asks, "due": due}
    return _publish_page(request, empty_form(PublishForm, values))


def publish(request: Request) -> Response:
    """Publish a document for an account."""
    account, form = _account(request, request.path_params["customer"]), read_form(request, PublishForm)
    is_written = form.valid and bool(form.data.body) and not request.files
    file = None if is_written else sent_file(request, form)
    if form.valid and all(each.name != form.data.kind for each in office_of(request).kinds):
        form.add_error("kind", text("documents.form.choose", "Choose one of the options."))
    due = _due(request, form)
    if is_written and form.valid:
        request.release()
        told = form.data
        file = papers.written(request.portal, account, request.locale, told.title, told.number, told.asks, told.body)
    file, seal = sealed(request, form, file)
    if not form.valid or file is None:
        return _publish_page(request, form, 422)
    data = form.data
    with held(request, file) as kept:
        draft = service.Draft(
            data.kind,
            data.title,
            data.token,
            kept,
            data.number,
            data.asks,
            due if data.asks else None,
            data.remark,
            seal,
        )
        with unit_of_work(request) as db:
            made = service.publish(db, account, request.actor.id, draft)[0].public_id
    said = text("documents.desk.published", "Published. The customer is told.")
    return redirect(request, "documents:staff_document", said, document=made)


def show_document(request: Request) -> Response:
    """Show a document with everything that happened to it."""
    return _document_page(request)


def put_version(request: Request) -> Response:
    """Put a new version on the table."""
    row, form = _row(request), read_form(request, VersionForm)
    file = sent_file(request, form)
    due = _due(request, form)
    file, seal = sealed(request, form, file)
    if not form.valid or file is None:
        return _document_page(request, 422, versioning=form)
    with held(request, file) as kept:
        data = form.data
        step = service.Step("company", "version", request.actor.id, data.token, 0, data.remark, kept, 0, due, seal)
        return _act(request, row, step, text("documents.desk.versioned", "The new version is there."))


def restore(request: Request) -> Response:
    """Bring an earlier version back."""
    row, form = _row(request), read_form(request, StepForm)
    if not form.valid:
        return _act_again(request, row)
    step = service.Step("company", "restore", request.actor.id, form.data.token, restores=form.data.number)
    return _act(request, row, step, text("documents.desk.restored", "Version %(n)s is back.", n=form.data.number))


def answer(request: Request) -> Response:
    """Answer remarks, or agree with what the customer sent."""
    row, form = _row(request), read_form(request, AnswerForm)
    due = _due(request, form)
    if form.valid and form.data.act == "answer" and not form.data.remark:
        form.add_error("remark", text("documents.form.empty", "Write a few words."))
    if not form.valid:
        return _document_page(request, 422, answering=form)
    data = form.data
    step = service.Step("company", data.act, request.actor.id, data.token, row.version, data.remark, due_at=due)
    return _act(request, row, step, _MOVED)


def withdraw(request: Request) -> Response:
    """Take a document back: it stays in the history and asks for nothing."""
    row, form = _row(request), read_form(request, StepForm)
    if not form.valid:
        return _act_again(request, row)
    step = service.Step("company", "withdraw", request.actor.id, form.data.token)
    return _act(request, row, step, text("documents.desk.withdrawn", "Withdrawn."))


def give_file(request: Request) -> Response:
    """Give the bytes of a version, to keep."""
    return file_answer(request, reads.version(request.db, _row(request).id, request.path_params["version"]))


def give_picture(request: Request) -> Response:
    """Give a page of a version as a picture."""
    return picture_answer(request, reads.picture(request.db, _row(request).id, request.path_params["picture"]))


def give_evidence(request: Request) -> Response:
    """Give the evidence package."""
    return evidence_answer(request, _row(request))


def _act(request: Request, row: Any, step: service.Step, said: Text) -> Response:
    account = _account(request, row.account)
    try:
        with unit_of_work(request) as db:
            service.take(db, account, row.public_id, step)
    except service.MovedOn:
        return _act_again(request, row)
    return redirect(request, "documents:staff_document", said, document=row.public_id)


def _act_again(request: Request, row: Any) -> Response:
    return redirect(request, "documents:staff_document", service.MOVED_ON, "warn", document=row.public_id)


def _due(request: Request, form: Form[Any]) -> datetime | None:
    """Return the moment at which the day in a form ends; a day that is over is an error of the form."""
    office = office_of(request)
    day = form.data.due if form.valid else None
    if day is None:
        return None
    if day < office.today(request.portal.clock.now()):
        form.add_error("due", text("documents.form.past", "This day is over. Choose today or a later day."))
        return None
    return office.end_of(day)


def _publish_page(request: Request, form: Form[PublishForm], status: int = 200) -> Response:
    account = _account(request, request.path_params["customer"])
    return page(
        request,
        "documents/desk/publish.html",
        status,
        form=form,
        whose=account,
        kinds=office_of(request).kinds,
        asks=_ASKS,
        accept=checking.ACCEPT,
        today=office_of(request).today(request.portal.clock.now()),
        may_seal=request.portal.ports.get(Seal).on,
    )


def _document_page(
    request: Request, status: int = 200, versioning: Form[Any] | None = None, answering: Form[Any] | None = None
) -> Response:
    row, office = _row(request), office_of(request)
    found = reads.versions(request.db, row.id)
    on_table = next(each for each in found if each.number == row.version)
    may = states.may("company", row.state, row.asks, approved=row.approved)
    return page(
        request,
        "documents/desk/document.html",
        status,
        row=row,
        document=views.document(row, office.any_kind(row.kind), office.zone, desk=True),
        on_table=on_table,
        versions=found,
        pictures=reads.pictures(request.db, row.id, on_table.file_key),
        history=views.history(reads.history(request.db, row.id), ""),
        signatures=reads.signatures(request.db, row.id),
        may=may if "documents.publish" in request.actor.permissions else frozenset(),
        versioning=versioning or empty_form(VersionForm, {"token": public_id()}),
        answering=answering or empty_form(AnswerForm, {"token": public_id()}),
        token=public_id(),
        zone=office.zone,
        accept=checking.ACCEPT,
        today=office.today(request.portal.clock.now()),
        may_seal=request.portal.ports.get(Seal).on,
    )


def _account(request: Request, public: str) -> AccountRef:
    found = request.portal.ports.get(Accounts).by_public_id(request.db, public)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.path_params["document"])
    if found is None:
        raise NotFound
    return found


_SEE, _DO = staff("documents.staff_view"), staff("documents.publish")
_UPLOAD: dict[str, Any] = {"policy": _DO, "methods": _POST, "kind": "action", "body": BODY, "limiter": "files"}
STAFF_PAGES = [
    route("/", show_queue, name="queue", policy=_SEE),
    route("/new/{customer}", show_publish, name="publish", policy=_DO),
    route("/new/{customer}", publish, name="publish_it", **_UPLOAD),
    route("/{document}/", show_document, name="staff_document", policy=_SEE),
    route("/{document}/version", put_version, name="version", **_UPLOAD),
    route("/{document}/restore", restore, name="restore", policy=_DO, methods=_POST, kind="action"),
    route("/{document}/answer", answer, name="answer", policy=_DO, methods=_POST, kind="action"),
    route("/{document}/withdraw", withdraw, name="withdraw", policy=_DO, methods=_POST, kind="action"),
    route("/{document}/evidence", give_evidence, name="staff_evidence", policy=_SEE, kind="file", limiter="files"),
    route("/{document}/file/{version}", give_file, name="staff_file", policy=_SEE, kind="file", limiter="files"),
    route(
        "/{document}/picture/{picture}", give_picture, name="staff_picture", policy=_SEE, kind="file", limiter="files"
    ),
]
