"""Calls of the API about services: what is connected, the catalogue, what an order would cost, orders; for systems, carrying them out.
Equipment and offers stand beside (besides)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.datastructures import MultiDict

from lkportal.api.rest.reading import misfits
from lkportal.core.errors import NotFound, Problem
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.rest import ApiModel, ApiMoney, ApiRoute, ApiScope, ListPage, Nothing
from lkportal.modules.tariffs import queries, service, views
from lkportal.modules.tariffs.api.besides import BESIDES, HERE, SEE
from lkportal.modules.tariffs.api.shapes import (
    OFFERING,
    ORDER,
    ORDER_IN,
    QUOTE,
    SERVICE,
    WISH,
    OfferingOut,
    OrderIn,
    OrderOut,
    QuoteOut,
    RejectIn,
    ServiceOut,
    Wish,
)
from lkportal.modules.tariffs.forms import MoveForm, RejectForm
from lkportal.modules.tariffs.orders.quotes import Unfit
from lkportal.modules.tariffs.orders.quoting import Asked, asked_by_offer, quoted
from lkportal.modules.tariffs.routes import office_of, today_of
from lkportal.modules.tariffs.states import KINDS
from lkportal.web import Request, read_fields

_ORDER = ApiScope(
    "tariffs.order", text("tariffs.scope.order", "Order, change and disconnect services"), "tariffs.order"
)
_WORK = ApiScope("tariffs.work", text("tariffs.scope.work", "Carry out and refuse orders of services"), customers=False)


def services(request: Request, _asked: None, page: ListPage) -> list[ServiceOut]:
    """Return what is connected."""
    account = request.own_account
    rows = queries.services(request.db, account.id, account.brand, today_of(request))
    return [_service(row, account.currency) for row in page.cut(rows, lambda row: row.public_id)]


def one_service(request: Request, _asked: None) -> ServiceOut:
    """Return one service, one that ended too. Raises NotFound."""
    account = request.own_account
    row = queries.service(request.db, account.id, account.brand, request.path_params["service"], today_of(request))
    if row is None:
        raise NotFound
    return _service(row, account.currency)


def catalogue(request: Request, _asked: None, page: ListPage) -> list[OfferingOut]:
    """Return what is offered to the account, in the company's order."""
    account, today = request.own_account, today_of(request)
    rows = queries.catalogue(request.db, account.id, account.brand, today)
    have = {each.offering_id: each.public_id for each in queries.services(request.db, account.id, account.brand, today)}
    found = page.cut(rows, lambda row: row.offering)
    return [_offering(row, account.currency, have.get(row.offering_id)) for row in found]


def quote(request: Request, asked: Wish) -> QuoteOut:
    """Return what an order would cost and mean. Raises NotFound, Problem 422 for what does not fit."""
    account, settings = request.own_account, office_of(request).settings
    try:
        _, found = quoted(request.db, account, _asked(request, request.db, asked), settings, today_of(request))
    except Unfit as error:
        raise _unfit(error, "?") from None
    say, currency = request.locale.render, account.currency
    return QuoteOut(
        kind=found.kind,
        price=ApiMoney.of(found.price, currency),
        monthly=ApiMoney.of(found.monthly, currency),
        was=ApiMoney.of(found.was, currency),
        months=found.months,
        day=found.day,
        first=found.first,
        last=found.last,
        until=found.until,
        undo=[say(each) for each in found.undo],
        mind=[say(each) for each in found.mind],
        at_once=found.at_once,
        taken=ApiMoney.of(found.taken, currency),
    )


def orders(request: Request, _asked: None, page: ListPage) -> list[OrderOut]:
    """Return the orders, newest first."""
    rows = queries.orders_behind(request.db, request.own_account.id, page.wanted, page.after)
    return [_order(request, row) for row in rows]


def one_order(request: Request, _asked: None) -> OrderOut:
    """Return one order. Raises NotFound."""
    return _order(request, _row(request, request.db, request.path_params["order"]))


def place(request: Request, db: Session, data: OrderIn) -> OrderOut:
    """Place an order on the terms that were told. Raises MovedOn when they are others by now, Problem 422 for what does not fit."""
    asked = replace(_asked(request, db.connection(), data), place=_place(data) if data.kind == "move" else "")
    draft = service.Draft(asked, public_id(), (data.price, data.monthly))
    person = (request.actor.id or 0) if request.actor.kind == "customer" else 0
    try:
        made, _ = service.place(db, request.own_account, person, draft)
    except Unfit as error:
        raise _unfit(error, "#/") from None
    return _now(request, db, made.public_id)


def cancel(request: Request, db: Session, _data: Nothing) -> OrderOut:
    """Take an order back while it waits. Raises MovedOn."""
    order = request.path_params["order"]
    service.cancel(db, request.own_account, order)
    return _now(request, db, order)


def process(request: Request, db: Session, _data: Nothing) -> OrderOut:
    """Carry out an order for the company. Raises MovedOn."""
    row = _row(request, db.connection(), request.path_params["order"])
    service.carry_out(db, request.own_account, row.public_id, "company")
    return _now(request, db, row.public_id)


def reject(request: Request, db: Session, data: RejectIn) -> OrderOut:
    """Refuse an order for the company. Raises MovedOn."""
    row = _row(request, db.connection(), request.path_params["order"])
    form = read_fields(MultiDict({"reason": data.reason}), RejectForm)
    if not form.valid:
        raise misfits([("#/reason", words) for words in form.errors.values()])
    service.reject(db, request.own_account, row.public_id, form.data.reason)
    return _now(request, db, row.public_id)


