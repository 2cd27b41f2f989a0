"""Calls of the API about money: what is owed, bills with their lines, payments, what moved on an account."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Connection

from lkportal.core.errors import NotFound, Problem
from lkportal.core.i18n import text
from lkportal.core.rest import PUBLIC_ID, ApiDay, ApiModel, ApiMoney, ApiRoute, ApiScope, ListPage
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.paying.starting import today_of
from lkportal.modules.payments.routes_papers import one_bill
from lkportal.web import Request

_MOST_DAYS = timedelta(days=1100)
_USUAL_DAYS = timedelta(days=30)
_MOST_MOVEMENTS = 5_000
_BILLS = ApiScope("bills.read", text("payments.scope.bills", "See bills and what is owed"), "payments.view")
_PAYMENTS = ApiScope("payments.read", text("payments.scope.payments", "See payments"), "payments.view")


class BalanceOut(ApiModel):
    """What an account owes: above zero it is a debt, below zero money paid in advance. `posting` was paid here and is not known to
    billing yet; `told_at` is when billing last said what is owed."""

    owed: ApiMoney
    posting: ApiMoney
    told_at: datetime | None


class LineOut(ApiModel):
    """A line of a bill. `volume` counts thousandths of `unit`, `rate` millionths of a minor unit for one unit."""

    kind: str
    service: str
    note: str
    unit: str
    volume_milli: int | None
    rate_millionths: int | None
    amount: ApiMoney


class BillOut(ApiModel):
    """A bill of a month (its first day). `unpaid` is what is left of it when money settles the oldest bills first; `withdrawn` is what
    another module asked for and took back: its total is zero."""

    id: str = Field(pattern=PUBLIC_ID)
    period: date
    number: str
    total: ApiMoney
    unpaid: ApiMoney
    issued_on: date
    due_on: date
    state: Literal["paid", "due", "overdue", "withdrawn"]


class WholeBillOut(BillOut):
    """A bill with its lines."""

    lines: list[LineOut]


class PaymentOut(ApiModel):
    """A payment. `posted`: billing knows of it; `refunded` is what was given back."""

    id: str = Field(pattern=PUBLIC_ID)
    amount: ApiMoney
    refunded: ApiMoney
    state: Literal["waiting", "paid", "declined", "attention"]
    created_at: datetime
    paid_at: datetime | None
    posted: bool


class WholePaymentOut(PaymentOut):
    """A payment. `page` is its page in the portal, where it is gone on with; `pay_at` the provider's page where the payer pays, null
    while the provider has not answered and once nothing is to be paid."""

    page: str
    pay_at: str | None


class Days(ApiModel):
    """From one day to another, both included: the last thirty days when nothing is said."""

    since: ApiDay | None = None
    until: ApiDay | None = None


class MovementOut(ApiModel):
    """Something that moved on an account: above zero it adds to what is owed."""

    kind: str
    on: date
    change: ApiMoney


class HistoryOut(ApiModel):
    """What moved between two days, oldest first, with what was owed before and after."""

    before: ApiMoney
    after: ApiMoney
    movements: list[MovementOut]


def balance(request: Request, _asked: None) -> BalanceOut:
    """Return what the account owes."""
    account = request.own_account
    row = queries.standing(request.db, account.id)
    currency = row.currency if row else account.currency
    return BalanceOut(
        owed=ApiMoney.of(row.balance if row else 0, currency),
        posting=ApiMoney.of((row.unposted or 0) if row else 0, currency),
        told_at=row.told_at if row else None,
    )


def bills(request: Request, _asked: None, page: ListPage) -> list[BillOut]:
    """Return the bills, newest first."""
    account = request.own_account
    standing = queries.standing(request.db, account.id)
    found = views.settled(queries.bills(request.db, account.id), standing.balance if standing else 0, today_of(request))
    return [BillOut(**_bill(each)) for each in page.cut(found, lambda each: each.public_id)]


def bill(request: Request, _asked: None) -> WholeBillOut:
    """Return one bill with its lines. Raises NotFound."""
    found = one_bill(request, request.own_account, request.path_params["bill"])
    shown: views.BillView = found["bill"]
    lines = [
        LineOut(
            kind=line.kind,
            service=line.service,
            note=line.note,
            unit=line.unit,
            volume_milli=line.volume_milli,
            rate_millionths=line.rate_millionths,
            amount=ApiMoney.of(line.amount, shown.currency),
        )
        for line in found["lines"]
    ]
    return WholeBillOut(**_bill(shown), lines=lines)


def payments(request: Request, _asked: None, page: ListPage) -> list[PaymentOut]:
    """Return the payments, newest first."""
    rows = queries.payments_behind(request.db, request.own_account.id, page.wanted, page.after)
    return [_payment(row) for row in rows]


def payment(request: Request, _asked: None) -> WholePaymentOut:
    """Return one payment. Raises NotFound."""
    return whole(request, request.db, request.path_params["payment"])


def whole(request: Request, connection: Connection, payment: str) -> WholePaymentOut:
    """Return a payment of the account with where it is paid; the provider's page is for who began it, or for all of the account when
    it is for that account alone. Raises NotFound."""
    account = request.own_account
    row = queries.payment(connection, account.id, payment)
    if row is None:
        raise NotFound
    is_there = (
        row.state == "waiting" and row.next_kind == "redirect" and row.attempt_state not in ("unknown", "intended")
    )
    is_theirs = row.lead_id is None or row.actor == request.actor.label
    return WholePaymentOut(
        **_payment(row).model_dump(),
        page=request.public_url("payments:payment", account=account.public_id, payment=row.public_id),
        pay_at=row.next_value if is_there and is_theirs else None,
    )


def history(request: Request, asked: Days) -> HistoryOut:
    """Return what moved between two days. Raises Problem 422 for days that stand the wrong way round or too far apart."""
    until = asked.until or today_of(request)
    since = asked.since or max(until, date(1, 2, 1)) - _USUAL_DAYS
    if not timedelta() <= until - since <= _MOST_DAYS:
        words = text("payments.api.days", "Ask for three years at most, the earlier day first.")
        raise Problem("payments.days", words, 422)
    account = request.own_account
    before = queries.owed_before(request.db, account.id, since)
    rows = queries.within(request.db, account.id, since, until, _MOST_MOVEMENTS + 1)
    if len(rows) > _MOST_MOVEMENTS:
        words = text("payments.api.many", "More than %(most)s entries: ask for fewer days.", most=_MOST_MOVEMENTS)
        raise Problem("payments.many", words, 422)
    return HistoryOut(
        before=ApiMoney.of(before, account.currency),
        after=ApiMoney.of(before + sum(row.change for row in rows), account.currency),
        movements=[
            MovementOut(kind=row.kind, on=row.occurred_on, change=ApiMoney.of(row.change, account.currency))
            for row in rows
        ],
    )


def _bill(each: views.BillView) -> dict[str, Any]:
    return {
        "id": each.public_id,
        "period": each.period,
        "number": each.number,
        "total": ApiMoney.of(each.total, each.currency),
        "unpaid": ApiMoney.of(each.unpaid, each.currency),
        "issued_on": each.issued_on,
        "due_on": each.due_on,
        "state": each.state,
    }


def _payment(row: Any) -> PaymentOut:
    return PaymentOut(
        id=row.public_id,
        amount=ApiMoney.of(row.amount, row.currency),
        refunded=ApiMoney.of(row.refunded, row.currency),
        state=row.state,
        created_at=row.created_at,
        paid_at=row.paid_at,
        posted=row.acknowledged_at is not None,
    )


RUB = {"minor": 148260, "currency": "RUB"}
_NONE = {"minor": 0, "currency": "RUB"}
_BILL = {
    "id": "Xk3vQ9rT2mNp8LwZ",
    "period": "2026-10-01",
    "number": "000123",
    "total": RUB,
    "unpaid": RUB,
    "issued_on": "2026-11-03",
    "due_on": "2026-11-25",
    "state": "due",
}
_LINE = {
    "kind": "charge",
    "service": "Холодная вода",
    "note": "",
    "unit": "m3",
    "volume_milli": 11_100,
    "rate_millionths": 4_901_000_000,
    "amount": {"minor": 54401, "currency": "RUB"},
}
_PAID = {
    "id": "Pm4sR8uY1bCd6EfG",
    "amount": RUB,
    "refunded": _NONE,
    "state": "paid",
    "created_at": "2026-11-20T08:15:00Z",
    "paid_at": "2026-11-20T08:16:03Z",
    "posted": True,
}
WHOLE = {
    **_PAID,
    "state": "waiting",
    "paid_at": None,
    "posted": False,
    "page": "https://lk.example.org/payments/Ac1qN2sP3tQ4uR5v/payments/Pm4sR8uY1bCd6EfG",
    "pay_at": "https://pay.example.org/checkout/2d7c",
}
"""A payment that is on its way, for the description."""
_MOVED = {"kind": "charge", "on": "2026-11-03", "change": RUB}
_ACCOUNT = "/accounts/{account}"
CALLS = [
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/balance",
        "balance",
        text("payments.call.balance", "What the account owes"),
        _BILLS,
        balance,
        BalanceOut,
        {"owed": RUB, "posting": _NONE, "told_at": "2026-11-22T03:00:00Z"},
    ),
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/bills",
        "bills",
        text("payments.call.bills", "Bills, newest first"),
        _BILLS,
        bills,
        BillOut,
        _BILL,
        listed=True,
    ),
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/bills/{{bill}}",
        "bill",
        text("payments.call.bill", "A bill with its lines"),
        _BILLS,
        bill,
        WholeBillOut,
        {**_BILL, "lines": [_LINE]},
    ),
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/payments",
        "payments",
        text("payments.call.payments", "Payments, newest first"),
        _PAYMENTS,
        payments,
        PaymentOut,
        _PAID,
        listed=True,
    ),
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/payments/{{payment}}",
        "payment",
        text("payments.call.payment", "A payment"),
        _PAYMENTS,
        payment,
        WholePaymentOut,
        WHOLE,
    ),
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/history",
        "history",
        text("payments.call.history", "What moved on the account between two days"),
        _PAYMENTS,
        history,
        HistoryOut,
        {"before": _NONE, "after": RUB, "movements": [_MOVED]},
        Days,
        {"since": "2026-11-01", "until": "2026-11-30"},
    ),
]
