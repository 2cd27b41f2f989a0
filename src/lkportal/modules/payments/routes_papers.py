"""Papers of payments: a bill, a receipt, a statement and an act of reconciliation as PDF, and the page where dates are chosen.
Customers get those of their account, the desk those of the customer it looks at."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AccountRef, AuditLog, Policy, on_account, staff
from lkportal.core.ports import port
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.books.period import MOST_ROWS, Period, fold, usual
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.forms import PeriodForm
from lkportal.theming.drawing.drawings import qr_file
from lkportal.web import Form, Request, page, paper, read_query, redirect, redirect_to, route, unit_of_work

_LONGEST_YEARS = 5
_HOLDER = "accounts.holder"


def show_papers(request: Request) -> Response:
    """Show an account from one day to another, and lead to its statement and its act."""
    form = asked_days(request, request.own_account)
    period = _period(request, request.own_account, form) if form.valid else None
    status = 200 if form.valid else 422
    return page(request, "payments/papers.html", status, form=form, period=period, dates=chosen_days(form))


def print_bill(request: Request) -> Response:
    """Give one bill as a paper."""
    account = _account(request)
    shown = one_bill(request, account, request.path_params["bill"])
    month = f"{shown['bill'].period:%Y-%m}"
    name = text("payments.paper.bill_file", "Bill %(number)s %(month)s", number=account.number, month=month)
    return _printed(request, "payments/papers/bill.html", name, account, **shown)


def print_receipt(request: Request) -> Response:
    """Give the paper that proves a payment. Only money that came has one: until then it leads to where the payment is shown."""
    account = _account(request)
    row = queries.payment(request.db, account.id, request.path_params["payment"])
    if row is None:
        raise NotFound
    if row.paid_at is None and request.account is None:
        return redirect(request, "payments:attention")
    if row.paid_at is None:
        return redirect(request, "payments:payment", payment=row.public_id)
    name = text("payments.paper.receipt_file", "Receipt %(number)s", number=row.public_id)
    method = views.method_words(row.method_title)
    return _printed(request, "payments/papers/receipt.html", name, account, payment=row, method=method)


def print_statement(request: Request) -> Response:
    """Give everything that moved on an account between two days."""
    name = text("payments.paper.statement_file", "Statement %(number)s", number=_account(request).number)
    return _print_period(request, "payments/papers/statement.html", name)


def print_act(request: Request) -> Response:
    """Give the act of reconciliation between the company and a customer."""
    name = text("payments.paper.act_file", "Act %(number)s", number=_account(request).number)
    return _print_period(request, "payments/papers/act.html", name)


def draw_code(request: Request) -> Response:
    """Give the QR code of a bill as a picture: its page does not wait for it to be drawn. Where nothing is to be paid it leads there."""
    account = request.own_account
    bill, _ = _bills(request, account, request.path_params["bill"])
    said = views.qr_text(_payee(request, account), bill, account.number)
    if not said:
        return redirect(request, "payments:bill", bill=bill.public_id)
    headers = {"cache-control": "no-store", "content-disposition": "inline"}
    return Response(qr_file(said), media_type="image/svg+xml", headers=headers)


def one_bill(request: Request, account: AccountRef, public_id: str) -> dict[str, Any]:
    """Return what a page or a paper tells of one bill of `account`. Raises NotFound."""
    bill, previous = _bills(request, account, public_id)
    lines = queries.lines(request.db, bill.id, previous.id if previous else None)
    own = [line for line in lines if line.bill_id == bill.id]
    past = [line for line in lines if line.bill_id != bill.id]
    return {
        "bill": bill,
        "lines": own,
        "why": views.why(bill, own, previous, past),
        "due": views.due([bill], bill.unpaid, bill.currency, _today(request, account)),
        "amount": partial(views.amount, number=request.locale.number, mark=request.locale.decimal),
        "tariff": partial(views.tariff, mark=request.locale.decimal),
        "qr_text": views.qr_text(_payee(request, account), bill, account.number),
    }


def _bills(request: Request, account: AccountRef, public_id: str) -> tuple[views.BillView, views.BillView | None]:
    """Return a bill and the one before it. Raises NotFound."""
    standing = queries.standing(request.db, account.id)
    balance = standing.balance if standing else 0
    bills = views.settled(queries.bills(request.db, account.id), balance, _today(request, account))
    place = next((number for number, each in enumerate(bills) if each.public_id == public_id), None)
    if place is None:
        raise NotFound
    bill, older = bills[place], (each for each in bills[place + 1 :] if not each.is_asked)
    return bill, None if bill.is_asked else next(older, None)


def _print_period(request: Request, template: str, name: Any) -> Response:
    account = _account(request)
    form = asked_days(request, account)
    period = _period(request, account, form) if form.valid else None
    if not form.valid and request.account is None:
        raise NotFound
    if not form.valid:
        return redirect_to(request, request.url("payments:papers", **chosen_days(form)))
    return _printed(request, template, name, account, period=period, made_on=_today(request, account))


def _printed(request: Request, template: str, name: Any, account: AccountRef, **context: Any) -> Response:
    """Print a paper; the desk leaves a row in the audit, as for every look at a customer.

    Who the account is with stands on it for those who may speak for them: a neighbour who pays the bill is not told.
    """
    told = request.account is None or _HOLDER in account.rights
    party = queries.party(request.db, account.id) if told else None
    if request.account is None:
        with unit_of_work(request, on_read=True) as db:
            port(db, AuditLog).record(db, "staff.customer", account=account, outcome="viewed")  # type: ignore[type-abstract]
    payee = _payee(request, account)
    return paper(request, template, request.locale.render(name), account=account, payee=payee, party=party, **context)


def asked_days(request: Request, account: AccountRef) -> Form[PeriodForm]:
    """Return the dates a reader chose, or the usual ones; a period that is none has an error."""
    form = read_query(request, PeriodForm)
    since, until = usual(_today(request, account))
    if not form.valid:
        return form
    since, until = form.data.since or since, form.data.until or until
    if since > until:
        form.add_error("until", text("payments.period.order", "The last day cannot be before the first."))
    elif (until.year - since.year) > _LONGEST_YEARS:
        form.add_error("since", text("payments.period.long", "Choose five years at most."))
    form.values |= {"since": since.isoformat(), "until": until.isoformat()}
    form.parsed = PeriodForm(since=since, until=until)
    return form


def _period(request: Request, account: AccountRef, form: Form[PeriodForm]) -> Period:
    """Return what moved between the chosen days. Adds an error, and leaves the rest out, when it is too much for a paper."""
    since, until = form.data.since, form.data.until
    assert since is not None
    assert until is not None
    opening = queries.owed_before(request.db, account.id, since)
    rows = queries.within(request.db, account.id, since, until, MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        form.add_error("since", text("payments.period.much", "Too much happened in these days. Choose a shorter time."))
    return fold(since, until, opening, rows[:MOST_ROWS])


def chosen_days(form: Form[PeriodForm]) -> dict[str, str]:
    """Return the days of a form as params of an address."""
    return {name: str(form.value(name)) for name in ("since", "until") if form.value(name)}


def _account(request: Request) -> AccountRef:
    """Return whose paper it is: the customer's own account, or on the desk the one that the path is about."""
    if request.account is not None:
        return request.account
    match request.path_params:
        case {"bill": bill}:
            public_id = queries.account_of_bill(request.db, bill)
        case {"payment": payment}:
            public_id = queries.account_of_payment(request.db, payment)
        case _:
            public_id = request.path_params["customer"]
    found = request.portal.ports.get(Accounts).by_public_id(request.db, public_id or "")  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _payee(request: Request, account: AccountRef) -> Any:
    return request.portal.ports.get(Desk).settings.payee_of(account.brand)


