"""Pages of the cash desk: the taking, one slip and its paper, the days."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from sqlalchemy import Row
from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.duties import SamePerson
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.ids import grouped, public_id
from lkportal.core.money import Money, decimal_string
from lkportal.core.policy import AccountRef, staff
from lkportal.modules.payments.cashdesk import queries, service
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.views import Status
from lkportal.web import (
    Amount,
    Change,
    Form,
    FormModel,
    Label,
    PositiveAmount,
    Proposal,
    PublicId,
    Request,
    ShortText,
    empty_form,
    misfit,
    page,
    paper,
    read_form,
    redirect,
    route,
    unit_of_work,
)

MOST_ACCOUNTS = 20
KINDS = [("cash", text("payments.cash.cash", "Cash")), ("card", text("payments.cash.card", "Card"))]
KIND_WORDS = dict(KINDS)
SLIP_STATES: dict[str, Status] = {
    "taken": ("ok", text("payments.cash.taken", "Taken")),
    "reversed": ("off", text("payments.cash.reversed", "Given back")),
}
DAY_STATES: dict[str, Status] = {
    "open": ("inf", text("payments.cash.day_open", "Open")),
    "closed": ("ok", text("payments.cash.day_closed", "Closed")),
}
_POST = ("POST",)
_SHORTEST = 5


def _told(value: str) -> str:
    if len(value) < _SHORTEST:
        raise misfit(text("payments.cash.say_why", "Say in a few words why."))
    return value


class TakeForm(FormModel):
    """Money for accounts by their public ids. Nothing in `given` is the exact sum; `once` makes the form one slip."""

    amounts: Annotated[dict[PublicId, PositiveAmount], Label(text("payments.cash.amount", "Amount"))]
    kind: Literal["cash", "card"]
    given: Annotated[PositiveAmount | None, Label(text("payments.cash.given", "Handed over"))] = None
    once: PublicId


class WhyForm(FormModel):
    """Why something is undone."""

    reason: Annotated[ShortText, AfterValidator(_told), Label(text("payments.refund.reason", "Why"))]


class CountForm(FormModel):
    """What was counted in the drawer."""

    counted: Annotated[Amount, Label(text("payments.cash.counted", "Counted in the drawer"))]


def show_cash(request: Request) -> Response:
    """Show the desk: the search for an account, the accounts chosen so far, today's slips."""
    chosen = [each for each in request.query_params.getlist("account") if each][:MOST_ACCOUNTS]
    number, missing = request.query_params.get("number", "").strip(), False
    if number:
        found = queries.by_number(request.db, number)
        chosen += [each.public_id for each in found if each.public_id not in chosen]
        missing = not found
    return _cash(request, chosen, empty_form(TakeForm, {"once": public_id()}), number=number if missing else "")


def take(request: Request) -> Response:
    """Record money taken by hand."""
    form = read_form(request, TakeForm)
    sent = [name[8:-1] for name in request.form_data if name.startswith("amounts[")]
    if not form.valid:
        return _cash(request, sent, form, 422)
    parts = [(_account(request, each), amount) for each, amount in form.data.amounts.items()]
    if len({account.currency for account, _ in parts}) > 1 or len(parts) > MOST_ACCOUNTS:
        raise NotFound
    total = sum(amount for _, amount in parts)
    about = text("payments.cash.about", "Payment for services, {account} %(number)s", number=parts[0][0].number)
    taking = service.Taking(
        form.data.kind, parts, form.data.given or total, form.data.once, request.locale.render(about)
    )
    try:
        with unit_of_work(request) as db:
            slip = service.take(db, taking)
    except PortalError as error:
        if error.code not in ("payments.day_closed", "payments.given_short"):
            raise
        form.add_error("given" if error.code == "payments.given_short" else "", _words_of(error))
        return _cash(request, sent, form, error.status)
    return redirect(request, "payments:slip", slip=slip)


def show_slip(request: Request) -> Response:
    """Show one slip: what was taken, the change, and the form that gives it back."""
    return _slip(request, _row(request), empty_form(WhyForm))


def print_slip(request: Request) -> Response:
    """Give the receipt of a slip as a paper."""
    row = _row(request)
    name = text("payments.cash.file", "Receipt %(number)s", number=row.public_id)
    parts = queries.parts(request.db, row.id)
    account = _account(request, parts[0].account)
    payee = request.portal.ports.get(Desk).settings.payee_of(account.brand)
    context = {"slip": row, "parts": parts, "kinds": KIND_WORDS, "payee": payee}
    return paper(request, "payments/papers/slip.html", request.locale.render(name), account=account, **context)


def explain_reversal(request: Request) -> Proposal | Response:
    """Tell what giving a slip back would do; another person than the one who recorded it needs nobody else."""
    row, form = _row(request), read_form(request, WhyForm)
    if not form.valid:
        return _slip(request, row, form, 422)
    sum_of = text("payments.refund.sum", "%(sum)s", sum=Money(row.total, row.currency))
    return Proposal(
        text("payments.cash.proposal", "Give back slip № %(slip)s", slip=grouped(row.public_id)),
        (
            Change(text("payments.refund.paid", "Was paid"), sum_of, text("payments.cash.reversed", "Given back")),
            Change(text("payments.cash.cashier", "Cashier"), after=row.cashier),
            Change(text("payments.refund.reason", "Why"), after=form.data.reason),
        ),
        alone=row.actor != request.actor.label,
    )


