"""Customer pages of documents: the list, one document with its pages and history, agreeing, remarks, sending one's own."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import on_account
from lkportal.core.storage import Storage
from lkportal.core.strangers import Opener
from lkportal.modules.documents import queries, service, states, views
from lkportal.modules.documents.certificates import detached
from lkportal.modules.documents.evidence import package
from lkportal.modules.documents.files import checking, keeping
from lkportal.modules.documents.forms import AgreeForm, DeclineForm, ListForm, RemarkForm, SendForm
from lkportal.modules.documents.office import Office
from lkportal.web import (
    Form,
    Request,
    attachment,
    empty_form,
    page,
    read_form,
    read_query,
    redirect,
    route,
    unit_of_work,
)

PAGE_ROWS = 20
BODY = 104 * 1024 * 1024
_POST = ("POST",)


def show_list(request: Request) -> Response:
    """Show the documents of the account, those that wait first."""
    form, office, at = read_query(request, ListForm), office_of(request), request.page_number
    asked = form.data if form.valid else ListForm()
    rows = queries.recent(request.db, request.own_account.id, asked.kind, asked.q, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    shown = [views.document(row, office.any_kind(row.kind), request.own_account.time_zone) for row in rows[:PAGE_ROWS]]
    return page(
        request,
        "documents/list.html",
        documents=shown,
        kinds=office.kinds,
        asked=asked,
        number=at,
        more=len(rows) > PAGE_ROWS,
        may_send="documents.agree" in request.own_account.rights and any(each.from_customer for each in office.kinds),
        zone=request.own_account.time_zone,
    )


def show_document(request: Request) -> Response:
    """Show a document with its pages, what may be done and what happened."""
    return document_page(request)


def agree(request: Request) -> Response:
    """Agree with the version that was shown."""
    form = read_form(request, AgreeForm)
    if not form.valid:
        return redirect(request, "documents:document", service.MOVED_ON, "warn", document=_row(request).public_id)
    step = service.Step("customer", "agree", request.actor.id, form.data.token, form.data.seen)
    return act(request, step, text("documents.flash.agreed", "You agreed. The company knows it."))


def remark(request: Request) -> Response:
    """Write remarks, perhaps with a version of one's own."""
    row, form = _row(request), read_form(request, RemarkForm)
    file = sent_file(request, form, required=False)
    if not form.valid:
        return document_page(request, 422, remarks=form)
    said = text("documents.flash.remarked", "Sent. The company looks at it and answers here.")
    data, who = form.data, request.actor.id
    if file is None:
        step = service.Step("customer", "remark", who, data.token, data.seen, data.remark)
        return act(request, step, said)
    with held(request, file) as kept:
        step = service.Step("customer", "propose", who, data.token, data.seen, data.remark, kept)
        return act(request, step, said, row)


def decline(request: Request) -> Response:
    """Decline a document, with the reason."""
    form = read_form(request, DeclineForm)
    if not form.valid:
        return document_page(request, 422, declining=form)
    step = service.Step("customer", "decline", request.actor.id, form.data.token, remark=form.data.reason)
    return act(request, step, text("documents.flash.declined", "You declined. The company knows it and your reason."))


def show_send(request: Request) -> Response:
    """Show the form to send a document."""
    return _send_page(request, empty_form(SendForm, {"token": public_id()}))


def send(request: Request) -> Response:
    """Send a document to the company."""
    form = read_form(request, SendForm)
    file = sent_file(request, form)
    kinds = [each.name for each in office_of(request).kinds if each.from_customer]
    if form.valid and form.data.kind not in kinds:
        form.add_error("kind", text("documents.form.choose", "Choose one of the options."))
    if not form.valid or file is None:
        return _send_page(request, form, 422)
    data = form.data
    with held(request, file) as kept:
        draft = service.Draft(data.kind, data.title, data.token, kept, asks="agree", remark=data.remark)
        with unit_of_work(request) as db:
            made = service.send(db, request.own_account, request.actor.id or 0, draft)[0].public_id
    return redirect(request, "documents:document", text("documents.flash.sent", "Sent to the company."), document=made)


def give_file(request: Request) -> Response:
    """Give the bytes of a version, to keep."""
    return file_answer(request, queries.version(request.db, _row(request).id, request.path_params["version"]))


def give_picture(request: Request) -> Response:
    """Give a page of a version as a picture."""
    return picture_answer(request, queries.picture(request.db, _row(request).id, request.path_params["picture"]))


def give_evidence(request: Request) -> Response:
    """Give the evidence package."""
    return evidence_answer(request, _row(request))


def evidence_answer(request: Request, row: Any) -> Response:
    """Answer with the evidence package of a document."""
    body = package.build(request.db, request.portal.ports.get(Storage), row)  # type: ignore[type-abstract]
    name = request.locale.render(text("documents.evidence.file", "Evidence %(title)s", title=row.title))
    headers = {"cache-control": "private, no-store", "content-disposition": attachment(f"{name}.zip")}
    return Response(body, media_type="application/zip", headers=headers)


