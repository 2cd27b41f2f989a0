"""Calls of the API that move money: starting a payment, which its payer then makes at the provider; refunds, for systems."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.datastructures import MultiDict

from lkportal.api.rest.reading import misfits
from lkportal.core.errors import NotFound, Problem
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.money import MAX_MINOR
from lkportal.core.rest import PUBLIC_ID, ApiModel, ApiMoney, ApiRoute, ApiScope
from lkportal.modules.payments import queries
from lkportal.modules.payments.api.calls import RUB, WHOLE, WholePaymentOut, whole
from lkportal.modules.payments.forms import PayForm
from lkportal.modules.payments.paying import deciding
from lkportal.modules.payments.paying.starting import asked_for, desk_of_request, order, unfit
from lkportal.modules.payments.refunds import queries as refunds
from lkportal.modules.payments.refunds import service
from lkportal.modules.payments.refunds.staff import RefundForm
from lkportal.web import Request, read_fields

_PAY = ApiScope(
    "payments.start", text("payments.scope.start", "Start payments, which are made at the provider"), "payments.pay"
)
_REFUND = ApiScope(
    "payments.refund", text("payments.scope.refund", "Give payments back, as far as one person may"), customers=False
)


class PayIn(ApiModel):
    """What is to be paid, perhaps for a bill. `contact`, an e-mail or phone, is where the fiscal receipt goes: the caller's login when
    nothing is said. `gateway` is one of those the pages offer."""

    amount: ApiMoney
    bill: Annotated[str, StringConstraints(pattern=PUBLIC_ID)] | None = None
    contact: Annotated[str, StringConstraints(max_length=200)] = ""
    gateway: Annotated[str, StringConstraints(max_length=40)] = ""


class RefundIn(ApiModel):
    """What is given back of a payment, and why."""

    amount: ApiMoney
    reason: Annotated[str, StringConstraints(pattern=r"\S", max_length=200)]


class RefundOut(ApiModel):
    """A refund. `attention`: what the provider told does not add up, a person looks at it."""

    id: str = Field(pattern=PUBLIC_ID)
    amount: ApiMoney
    reason: str
    state: Literal["intended", "pending", "unknown", "succeeded", "canceled", "failed", "attention"]
    created_at: datetime
    done_at: datetime | None


class RefundsOut(ApiModel):
    """The refunds of a payment, newest first."""

    items: list[RefundOut]


def start(request: Request, db: Session, data: PayIn) -> WholePaymentOut:
    """Write a payment; an unfinished one of the same amount is gone on with. Raises Problem 422, 409 when paying is not offered."""
    account, desk = request.own_account, desk_of_request(request)
    if not desk.taking(account.currency):
        words = text("payments.closed", "Paying here is not offered now. Pay by the bank details of the bill.")
        raise Problem("payments.closed", words, 409)
    amount = _amount(data.amount, account.currency)
    why = unfit(desk, amount, account.currency)
    if why is not None:
        raise misfits([("#/amount/minor", why)])
    wanted = order(
        request, _form(request, data), amount, lambda name: _page(request, name), contact=request.actor.login
    )
    if desk.settings.sends_receipts and not wanted.contact:
        words = text("payments.api.contact", "Say where the fiscal receipt goes: an e-mail or a phone.")
        raise misfits([("#/contact", words)])
    return whole(request, db.connection(), deciding.start(db, account, wanted))


def ask_provider(request: Request, begun: WholePaymentOut) -> None:
    """Ask the provider for a payment that was begun, so that the next look at it tells where it is paid."""
    asked_for(request, begun.id, request.own_account.id)


def give_back(request: Request, db: Session, data: RefundIn) -> RefundOut:
    """Write a refund; the provider is asked by a job. Raises NotFound, PortalError 409 for more than is left, or than may be given
    without a second person."""
    row = _row(request, db.connection())
    amount, desk = _amount(data.amount, row.currency), desk_of_request(request)
    typed = {"amount": f"{amount // 100}.{amount % 100:02}", "reason": data.reason, "once": public_id()}
    form = read_fields(MultiDict(typed), RefundForm)
    if not form.valid:
        names = {"amount": "#/amount/minor"}
        raise misfits([(names.get(name, f"#/{name}"), words) for name, words in form.errors.items()])
    wish = service.Wish(amount, form.data.reason, form.data.once, desk.settings.refund_alone)
    made = service.start(db, row.public_id, wish)
    return next(each for each in _refunds(db.connection(), row) if each.id == made)


def given(request: Request, _asked: None) -> RefundsOut:
    """Return the refunds of a payment. Raises NotFound."""
    return RefundsOut(items=_refunds(request.db, _row(request, request.db)))


def _amount(asked: ApiMoney, currency: str) -> int:
    """Return minor units. Raises Problem 422 for another currency than the account's, for what is no amount."""
    if asked.currency != currency:
        words = text("payments.api.currency", "This account is kept in %(currency)s.", currency=currency)
        raise misfits([("#/amount/currency", words)])
    if not 0 < asked.minor <= MAX_MINOR:
        words = text("payments.api.amount", "Name an amount above zero, in whole minor units.")
        raise misfits([("#/amount/minor", words)])
    return asked.minor


