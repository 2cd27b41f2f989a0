"""Pages of the desk: loading a statement, what waits for a person, one operation and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator
from sqlalchemy import Row
from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.connectors.bank import queries, service
from lkportal.connectors.bank.import_operations import OPERATIONS
from lkportal.connectors.bank.settings import BankSettings
from lkportal.connectors.bank.statement import ACCEPT, MOST_BYTES, Statement, demand_own, opened
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.imports import ImportReport, Reading, run_import
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.strangers import Opener
from lkportal.staff.frame import desk_page
from lkportal.web import (
    Form,
    FormModel,
    Label,
    Request,
    ShortText,
    empty_form,
    misfit,
    read_form,
    redirect,
    route,
    unit_of_work,
)
from lkportal.web.request import unit_context

PAGE_ROWS = 50
_AT_ONCE = 500
_MULTIPART = 64 * 1024
_SHORTEST = 3
STATES: Mapping[str, tuple[str, Text]] = {
    "new": ("inf", text("bank.state.new", "Being matched")),
    "unmatched": ("warn", text("bank.state.unmatched", "Not matched")),
    "posted": ("ok", text("bank.state.posted", "Posted")),
    "aside": ("off", text("bank.state.aside", "Not ours")),
}
WHY: Mapping[str, Text] = {
    "none": text("bank.why.none", "Neither the purpose nor the payer tells whose account it is."),
    "several": text("bank.why.several", "It may be for several accounts."),
    "currency": text("bank.why.currency", "The account it names is kept in another currency."),
}
WAYS: Mapping[str, Text] = {
    "account": text("bank.way.account", "by the account number in the purpose"),
    "bill": text("bank.way.bill", "by the bill number in the purpose"),
    "tax": text("bank.way.tax", "by the payer's tax number"),
    "person": text("bank.way.person", "by hand"),
}


def _told(value: str) -> str:
    if len(value) < _SHORTEST:
        raise misfit(text("bank.say_what", "Say in a few words what it is."))
    return value


class FileForm(FormModel):
    """The form of a statement: the file itself stands among the uploads."""


class ChooseForm(FormModel):
    """The account a person chose, by its number or out of those offered (its public id)."""

    number: Annotated[ShortText, Label(text("bank.account", "Account"))] = ""
    account: ShortText = ""


class AsideForm(FormModel):
    """What an operation is that is no payment of a customer."""

    reason: Annotated[ShortText, AfterValidator(_told), Label(text("bank.reason", "What it is"))]


def show(request: Request) -> Response:
    """Show what waits for a person, what was dealt with, and the form for a statement."""
    return _list(request, empty_form(FileForm))


def load(request: Request) -> Response:
    """Load a statement and post what is plain; one that cannot be read is refused with a sentence."""
    form = read_form(request, FileForm)
    sent = next((each for each in request.files if each.field == "statement"), None)
    if sent is None or not sent.size:
        form.add_error("statement", text("bank.file.none", "Choose a file first."))
    if sent is None or not form.valid:
        return _list(request, form, 422)
    settings = request.settings_of("bank", BankSettings)
    request.release()
    try:
        with opened(sent.file, request.portal.ports.get(Opener)) as statement:
            demand_own(statement, settings.accounts)
            if not statement.receipts:
                raise PortalError("bank.nothing", _NOTHING, 422)
            report = _imported(request, statement)
            others = statement.others
    except PortalError as error:
        form.add_error("statement", error.message if isinstance(error.message, Text) else service.DEALT_WITH)
        return _list(request, form, error.status)
    service.settle(lambda: unit_of_work(request), by_tax_number=settings.by_tax_number, most=_AT_ONCE)
    return redirect(request, "bank:operations", _outcome(report, others))


def show_one(request: Request) -> Response:
    """Show one operation, and what may become of it."""
    return _one(request, _row(request), empty_form(ChooseForm), empty_form(AsideForm))


def choose(request: Request) -> Response:
    """Post an operation onto an account."""
    row, form = _row(request), read_form(request, ChooseForm)
    public = form.data.account if form.valid else ""
    if form.valid and not public:
        found = queries.called(request.db, form.data.number.replace(" ", ""))
        if len(found) == 1:
            public = found[0].public_id
        else:
            form.add_error("number", _MANY if found else _NO_ACCOUNT)
    if not form.valid:
        return _one(request, row, form, empty_form(AsideForm), 422)
    try:
        with unit_of_work(request) as db:
            account = port(db, Accounts).by_public_id(db, public)  # type: ignore[type-abstract]
            if account is None:
                raise NotFound
            service.choose(db, row.public_id, account)
    except service.DealtWith:
        return redirect(request, "bank:operation", service.DEALT_WITH, "warn", operation=row.public_id)
    except PortalError as error:
        if error.code != "payments.received_currency":
            raise
        form.add_error("number", WHY["currency"])
        return _one(request, row, form, empty_form(AsideForm), 422)
    return redirect(
        request, "bank:operations", text("bank.posted", "Posted to the account %(number)s.", number=account.number)
    )


def set_aside(request: Request) -> Response:
    """Note that an operation is no payment of a customer."""
    row, form = _row(request), read_form(request, AsideForm)
    if not form.valid:
        return _one(request, row, empty_form(ChooseForm), form, 422)
    try:
        with unit_of_work(request) as db:
            service.set_aside(db, row.public_id, form.data.reason)
    except service.DealtWith:
        return redirect(request, "bank:operation", service.DEALT_WITH, "warn", operation=row.public_id)
    return redirect(
        request, "bank:operations", text("bank.aside", "Set aside. It can still be posted to an account later.")
    )


def _imported(request: Request, statement: Statement) -> ImportReport:
    circumstances = unit_context(request)
    report = run_import(
        request.portal.database,
        circumstances,
        OPERATIONS,
        statement.path,
        reading=Reading(form="rows"),
        render=request.locale.render,
        push=f"bank/{statement.digest[:16]}",
    )
    with unit_of_work(request) as db:
        log = port(db, AuditLog)  # type: ignore[type-abstract]
        log.record(db, "bank.loaded", target=report.public_id, detail={"operations": report.accepted})
    return report


def _outcome(report: ImportReport, others: int) -> Text:
    if report.already:
        return text("bank.file.already", "This very statement was loaded before. Nothing was posted again.")
    taken, known = report.counts.get("operations", 0), report.counts.get("known", 0)
    return text(
        "bank.file.loaded",
        "Receipts: %(taken)s new, %(known)s loaded before, %(rejected)s not readable; %(others)s other documents passed over.",
        taken=taken,
        known=known,
        rejected=report.rejected,
        others=others,
    )


def _list(request: Request, form: Form[FileForm], status: int = 200) -> Response:
    number = request.page_number
    rows = queries.latest(request.db, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    return desk_page(
        request,
        "bank/operations.html",
        status,
        form=form,
        waiting=queries.waiting(request.db) if number == 1 else (),
        rows=rows[:PAGE_ROWS],
        page_number=number,
        more=len(rows) > PAGE_ROWS,
        states=STATES,
        why=WHY,
        may=_may(request),
        accept=ACCEPT,
        most_mb=MOST_BYTES >> 20,
        currency=service.CURRENCY,
    )


def _one(
    request: Request, row: Row[Any], form: Form[ChooseForm], aside: Form[AsideForm], status: int = 200
) -> Response:
    return desk_page(
        request,
        "bank/operation.html",
        status,
        it=row,
        form=form,
        aside=aside,
        choices=queries.choices(request.db, row.candidates),
        states=STATES,
        why=WHY,
        ways=WAYS,
        may=_may(request),
        currency=service.CURRENCY,
        zone=request.portal.settings.portal.time_zone,
    )


def _row(request: Request) -> Row[Any]:
    row = queries.one(request.db, str(request.path_params["operation"]))
    if row is None:
        raise NotFound
    return row


def _may(request: Request) -> bool:
    return "bank.post" in request.actor.permissions


_NOTHING = text("bank.file.nothing", "No money came by this statement: there is nothing to post.")
_NO_ACCOUNT = text("bank.no_account", "There is no account with this number. Check it.")
_MANY = text(
    "bank.many_accounts", "Several brands have an account of this number. Post it from the customer's side instead."
)
_SEE, _POST = staff("bank.view"), staff("bank.post")
_ONE = "/operations/{operation}"
PAGES = [
    route("/", show, name="operations", policy=_SEE),
    route("/", load, name="load", policy=_POST, methods=("POST",), body=MOST_BYTES + _MULTIPART, limiter="files"),
    route(_ONE, show_one, name="operation", policy=_SEE),
    route(f"{_ONE}/account", choose, name="choose", policy=_POST, methods=("POST",)),
    route(f"{_ONE}/aside", set_aside, name="set_aside", policy=_POST, methods=("POST",)),
]