def file_answer(request: Request, row: Any) -> Response:
    """Answer with kept bytes as an attachment. Raises NotFound; so it is with bytes whose time is over."""
    if row is None or not row.file_key:
        raise NotFound
    body = request.portal.ports.get(Storage).get(row.file_key)  # type: ignore[type-abstract]
    headers = {"cache-control": "private, no-store", "content-disposition": attachment(row.title)}
    return Response(body, media_type=row.media_type, headers=headers)


def picture_answer(request: Request, row: Any) -> Response:
    """Answer with the picture of a page. It never changes, so this browser may keep it."""
    if row is None or not row.file_key:
        raise NotFound
    body = request.portal.ports.get(Storage).get(row.file_key)  # type: ignore[type-abstract]
    return Response(body, media_type="image/jpeg", headers={"cache-control": "private, no-store"})


def sent_file(request: Request, form: Form[Any], *, required: bool = True) -> checking.Checked | None:
    """Return the file sent with a form, looked into; one that is not taken, or none where one is wanted, is an error of the form."""
    upload = next((each for each in request.files if each.field == "file"), None)
    if upload is None:
        if required:
            form.add_error("file", text("documents.form.file", "Choose a file."))
        return None
    settings = office_of(request).settings
    request.release()
    try:
        opener = request.portal.ports.get(Opener)
        return checking.checked(opener, upload.name, upload.file, upload.size, settings.file_mb, settings.pages_shown)
    except checking.NotTaken as refused:
        form.add_error("file", refused.words)
        return None


def held(request: Request, file: checking.Checked) -> Any:
    """Hold a file for the version that is made within the block; no connection is held while it is put away."""
    request.release()
    return keeping.held(request.portal.ports.get(Storage), file)  # type: ignore[type-abstract]


def office_of(request: Request) -> Office:
    """Return the office of the portal."""
    return request.portal.ports.get(Office)


def act(request: Request, step: service.Step, said: Text, row: Any = None) -> Response:
    """Take a customer's step and go back to the document."""
    document = (row or _row(request)).public_id
    try:
        with unit_of_work(request) as db:
            service.take(db, request.own_account, document, step)
    except service.MovedOn as error:
        return redirect(request, "documents:document", error.words, "warn", document=document)
    return redirect(request, "documents:document", said, document=document)


def document_page(
    request: Request,
    status: int = 200,
    remarks: Form[Any] | None = None,
    declining: Form[Any] | None = None,
) -> Response:
    """Return the page of a document, with forms as they were typed."""
    row, office, account = _row(request), office_of(request), request.own_account
    found = queries.versions(request.db, row.id)
    on_table = next(each for each in found if each.number == row.version)
    open_to = states.may("customer", row.state, row.asks, approved=row.approved)
    rights = account.rights
    return page(
        request,
        "documents/document.html",
        status,
        row=row,
        document=views.document(row, office.any_kind(row.kind), account.time_zone),
        on_table=on_table,
        versions=found,
        pictures=queries.pictures(request.db, row.id, on_table.file_key),
        history=views.history(queries.history(request.db, row.id), request.actor.label),
        signatures=queries.signatures(request.db, row.id),
        may={
            each
            for each in open_to
            if ("documents.sign" if each in ("sign", "certify") else "documents.agree") in rights
        },
        remarks=remarks or empty_form(RemarkForm, {"token": public_id(), "seen": str(row.version)}),
        declining=declining or empty_form(DeclineForm, {"token": public_id()}),
        may_certify="documents.sign" in rights and row.state != states.WITHDRAWN and detached.available(),
        token=public_id(),
        zone=account.time_zone,
        accept=checking.ACCEPT,
    )


def _send_page(request: Request, form: Form[Any], status: int = 200) -> Response:
    kinds = [each for each in office_of(request).kinds if each.from_customer]
    if not kinds:
        raise NotFound
    return page(request, "documents/send.html", status, form=form, kinds=kinds, accept=checking.ACCEPT)


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.own_account.id, request.path_params["document"])
    if found is None:
        raise NotFound
    return found


_SEE, _DO = on_account("documents.view"), on_account("documents.agree")
ROUTES = [
    route("/{account}/", show_list, name="list", policy=_SEE),
    route("/{account}/send", show_send, name="send", policy=_DO),
    route(
        "/{account}/send", send, name="send_it", policy=_DO, methods=_POST, kind="action", body=BODY, limiter="files"
    ),
    route("/{account}/{document}/", show_document, name="document", policy=_SEE),
    route("/{account}/{document}/agree", agree, name="agree", policy=_DO, methods=_POST, kind="action"),
    route(
        "/{account}/{document}/remark",
        remark,
        name="remark",
        policy=_DO,
        methods=_POST,
        kind="action",
        body=BODY,
        limiter="files",
    ),
    route("/{account}/{document}/decline", decline, name="decline", policy=_DO, methods=_POST, kind="action"),
    route("/{account}/{document}/evidence", give_evidence, name="evidence", policy=_SEE, kind="file", limiter="files"),
    route("/{account}/{document}/file/{version}", give_file, name="file", policy=_SEE, kind="file", limiter="files"),
    route(
        "/{account}/{document}/picture/{picture}",
        give_picture,
        name="picture",
        policy=_SEE,
        kind="file",
        limiter="files",
    ),
]