def _form(request: Request, data: PayIn) -> PayForm:
    """Return what the form of paying would hold. Raises Problem 422."""
    typed = {"bill": data.bill or "", "contact": data.contact, "gateway": data.gateway}
    form = read_fields(MultiDict(typed), PayForm, {"country": request.portal.settings.portal.country})
    if not form.valid:
        raise misfits([(f"#/{name}", words) for name, words in form.errors.items()])
    return form.data


def _page(request: Request, payment: str) -> str:
    return request.public_url("payments:payment", account=request.own_account.public_id, payment=payment)


def _row(request: Request, connection: Connection) -> Any:
    """Return a payment of the account as the desk reads it. Raises NotFound."""
    mine = queries.payment(connection, request.own_account.id, request.path_params["payment"])
    row = refunds.payment(connection, mine.public_id) if mine is not None else None
    if row is None:
        raise NotFound
    return row


def _refunds(connection: Connection, row: Any) -> list[RefundOut]:
    return [
        RefundOut(
            id=each.public_id,
            amount=ApiMoney.of(each.amount, each.currency),
            reason=each.reason,
            state=each.state,
            created_at=each.created_at,
            done_at=each.done_at,
        )
        for each in refunds.of_payment(connection, row.id)
    ]


_GIVEN = {
    "id": "Rf2dX8cV5bN1mZ4q",
    "amount": RUB,
    "reason": "Paid twice",
    "state": "intended",
    "created_at": "2026-11-22T09:00:00Z",
    "done_at": None,
}
_ALL = "/accounts/{account}/payments"
_REFUNDS = _ALL + "/{payment}/refunds"
PAYING = [
    ApiRoute(
        "POST",
        _ALL,
        "start",
        text("payments.call.start", "Start a payment"),
        _PAY,
        start,
        WholePaymentOut,
        {**WHOLE, "pay_at": None},
        PayIn,
        {"amount": RUB},
        status=201,
        limiter="slow",
        then=ask_provider,
    ),
    ApiRoute(
        "GET",
        _REFUNDS,
        "refunds",
        text("payments.call.refunds", "What was given back of a payment"),
        _REFUND,
        given,
        RefundsOut,
        {"items": [{**_GIVEN, "state": "succeeded"}]},
    ),
    ApiRoute(
        "POST",
        _REFUNDS,
        "refund",
        text("payments.call.refund", "Give a payment back"),
        _REFUND,
        give_back,
        RefundOut,
        _GIVEN,
        RefundIn,
        {"amount": RUB, "reason": "Paid twice"},
        status=201,
    ),
]
