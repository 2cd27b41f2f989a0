"""The desk's page of exports: asking for one, and the files that are there."""

from __future__ import annotations

from typing import Annotated, Literal

from starlette.responses import Response, StreamingResponse

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.storage import Storage
from lkportal.modules.payments.exports import service
from lkportal.modules.payments.exports.settings import ExportKind
from lkportal.web import (
    Day,
    Form,
    FormModel,
    Label,
    PublicId,
    Request,
    attachment,
    empty_form,
    page,
    read_form,
    redirect,
    route,
    unit_of_work,
)

KINDS = [
    ("payments", text("payments.export.payments", "Payments")),
    ("refunds", text("payments.export.refunds", "Refunds")),
    ("bills", text("payments.export.bills", "Bills")),
    ("receipts", text("payments.export.receipts", "Fiscal receipts")),
]
STATES = {
    "waiting": ("inf", text("payments.export.waiting", "Being made")),
    "ready": ("ok", text("payments.export.ready", "Ready")),
}
_MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class ExportForm(FormModel):
    """What to export and of which days, both included."""

    kind: Annotated[ExportKind, Label(text("payments.export.kind", "What"))]
    form: Annotated[Literal["xlsx", "csv"], Label(text("payments.export.form", "Format"))]
    since: Annotated[Day, Label(text("payments.period.since", "From"))]
    until: Annotated[Day, Label(text("payments.period.until", "To"))]
    once: PublicId


def show_exports(request: Request) -> Response:
    """Show the form and the newest files."""
    return _shown(request, empty_form(ExportForm, {"once": public_id()}))


def ask(request: Request) -> Response:
    """Ask for an export; a job writes its file."""
    form = read_form(request, ExportForm)
    if form.valid and form.data.since > form.data.until:
        form.add_error("until", text("payments.period.order", "The last day cannot be before the first."))
    if not form.valid:
        return _shown(request, form, 422)
    data = form.data
    with unit_of_work(request) as db:
        service.ask(db, f"form:{data.once}", data.kind, data.form, data.since, data.until)
        port(db, AuditLog).record(db, "payments.exported", detail={"kind": data.kind})  # type: ignore[type-abstract]
    return redirect(request, "payments:exports", text("payments.export.asked", "The file is being made."))


def give(request: Request) -> Response:
    """Give the file of an export. It names customers: that it was taken is written down."""
    row = service.file(request.db, request.path_params["export"])
    if row is None:
        raise NotFound
    with unit_of_work(request, on_read=True) as db:
        audit = port(db, AuditLog)  # type: ignore[type-abstract]
        audit.record(db, "payments.exported", target=request.path_params["export"], outcome="viewed")
    pieces = request.portal.ports.get(Storage).open(row.file_key)  # type: ignore[type-abstract]
    name = f"{row.kind}-{row.since}-{row.until}.{row.form}"
    headers = {"content-disposition": attachment(name), "cache-control": "no-store"}
    return StreamingResponse(pieces, media_type=_MEDIA[row.form], headers=headers)


def _shown(request: Request, form: Form[ExportForm], status: int = 200) -> Response:
    return page(
        request,
        "payments/exports.html",
        status,
        form=form,
        kinds=KINDS,
        names=dict(KINDS),
        states=STATES,
        rows=service.latest(request.db),
        currency=request.portal.settings.portal.currency,
        zone=request.portal.settings.portal.time_zone,
    )


_RIGHT = staff("payments.export")
EXPORT_PAGES = [
    route("/exports", show_exports, name="exports", policy=_RIGHT),
    route("/exports", ask, name="export", policy=_RIGHT, methods=("POST",)),
    route("/exports/{export}/file", give, name="export_file", policy=_RIGHT, kind="file", limiter="files"),
]