def _today(request: Request, account: AccountRef) -> date:
    return request.portal.clock.now().astimezone(ZoneInfo(account.time_zone)).date()


def _papers(account: str, prefix: str, start: str, policy: Policy) -> list[RouteSpec]:
    """The four papers. `account` is the path to an account, `start` to its bills and payments; on the desk a payment stands alone."""
    payment = f"{start}/payments" if start else ""
    made = (
        (f"{start}/bills/{{bill}}/bill.pdf", print_bill, "bill_paper"),
        (f"{payment}/{{payment}}/receipt.pdf", print_receipt, "receipt"),
        (f"{account}/statement.pdf", print_statement, "statement"),
        (f"{account}/act.pdf", print_act, "act"),
    )
    return [
        route(path, endpoint, name=f"{prefix}{name}", policy=policy, kind="file", limiter="papers")
        for path, endpoint, name in made
    ]


_VIEW = on_account("payments.view")
PAPER_ROUTES = [
    route("/{account}/papers", show_papers, name="papers", policy=_VIEW),
    route("/{account}/bills/{bill}/code.svg", draw_code, name="bill_code", policy=_VIEW, kind="file"),
    *_papers("/{account}", "", "/{account}", _VIEW),
]
STAFF_PAPERS = _papers("/accounts/{customer}", "desk_", "", staff("payments.staff_view"))
