"""Customer pages of services: what is connected, the catalogue, orders; each act on a page of its own that tells price, day and the
way back before its button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from starlette.responses import Response

from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import on_account
from lkportal.modules.tariffs import queries, service, states, views
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.equipment import queries as equipment
from lkportal.modules.tariffs.equipment.routes import EQUIPMENT_ROUTES, known
from lkportal.modules.tariffs.equipment.views import devices
from lkportal.modules.tariffs.forms import FreezeForm, MoveForm, OrderForm
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.orders.quotes import Quote, Unfit, Wanted
from lkportal.modules.tariffs.orders.quoting import Asked, asked_by_offer, quoted
from lkportal.modules.tariffs.prepaid import promising, reads
from lkportal.modules.tariffs.prepaid.routes import PREPAID_ROUTES, SERVICE_ROUTES
from lkportal.modules.tariffs.promotions import queries as promotions
from lkportal.modules.tariffs.promotions.views import offers
from lkportal.modules.tariffs.states import Kind
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 20
Act = Kind | Literal["promotion"]
_FORMS: dict[str, type[OrderForm]] = {"freeze": FreezeForm, "move": MoveForm}


def show_services(request: Request) -> Response:
    """Show what is connected, what waits and what it costs a month."""
    account = request.own_account
    rows = queries.services(request.db, account.id, account.brand, today_of(request))
    waiting = queries.waiting(request.db, account.id)
    return page(
        request,
        "tariffs/services.html",
        services=[views.service(row, account.currency) for row in rows],
        orders=[views.order(row, account.currency) for row in waiting],
        monthly=views.monthly(rows),
        may=_may(request),
        **_equipment(request, equipment.of_account(request.db, account.id)),
        offers=offers(promotions.open_offers(request.db, account.id, today_of(request)), account.currency),
        **_money(request, rows),
    )


def _equipment(request: Request, rows: Any) -> dict[str, Any]:
    return {"devices": devices(rows), **known(request, rows)}


def _money(request: Request, rows: Any) -> dict[str, Any]:
    """Return what is in hand, where the portal charges and something is paid in advance."""
    account, settings = request.own_account, office_of(request).settings
    may_pay = "payments.pay" in account.rights
    if settings.charges != "portal" or not any(each.prepaid for each in rows):
        return {"standing": None, "may_pay": may_pay, "offer": None}
    standing = reads.standing(request.db, account.id)
    due = views.next_due(rows, today_of(request))
    enough = standing.in_hand + (standing.promised or 0) - settings.below >= due
    offer = None
    if settings.promised.on and standing.promise is None and not enough and _may(request):
        offer = promising.offered(request.db, account, settings, today_of(request))
    return {"standing": standing, "may_pay": may_pay, "offer": offer, "due": due, "enough": enough}


def show_service(request: Request) -> Response:
    """Show one service with what may be done with it."""
    row, account = _service(request), request.own_account
    return page(
        request,
        "tariffs/service.html",
        service=views.service(row, account.currency),
        may=_may(request),
        **_equipment(request, equipment.of_service(request.db, account.id, row.id)),
        portal_charges=office_of(request).settings.charges == "portal",
    )


def show_catalogue(request: Request) -> Response:
    """Show what is offered to this account."""
    account, today = request.own_account, today_of(request)
    rows = queries.catalogue(request.db, account.id, account.brand, today)
    services = queries.services(request.db, account.id, account.brand, today)
    offered = views.catalogue(rows, services, account.currency)
    return page(request, "tariffs/catalogue.html", families=offered, may=_may(request))


def choose_plan(request: Request) -> Response:
    """Show the plans that a service may change to."""
    row, account, today = _service(request), request.own_account, today_of(request)
    rows = [
        each
        for each in queries.catalogue(request.db, account.id, account.brand, today)
        if each.kind == "plan" and each.family == row.family and each.offering_id != row.offering_id
    ]
    plans = views.catalogue(rows, [], account.currency).get(row.family, [])
    return page(
        request, "tariffs/plans.html", service=views.service(row, account.currency), plans=plans, may=_may(request)
    )


def show_orders(request: Request) -> Response:
    """Show the orders of the account."""
    account, at = request.own_account, request.page_number
    rows = queries.orders(request.db, account.id, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    shown = [views.order(row, account.currency) for row in rows[:PAGE_ROWS]]
    return page(request, "tariffs/orders.html", orders=shown, number=at, more=len(rows) > PAGE_ROWS)


def show_order(request: Request) -> Response:
    """Show one order and how far it is."""
    account = request.own_account
    row = queries.order(request.db, account.id, request.path_params["order"])
    if row is None:
        raise NotFound
    return page(
        request,
        "tariffs/order.html",
        order=views.order(row, account.currency),
        row=row,
        monthly=views.price_words(row.monthly, row.months, account.currency),
        steps=views.steps(row, lambda moment: request.locale.datetime(moment, account.time_zone)),
        may=_may(request) and row.state == states.WAITING,
    )


def cancel(request: Request) -> Response:
    """Take an order back."""
    order = request.path_params["order"]
    try:
        with unit_of_work(request) as db:
            service.cancel(db, request.own_account, order)
    except service.MovedOn as error:
        return redirect(request, "tariffs:order", error.words, "warn", order=order)
    said = text("tariffs.flash.canceled", "The order is taken back. Nothing changes.")
    return redirect(request, "tariffs:order", said, order=order)


def today_of(request: Request) -> date:
    """Return the date where the account of the request is."""
    return local_day(request.portal.clock.now(), request.own_account.time_zone)


def _show_act(kind: Act) -> Callable[[Request], Response]:
    def show(request: Request) -> Response:
        return _act_page(request, kind)

    show.__name__, show.__doc__ = f"show_{kind}", f"Show what it costs and means to {kind}, before the button."
    return show


def _do_act(kind: Act) -> Callable[[Request], Response]:
    def act(request: Request) -> Response:
        return _ordered(request, kind)

    act.__name__, act.__doc__ = kind, f"Order to {kind}."
    return act


def _ordered(request: Request, kind: Act) -> Response:
    form: Form[Any] = read_form(request, _FORMS.get(kind, OrderForm))
    if not form.valid:
        return _act_page(request, kind, form)
    data = form.data
    draft = service.Draft(_asked(request, kind, form), data.token, (data.price, data.monthly))
    try:
        with unit_of_work(request) as db:
            made, _ = service.place(db, request.own_account, request.actor.id or 0, draft)
            order, state = made.public_id, service.known(db, made.public_id).state
    except Unfit as error:
        form.add_error(error.field, error.words)
        return _act_page(request, kind, form)
    except service.MovedOn as error:
        form.add_error("", error.words)
        return _act_page(request, kind, form)
    said = text("tariffs.flash.ordered", "We received your order.")
    if state == states.PROCESSED:
        said = text("tariffs.flash.done", "Done.")
    return redirect(request, "tariffs:order", said, order=order)


def _act_page(request: Request, kind: Act, form: Form[Any] | None = None) -> Response:
    settings, today, account = office_of(request).settings, today_of(request), request.own_account
    status = 422 if form is not None else 200
    try:
        wanted, quote = quoted(request.db, account, _asked(request, kind, form), settings, today)
    except Unfit as error:
        if not error.field:
            return _not_now(request, kind, error)
        form = form or empty_form(_FORMS.get(kind, OrderForm))
        form.add_error(error.field, error.words)
        wanted, quote = quoted(request.db, account, _asked(request, kind, None), settings, today)
        status = 422
    return _quote_page(request, wanted, quote, form or empty_form(_FORMS.get(kind, OrderForm)), status)


def _quote_page(request: Request, wanted: Wanted, quote: Quote, form: Form[Any], status: int) -> Response:
    currency = request.own_account.currency
    return page(
        request,
        "tariffs/act.html",
        status,
        wanted=wanted,
        quote=quote,
        facts=views.quote_facts(quote, currency),
        form=form,
        token=form.value("token") or public_id(),
        title=states.KIND_TITLES[wanted.kind] if wanted.promotion is None else wanted.promotion.title,
        do=states.KIND_TITLES[wanted.kind]
        if wanted.promotion is None
        else text("tariffs.promotion.take", "Take the offer"),
        action=request.url(f"tariffs:{request.route.name.partition(':')[2].removesuffix('_form')}", **_params(request)),
        back=_back(request, wanted),
    )


def _not_now(request: Request, kind: Act, error: Unfit) -> Response:
    """Lead back to the service, with the sentence that says why not."""
    found = request.path_params.get("service", "")
    if kind == "promotion":
        return redirect(request, "tariffs:services", error.words, "warn")
    if found and kind != "change":
        return redirect(request, "tariffs:service", error.words, "warn", service=found)
    if found:
        return redirect(request, "tariffs:plans", error.words, "warn", service=found)
    return redirect(request, "tariffs:catalogue", error.words, "warn")


def _asked(request: Request, kind: Act, form: Form[Any] | None) -> Asked:
    params = request.path_params
    data = form.parsed if form is not None else None
    if kind == "promotion":
        account, day = request.own_account, getattr(data, "day", None)
        return asked_by_offer(request.db, account, params["promotion"], today_of(request), day)
    return Asked(
        kind,
        params.get("offering", ""),
        params.get("service", ""),
        getattr(data, "day", None),
        getattr(data, "until", None),
        getattr(data, "place", ""),
    )


def _params(request: Request) -> dict[str, str]:
    return {
        name: request.path_params[name] for name in ("service", "offering", "promotion") if name in request.path_params
    }


def _back(request: Request, wanted: Wanted) -> tuple[Text | str, str]:
    if wanted.promotion is not None:
        return text("tariffs.title", "Services"), request.url("tariffs:services")
    if wanted.service is None:
        return "", request.url("tariffs:catalogue")
    name = "tariffs:plans" if wanted.kind == "change" else "tariffs:service"
    return wanted.service.title, request.url(name, service=wanted.service.public_id)


def _service(request: Request) -> Any:
    account = request.own_account
    found = queries.service(request.db, account.id, account.brand, request.path_params["service"], today_of(request))
    if found is None:
        raise NotFound
    return found


def office_of(request: Request) -> Office:
    """Return the office of the portal."""
    return request.portal.ports.get(Office)


def _may(request: Request) -> bool:
    return "tariffs.order" in request.own_account.rights


_SEE, _ORDER = on_account("tariffs.view"), on_account("tariffs.order")


def _act(path: str, kind: Act) -> list[RouteSpec]:
    return [
        route(path, _show_act(kind), name=f"{kind}_form", policy=_ORDER),
        route(path, _do_act(kind), name=kind, policy=_ORDER, methods=("POST",), kind="action"),
    ]


ROUTES = [
    route("/{account}/", show_services, name="services", policy=_SEE),
    route("/{account}/catalogue", show_catalogue, name="catalogue", policy=_SEE),
    *_act("/{account}/catalogue/{offering}", "connect"),
    route("/{account}/orders", show_orders, name="orders", policy=_SEE),
    route("/{account}/orders/{order}/", show_order, name="order", policy=_SEE),
    route("/{account}/orders/{order}/cancel", cancel, name="cancel", policy=_ORDER, methods=("POST",), kind="action"),
    *_act("/{account}/promotions/{promotion}", "promotion"),
    *EQUIPMENT_ROUTES,
    *PREPAID_ROUTES,
    route("/{account}/{service}/", show_service, name="service", policy=_SEE),
    *_act("/{account}/{service}/freeze", "freeze"),
    *_act("/{account}/{service}/resume", "resume"),
    *_act("/{account}/{service}/move", "move"),
    *_act("/{account}/{service}/disconnect", "disconnect"),
    route("/{account}/{service}/plans", choose_plan, name="plans", policy=_ORDER),
    *_act("/{account}/{service}/plans/{offering}", "change"),
    *SERVICE_ROUTES,
]