def _asked(request: Request, connection: Connection, wish: Wish | OrderIn) -> Asked:
    if wish.promotion:
        return asked_by_offer(connection, request.own_account, wish.promotion, today_of(request), wish.day)
    until = wish.until if wish.kind == "freeze" else None
    return Asked(wish.kind, wish.offering or "", wish.service or "", wish.day, until, wish.place)


def _place(data: OrderIn) -> str:
    """Return where a move leads, as its form takes it. Raises Problem 422."""
    typed = {"token": public_id(), "price": "0", "monthly": "0", "day": data.day.isoformat(), "place": data.place}
    form = read_fields(MultiDict(typed), MoveForm)
    if not form.valid:
        raise misfits([(f"#/{name}", words) for name, words in form.errors.items()])
    return form.data.place


def _unfit(error: Unfit, root: str) -> Problem:
    return misfits([(root + error.field, error.words)]) if error.field else Problem("tariffs.unfit", error.words, 422)


def _row(request: Request, connection: Connection, order: str) -> Any:
    found = queries.order(connection, request.own_account.id, order)
    if found is None:
        raise NotFound
    return found


def _now(request: Request, db: Session, order: str) -> OrderOut:
    db.flush()
    return _order(request, _row(request, db.connection(), order))


def _service(row: Any, currency: str) -> ServiceOut:
    shown = views.service(row, currency)
    return ServiceOut(
        id=row.public_id,
        offering=row.offering,
        code=row.code,
        kind=row.kind,
        family=row.family,
        title=row.title,
        note=row.note,
        place=row.place,
        state=row.state,
        price=ApiMoney.of(row.amount or 0, currency),
        months=row.months,
        since=row.since,
        next_charge_on=row.charge_on,
        renews=row.renews,
        frozen_until=row.frozen_until,
        waiting=row.waiting,
        may=[kind for kind in KINDS if kind in shown.acts],
    )


def _offering(row: Any, currency: str, has: str | None) -> OfferingOut:
    return OfferingOut(
        id=row.offering,
        code=row.code,
        kind=row.kind,
        family=row.family,
        title=row.title,
        note=row.note,
        price=ApiMoney.of(row.amount, currency),
        months=row.months,
        connecting=ApiMoney.of(row.connect_price, currency),
        next_on=row.next_since,
        next_price=None if row.next_amount is None else ApiMoney.of(row.next_amount, currency),
        service=has,
    )


def _order(request: Request, row: Any) -> OrderOut:
    say, currency = request.locale.render, request.own_account.currency
    return OrderOut(
        id=row.public_id,
        kind=row.kind,
        state=row.state,
        what=say(views.order_words(row)),
        offering=row.code,
        service=row.service,
        price=ApiMoney.of(row.price, currency),
        monthly=ApiMoney.of(row.monthly, currency),
        day=row.effective_on,
        until=row.until,
        place=row.place,
        reason=say(views.reason_words(row.reason)),
        ordered_at=row.asked_at,
        changed_at=row.changed_at,
    )


def _step(
    name: str, title: Text, scope: ApiScope, run: Any, state: str, taken: type[ApiModel], example: Any
) -> ApiRoute:
    told = {**ORDER, "state": state, **example}
    return ApiRoute("POST", f"{_ONE}/{name}", name, title, scope, run, OrderOut, told, taken, example)


_ALL = f"{HERE}/orders"
_ONE = _ALL + "/{order}"
CALLS = [
    ApiRoute(
        "GET",
        f"{HERE}/services",
        "services",
        text("tariffs.call.services", "What is connected"),
        SEE,
        services,
        ServiceOut,
        SERVICE,
        listed=True,
    ),
    ApiRoute(
        "GET",
        HERE + "/services/{service}",
        "service",
        text("tariffs.call.service", "A service"),
        SEE,
        one_service,
        ServiceOut,
        SERVICE,
    ),
    ApiRoute(
        "GET",
        f"{HERE}/offerings",
        "catalogue",
        text("tariffs.call.catalogue", "What is offered to the account"),
        SEE,
        catalogue,
        OfferingOut,
        OFFERING,
        listed=True,
    ),
    ApiRoute(
        "GET",
        f"{HERE}/quote",
        "quote",
        text("tariffs.call.quote", "What an order would cost and mean"),
        SEE,
        quote,
        QuoteOut,
        QUOTE,
        Wish,
        WISH,
    ),
    ApiRoute(
        "GET",
        _ALL,
        "orders",
        text("tariffs.call.orders", "Orders, newest first"),
        SEE,
        orders,
        OrderOut,
        ORDER,
        listed=True,
    ),
    ApiRoute("GET", _ONE, "order", text("tariffs.call.order", "An order"), SEE, one_order, OrderOut, ORDER),
    ApiRoute(
        "POST",
        _ALL,
        "place",
        text("tariffs.call.place", "Order a service or a change"),
        _ORDER,
        place,
        OrderOut,
        ORDER,
        OrderIn,
        ORDER_IN,
        status=201,
    ),
    _step("cancel", text("tariffs.call.cancel", "Take an order back"), _ORDER, cancel, "canceled", Nothing, {}),
    _step(
        "process",
        text("tariffs.call.process", "Carry out an order for the company"),
        _WORK,
        process,
        "processed",
        Nothing,
        {},
    ),
    _step(
        "reject",
        text("tariffs.call.reject", "Refuse an order for the company"),
        _WORK,
        reject,
        "rejected",
        RejectIn,
        {"reason": "No line reaches this house yet."},
    ),
    *BESIDES,
]
