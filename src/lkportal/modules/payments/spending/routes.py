"""Pages and files of spending: of one account, and of all that a person reaches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.accounts.contract import AccountRef, Reached
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import Policy, on_account, signed_in
from lkportal.core.sheets.writing import CSV, XLSX, Column, Sheet, csv, xlsx
from lkportal.modules.payments.paying.starting import desk_of_request
from lkportal.modules.payments.spending import reads
from lkportal.modules.payments.spending.folding import MOST_MONTHS, Spending, fold, month_after, months_between
from lkportal.modules.payments.spending.forms import SpendingForm
from lkportal.web import Form, Request, attachment, page, read_query, redirect, route

VIEW = "payments.view"
MOST_ACCOUNTS = 50
"""Accounts of one page: who has more looks at them one by one."""


def show_spending(request: Request) -> Response:
    """Show what one account was charged, by month and service, beside the year before."""
    return _page(request, [request.own_account], "payments:spending")


def show_all(request: Request) -> Response:
    """Show what all accounts of a person were charged."""
    return _page(request, _mine(request), "payments:spending_all")


def give_xlsx(request: Request) -> Response:
    """Give the spending of one account as a workbook."""
    return _file(request, [request.own_account], "xlsx")


def give_csv(request: Request) -> Response:
    """Give the spending of one account by month as CSV."""
    return _file(request, [request.own_account], "csv")


def give_all_xlsx(request: Request) -> Response:
    """Give the spending of all accounts of a person as a workbook."""
    return _file(request, _mine(request), "xlsx")


def give_all_csv(request: Request) -> Response:
    """Give the spending of all accounts of a person by month as CSV."""
    return _file(request, _mine(request), "csv")


def _mine(request: Request) -> list[AccountRef]:
    person, now = request.actor.id or 0, request.portal.clock.now()
    known = reads.mine(request.db, person, now, MOST_ACCOUNTS)
    return request.portal.ports.get(Reached).having(request.db, person, VIEW, known)  # type: ignore[type-abstract]


def _page(request: Request, accounts: Sequence[AccountRef], name: str) -> Response:
    form = _asked(request)
    spending = _spending(request, accounts, form.data) if form.valid and accounts else None
    this = spending.until if spending else desk_of_request(request).today().replace(day=1)
    return page(
        request,
        "payments/spending.html",
        200 if form.valid else 422,
        form=form,
        spending=spending,
        names={account.id: account for account in accounts},
        currency=accounts[0].currency if accounts else "",
        here=name,
        chosen={key: str(form.value(key)) for key in ("since", "until", "service") if form.value(key)},
        presets=_presets(form, this),
        several=name == "payments:spending_all",
    )


def _asked(request: Request) -> Form[SpendingForm]:
    form = read_query(request, SpendingForm)
    if form.valid and form.data.since and form.data.until:
        if form.data.since > form.data.until:
            form.add_error("until", text("payments.spending.order", "The last month cannot be before the first."))
        elif len(months_between(form.data.since, form.data.until)) > MOST_MONTHS:
            form.add_error("since", text("payments.spending.long", "Choose three years at most."))
    return form


def _spending(request: Request, accounts: Sequence[AccountRef], data: SpendingForm) -> Spending:
    """Return the spending of the chosen months; without a choice the twelve up to the newest that was charged."""
    today = request.portal.clock.now().astimezone(ZoneInfo(accounts[0].time_zone)).date().replace(day=1)
    last = data.until or (month_after(data.since, MOST_MONTHS - 1) if data.since and data.since > today else today)
    first = data.since or month_after(last, -12)
    rows = reads.by_service(request.db, [account.id for account in accounts], month_after(first, -12), last)
    until = data.until or max((row.period for row in rows), default=last)
    since = data.since or month_after(until, -11)
    if len(months_between(since, until)) > MOST_MONTHS:
        since = month_after(until, 1 - MOST_MONTHS)
    return fold(rows, min(since, until), until, data.service)


def _presets(form: Form[SpendingForm], last: date) -> list[tuple[Any, dict[str, str], bool]]:
    """Return periods that people ask for: words, what to put into the address, whether it is the one shown."""
    year = last.year
    known = [
        (text("payments.spending.twelve", "Last 12 months"), {}),
        (text("payments.spending.year", "%(year)s", year=str(year)), {"since": f"{year}-01", "until": f"{year}-12"}),
        (
            text("payments.spending.year", "%(year)s", year=str(year - 1)),
            {"since": f"{year - 1}-01", "until": f"{year - 1}-12"},
        ),
    ]
    now = {name: str(form.value(name)) for name in ("since", "until") if form.value(name)}
    return [(words, dates, dates == now) for words, dates in known]


def _file(request: Request, accounts: Sequence[AccountRef], kind: Literal["xlsx", "csv"]) -> Response:
    form = _asked(request)
    if not form.valid:
        raise NotFound
    if not accounts:
        return redirect(request, "payments:spending_all")
    spending = _spending(request, accounts, form.data)
    sheets = [_by_month(request, spending), _by_service(request, spending)]
    if len(accounts) > 1:
        sheets.append(_by_account(request, spending, accounts))
    request.release()
    name = request.locale.render(text("payments.spending.file", "Spending"))
    whole = csv(sheets[0], request.locale.decimal) if kind == "csv" else xlsx(sheets)
    headers = {"content-disposition": attachment(f"{name} {spending.since:%Y-%m} {spending.until:%Y-%m}.{kind}")}
    return Response(whole, media_type=CSV if kind == "csv" else XLSX, headers=headers)


def _columns(request: Request, first: Column, *more: Column) -> list[Column]:
    say = request.locale.render
    return [
        first,
        Column(say(text("payments.spending.charged", "Charged")), "money"),
        Column(say(text("payments.spending.before", "A year before")), "money"),
        Column(say(text("payments.spending.difference", "Difference")), "money"),
        *more,
    ]


def _by_month(request: Request, spending: Spending) -> Sheet:
    title = request.locale.render(text("payments.spending.months", "By month"))
    first = Column(request.locale.render(text("payments.spending.month_name", "Month")), "day")
    rows = [(row.name, row.amount, row.before, row.change) for row in spending.months]
    return Sheet(title, _columns(request, first), rows)


def _by_service(request: Request, spending: Spending) -> Sheet:
    say = request.locale.render
    title = say(text("payments.spending.services", "By service"))
    first = Column(say(text("payments.paper.service", "Service")))
    volumes = (
        Column(say(text("payments.paper.volume", "Volume")), "number"),
        Column(say(text("payments.spending.volume_before", "Volume a year before")), "number"),
        Column(say(text("payments.spending.unit", "Unit"))),
    )
    rows = [
        (row.name, row.amount, row.before, row.change, row.volume, row.volume_before, row.unit)
        for row in spending.services
    ]
    return Sheet(title, _columns(request, first, *volumes), rows)


def _by_account(request: Request, spending: Spending, accounts: Sequence[AccountRef]) -> Sheet:
    say = request.locale.render
    title = say(text("payments.spending.accounts", "By address"))
    names = {account.id: account for account in accounts}
    first = Column(say(text("payments.payment.address", "Address")))
    rows = [
        (f"{names[row.name].title} ({names[row.name].number})", row.amount, row.before, row.change)
        for row in spending.accounts
    ]
    return Sheet(title, _columns(request, first), rows)


_MINE, _VIEW = signed_in(), on_account(VIEW)


def _given(path: str, name: str, endpoint: Callable[[Request], Response], policy: Policy) -> RouteSpec:
    return route(path, endpoint, name=name, policy=policy, kind="file", limiter="papers")


SPENDING_ROUTES = [
    route("/spending", show_all, name="spending_all", policy=_MINE),
    _given("/spending.xlsx", "spending_all_xlsx", give_all_xlsx, _MINE),
    _given("/spending.csv", "spending_all_csv", give_all_csv, _MINE),
    route("/{account}/spending", show_spending, name="spending", policy=_VIEW),
    _given("/{account}/spending.xlsx", "spending_xlsx", give_xlsx, _VIEW),
    _given("/{account}/spending.csv", "spending_csv", give_csv, _VIEW),
]
