"""Pages of readings by file: send a table, see what would become of each row, confirm. Only who sent a table sees what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field
from starlette.responses import Response

from lkportal.accounts.contract import AccountRef, Reached
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import on_account
from lkportal.core.sheets.writing import XLSX
from lkportal.core.storage import Storage
from lkportal.core.strangers import Opener
from lkportal.modules.readings.by_file import queries, taking
from lkportal.modules.readings.by_file.judging import Verdicts, judge_all
from lkportal.modules.readings.by_file.sheets import meters_sheet, rejects_sheet
from lkportal.modules.readings.by_file.table import ACCEPT, MOST_BYTES, MOST_ROWS, rows_in, rows_of, table_of
from lkportal.modules.readings.sending import settings_of
from lkportal.web import (
    WHOLE,
    Checkbox,
    Form,
    FormModel,
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

SUBMIT = "readings.submit"
MOST_DOUBTS, _SHOWN, _MULTIPART = 300, 40, 64 * 1024
_ROOM = "readings"


class FileForm(FormModel):
    """The form of a table: the file itself stands among the uploads."""


class TakeForm(FormModel):
    """What is confirmed of a table: `confirmed[<register>]` for a doubt."""

    confirmed: dict[PublicId, Checkbox] = Field(default_factory=dict)


def show_file(request: Request) -> Response:
    """Show how a table is sent, and what became of the last ones."""
    return _file_page(request, empty_form(FileForm))


def send_file(request: Request) -> Response:
    """Keep a table and show what would become of it; one that cannot be read is refused with a sentence."""
    _asked_for(request)
    form = read_form(request, FileForm)
    sent = next((each for each in request.files if each.field == "table"), None)
    if sent is None or not sent.size:
        form.add_error("table", text("readings.file.none", "Choose a file first."))
    if sent is None or not form.valid:
        return _file_page(request, form, 422)
    request.release()
    try:
        with table_of(sent.file, request.portal.ports.get(Opener)) as table:
            lines, misread = rows_of(table)
            table.seek(0)
            stored = request.portal.ports.get(Storage).put(_ROOM, table)  # type: ignore[type-abstract]
    except PortalError as error:
        form.add_error("table", _words(error))
        return _file_page(request, form, error.status)
    with unit_of_work(request) as db:
        public = taking.keep(db, request.own_account, sent.name, stored.key, len(lines) + len(misread))
    return redirect(request, "readings:file_shown", file_sending=public)


def show_sending(request: Request) -> Response:
    """Show what would become of each row, or, once it is taken, what became of them; of a colleague's table nothing but that it is
    theirs, for it may hold accounts that only they have."""
    row = _sending(request)
    if not _is_mine(request, row):
        return page(request, "readings/file_others.html")
    return _sending_page(request, row, empty_form(TakeForm))


def take_sending(request: Request) -> Response:
    """Take the rows that are fine and the doubts that were confirmed."""
    row, form = _sending(request), read_form(request, TakeForm)
    if not _is_mine(request, row):
        raise NotFound
    if not form.valid:
        return _sending_page(request, row, form, 422)
    if row.state == "shown":
        verdicts = _judged(request, row)
        confirmed = frozenset(name for name, yes in form.data.confirmed.items() if yes)
        if not (verdicts.of("fine") or any(each.dial.register in confirmed for each in verdicts.of("doubt"))):
            form.add_error(WHOLE, text("readings.file.nothing", "There is nothing to send in this table yet."))
            return _sending_page(request, row, form, 422)
        taking.take(lambda: unit_of_work(request), row.public_id, verdicts, confirmed, settings_of(request))
        with unit_of_work(request) as db:
            taking.finish(db, row.public_id, verdicts, request.locale.render)
        request.portal.ports.get(Storage).delete(row.file_key)  # type: ignore[type-abstract]
    row = _sending(request)
    said = ntext("readings.flash.sent", "Reading received.", "%(n)s readings received.", row.taken)
    return redirect(request, "readings:file_shown", said, file_sending=row.public_id)


def give_meters(request: Request) -> Response:
    """Give a table of all meters on which the person may send readings, to be filled in."""
    _asked_for(request)
    accounts = {account.id: account for account in _accounts(request)}
    rows = queries.registers(request.db, list(accounts))
    request.release()
    body = meters_sheet(accounts, rows, request.locale.render)
    return _workbook(request, body, text("readings.file.meters_name", "Meters"))


def give_rejects(request: Request) -> Response:
    """Give the rows that were not taken, or would not be, as a table to mend."""
    row = _sending(request)
    if not _is_mine(request, row):
        return redirect(request, "readings:file_shown", file_sending=row.public_id)
    rejects: Sequence[Sequence[str]] = row.rejects
    if row.state == "shown":
        rejects = list(taking.told(_judged(request, row), request.locale.render))
    request.release()
    body = rejects_sheet(rejects, request.locale.render)
    return _workbook(request, body, text("readings.file.rejects", "Not taken"))


def _file_page(request: Request, form: Form[FileForm], status: int = 200) -> Response:
    _asked_for(request)
    rows = queries.latest(request.db, request.own_account.id, request.actor.label)
    limits = {"rows": MOST_ROWS, "mb": MOST_BYTES // (1024 * 1024)}
    return page(request, "readings/file.html", status, form=form, latest=rows, accept=ACCEPT, limits=limits)


def _sending_page(request: Request, row: Any, form: Form[TakeForm], status: int = 200) -> Response:
    if row.state == "taken":
        return page(request, "readings/file_taken.html", sending=row, rejects=row.rejects[:_SHOWN])
    verdicts = _judged(request, row)
    rejects = [each for each in taking.told(verdicts, request.locale.render) if int(each[0]) not in _doubtful(verdicts)]
    context: dict[str, Any] = {
        "fine": verdicts.of("fine"),
        "doubts": verdicts.of("doubt")[:MOST_DOUBTS],
        "known": len(verdicts.of("known")),
        "rejects": rejects,
        "blank": verdicts.blank,
        "shown": _SHOWN,
    }
    return page(request, "readings/file_shown.html", status, sending=row, form=form, **context)


def _doubtful(verdicts: Verdicts) -> frozenset[int]:
    return frozenset(row.line.line for row in verdicts.of("doubt")[:MOST_DOUBTS])


def _judged(request: Request, row: Any) -> Verdicts:
    lines, misread = rows_in(request.portal.ports.get(Storage).open(row.file_key))  # type: ignore[type-abstract]
    now = request.portal.clock.now()
    return judge_all(request.db, _accounts(request), lines, misread, settings_of(request), now)


def _accounts(request: Request) -> list[AccountRef]:
    """The accounts on which the person may send readings."""
    person = request.actor.id or 0
    known = queries.mine(request.db, person, request.portal.clock.now())
    return request.portal.ports.get(Reached).having(request.db, person, SUBMIT, known)  # type: ignore[type-abstract]


def _sending(request: Request) -> Any:
    _asked_for(request)
    row = queries.sending(request.db, request.own_account.id, request.path_params["file_sending"])
    if row is None:
        raise NotFound
    return row


def _is_mine(request: Request, row: Any) -> bool:
    return bool(row.actor == request.actor.label)


def _asked_for(request: Request) -> None:
    if not settings_of(request).files:
        raise NotFound


def _workbook(request: Request, body: bytes, name: Text) -> Response:
    headers = {"content-disposition": attachment(f"{request.locale.render(name)}.xlsx")}
    return Response(body, media_type=XLSX, headers=headers)


def _words(error: PortalError) -> Text:
    said = error.message
    if isinstance(said, Text):
        return said
    return text("readings.file.unread", "This file cannot be read. Save the table as XLSX or CSV and send it again.")


_MAY = on_account(SUBMIT)
_POST = ("POST",)
FILE_ROUTES = [
    route("/{account}/file", show_file, name="file", policy=_MAY),
    route(
        "/{account}/file",
        send_file,
        name="send_file",
        policy=_MAY,
        methods=_POST,
        kind="action",
        body=MOST_BYTES + _MULTIPART,
        limiter="files",
    ),
    route("/{account}/file/meters.xlsx", give_meters, name="file_meters", policy=_MAY, kind="file", limiter="files"),
    route("/{account}/file/{file_sending}", show_sending, name="file_shown", policy=_MAY, limiter="files"),
    route(
        "/{account}/file/{file_sending}",
        take_sending,
        name="file_take",
        policy=_MAY,
        methods=_POST,
        kind="action",
        limiter="files",
    ),
    route(
        "/{account}/file/{file_sending}/rejects.xlsx",
        give_rejects,
        name="file_rejects",
        policy=_MAY,
        kind="file",
        limiter="files",
    ),
]