def reverse(request: Request) -> Response:
    """Give the money of a slip back."""
    row, form = _row(request), read_form(request, WhyForm)
    if not form.valid:
        return _slip(request, row, form, 422)
    try:
        with unit_of_work(request) as db:
            service.reverse(db, row.public_id, form.data.reason)
    except (SamePerson, PortalError) as error:
        if isinstance(error, NotFound):
            raise
        form.add_error("reason", _words_of(error))
        return _slip(request, row, form, error.status)
    return redirect(
        request, "payments:slip", text("payments.cash.is_reversed", "The slip is given back."), slip=row.public_id
    )


def show_days(request: Request) -> Response:
    """Show the last days of the desk."""
    return page(request, "payments/cash_days.html", days=queries.days(request.db), states=DAY_STATES)


def show_day(request: Request) -> Response:
    """Show one day: totals by kind and cashier, its slips, closing it or opening it again."""
    return _day(request, _day_row(request), empty_form(CountForm))


def close_day(request: Request) -> Response:
    """Close a day with what was counted."""
    row, form = _day_row(request), read_form(request, CountForm)
    if form.valid and form.data.counted < 0:
        form.add_error("counted", text("payments.cash.negative", "Enter zero or more."))
    if not form.valid:
        return _day(request, row, form, 422)
    with unit_of_work(request) as db:
        service.close(db, row.public_id, form.data.counted)
    closed = text("payments.cash.is_closed", "The day is closed.")
    return redirect(request, "payments:cash_day", closed, cash_day=row.public_id)


def reopen_day(request: Request) -> Response:
    """Open a closed day again."""
    row, form = _day_row(request), read_form(request, WhyForm)
    if not form.valid:
        return _day(request, row, form, 422)
    with unit_of_work(request) as db:
        service.reopen(db, row.public_id, form.data.reason)
    reopened = text("payments.cash.is_reopened", "The day is open again.")
    return redirect(request, "payments:cash_day", reopened, "warn", cash_day=row.public_id)


def _cash(request: Request, chosen: list[str], form: Form[TakeForm], status: int = 200, number: str = "") -> Response:
    found = {each.public_id: each for each in queries.by_ids(request.db, chosen)}
    accounts = [found[each] for each in dict.fromkeys(chosen) if each in found]
    return page(
        request,
        "payments/cash.html",
        status,
        accounts=accounts,
        suggested={each.public_id: decimal_string(max(each.balance or 0, 0)) for each in accounts},
        form=form,
        kinds=KINDS,
        missing=number,
        slips=queries.of_day(request.db, request.portal.ports.get(Desk).today()),
        states=SLIP_STATES,
        kind_words=KIND_WORDS,
        zone=request.portal.settings.portal.time_zone,
    )


def _slip(request: Request, row: Row[*tuple[Any, ...]], form: Form[WhyForm], status: int = 200) -> Response:
    return page(
        request,
        "payments/slip.html",
        status,
        slip=row,
        parts=queries.parts(request.db, row.id),
        kinds=KIND_WORDS,
        states=SLIP_STATES,
        form=form,
        may_reverse=row.state == "taken" and "payments.cash_reverse" in request.actor.permissions,
        zone=request.portal.settings.portal.time_zone,
    )


def _day(request: Request, row: Row[*tuple[Any, ...]], form: Form[Any], status: int = 200) -> Response:
    rights = request.actor.permissions
    return page(
        request,
        "payments/cash_day.html",
        status,
        day=row,
        expected=row.cash - row.returned_cash,
        cashiers=queries.by_cashier(request.db, row.id),
        slips=queries.in_day(request.db, row.id),
        states=SLIP_STATES,
        day_states=DAY_STATES,
        kind_words=KIND_WORDS,
        form=form,
        may_close=row.state == "open" and "payments.cash" in rights,
        may_reopen=row.state == "closed" and "payments.cash_reopen" in rights,
        zone=request.portal.settings.portal.time_zone,
    )


def _row(request: Request) -> Row[*tuple[Any, ...]]:
    row = queries.slip(request.db, request.path_params["slip"])
    if row is None:
        raise NotFound
    return row


def _day_row(request: Request) -> Row[*tuple[Any, ...]]:
    row = queries.day(request.db, request.path_params["cash_day"])
    if row is None:
        raise NotFound
    return row


def _account(request: Request, public: str) -> AccountRef:
    found = request.portal.ports.get(Accounts).by_public_id(request.db, public)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _words_of(error: PortalError) -> Text:
    return error.message if isinstance(error.message, Text) else service.DAY_CLOSED


_TAKE, _SEE = staff("payments.cash"), staff("payments.staff_view")
_REVERSE = staff("payments.cash_reverse", step_up=True, four_eyes=True)
_REOPEN = staff("payments.cash_reopen", step_up=True)
CASH_PAGES = [
    route("/cash", show_cash, name="cash", policy=_TAKE),
    route("/cash", take, name="take", policy=_TAKE, methods=_POST),
    route("/cash/slips/{slip}", show_slip, name="slip", policy=_SEE),
    route("/cash/slips/{slip}/receipt.pdf", print_slip, name="slip_paper", policy=_SEE, kind="file", limiter="papers"),
    route(
        "/cash/slips/{slip}/reverse", reverse, name="reverse", policy=_REVERSE, methods=_POST, explain=explain_reversal
    ),
    route("/cash/days", show_days, name="cash_days", policy=_SEE),
    route("/cash/days/{cash_day}", show_day, name="cash_day", policy=_SEE),
    route("/cash/days/{cash_day}/close", close_day, name="close_day", policy=_TAKE, methods=_POST),
    route("/cash/days/{cash_day}/reopen", reopen_day, name="reopen_day", policy=_REOPEN, methods=_POST),
]
