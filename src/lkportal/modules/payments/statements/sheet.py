"""The statement of an account as a workbook: what moved between two days, numbers as numbers."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.core.i18n import text
from lkportal.core.policy import on_account
from lkportal.core.sheets.writing import XLSX, Column, Sheet, xlsx
from lkportal.modules.payments import queries
from lkportal.modules.payments.books.period import Period, fold
from lkportal.modules.payments.routes_papers import asked_days, chosen_days
from lkportal.web import Request, attachment, redirect_to, route

MOST_ROWS = 50_000
"""Movements of one workbook: a paper of so many would be a thousand pages, a program opens them at once."""


def give_statement(request: Request) -> Response:
    """Give everything that moved on the account between two days as a workbook."""
    account, form = request.own_account, asked_days(request, request.own_account)
    since, until = (form.data.since, form.data.until) if form.valid else (None, None)
    if since is None or until is None:
        return redirect_to(request, request.url("payments:papers", **chosen_days(form)))
    opening = queries.owed_before(request.db, account.id, since)
    rows = queries.within(request.db, account.id, since, until, MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        return redirect_to(request, request.url("payments:papers", **chosen_days(form)))
    sheet = statement(request, fold(since, until, opening, rows))
    request.release()
    name = request.locale.render(text("payments.paper.statement_file", "Statement %(number)s", number=account.number))
    headers = {"content-disposition": attachment(f"{name} {since} {until}.xlsx")}
    return Response(xlsx([sheet]), media_type=XLSX, headers=headers)


def statement(request: Request, period: Period) -> Sheet:
    """Return the table of a statement: its head, each movement with what was owed after it, and the sums."""
    say, account = request.locale.render, request.own_account
    days = text(
        "payments.papers.result",
        "From %(since)s to %(until)s",
        since=request.locale.date(period.since),
        until=request.locale.date(period.until),
    )
    title = say(text("payments.paper.statement", "Statement of the account"))
    head = [
        (title, say(days)),
        (say(text("payments.paper.account", "Account %(number)s", number=account.number)), account.title),
    ]
    rows = [
        (period.since, say(text("payments.period.opening", "Owed at the beginning")), None, None, period.opening),
        *(
            (
                each.day,
                say(each.what),
                each.change if each.change > 0 else None,
                -each.change if each.change < 0 else None,
                each.balance,
            )
            for each in period.movements
        ),
        (
            period.until,
            say(text("payments.period.closing", "Owed at the end")),
            period.charged,
            period.settled,
            period.closing,
        ),
    ]
    return Sheet(title, _columns(request), rows, head)


def _columns(request: Request) -> tuple[Column, ...]:
    say = request.locale.render
    return (
        Column(say(text("payments.paper.day", "Day")), "day"),
        Column(say(text("payments.paper.what", "What happened"))),
        Column(say(text("payments.period.charged", "Charged")), "money"),
        Column(say(text("payments.period.settled", "Paid")), "money"),
        Column(say(text("payments.paper.balance", "Owed after it")), "money"),
    )


STATEMENT_ROUTES = [
    route(
        "/{account}/statement.xlsx",
        give_statement,
        name="statement_xlsx",
        policy=on_account("payments.view"),
        kind="file",
        limiter="papers",
    )
]
