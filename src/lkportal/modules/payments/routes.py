"""Customer pages of payments: bills, one bill, paying, a payment's state, the provider's notifications. Providers are called
between units of work, on the limiter `slow`."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.jobs import enqueue
from lkportal.core.limits.rates import allow_in
from lkportal.core.policy import AuditLog, anyone, on_account
from lkportal.core.ports import port
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.contract import Forged
from lkportal.modules.payments.fiscal import queries as receipts
from lkportal.modules.payments.fiscal.pages import FOR_CUSTOMERS, KINDS
from lkportal.modules.payments.forms import PayForm
from lkportal.modules.payments.history.routes import HISTORY_ROUTES
from lkportal.modules.payments.history.showing import state_of
from lkportal.modules.payments.methods.routes import METHOD_ROUTES
from lkportal.modules.payments.paying import asking
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.paying.starting import amount_of, desk_of_request, offer, order, sent_on, today_of, ways
from lkportal.modules.payments.routes_guest import GUEST_ROUTES
from lkportal.modules.payments.routes_papers import PAPER_ROUTES, one_bill
from lkportal.modules.payments.spending.routes import SPENDING_ROUTES
from lkportal.modules.payments.statements.sheet import STATEMENT_ROUTES
from lkportal.modules.payments.together.pages import company_of
from lkportal.modules.payments.together.routes import TOGETHER_ROUTES
from lkportal.web import Form, Request, empty_form, page, read_form, route, unit_of_work

PAGE_ROWS = 24
FORGED_A_MINUTE = 30
"""Forged notifications of a gateway that audit is told of: anybody can send them, and no flood of them fills it."""


def show_bills(request: Request) -> Response:
    """Show the bills of the account, what is due, and the newest payments."""
    account, today = request.own_account, today_of(request)
    standing = queries.standing(request.db, account.id)
    balance = standing.balance if standing else 0
    bills = views.settled(queries.bills(request.db, account.id), balance, today)
    number = request.page_number
    told_at = views.told_at(standing, bills)
    return page(
        request,
        "payments/bills.html",
        bills=bills[(number - 1) * PAGE_ROWS : number * PAGE_ROWS],
        number=number,
        more=len(bills) > number * PAGE_ROWS,
        balance=balance,
        due=views.due(bills, balance, account.currency, today),
        payments=queries.last_payments(request.db, account.id),
        state_of=state_of,
        told_at=told_at,
        told_today=views.was_on(told_at, account.time_zone, today),
        may_pay=_may_pay(request),
        saves=_may_pay(request) and desk_of_request(request).saves,
    )


def show_bill(request: Request) -> Response:
    """Show one bill: why it differs, its lines, the slip."""
    shown = one_bill(request, request.own_account, request.path_params["bill"])
    return page(request, "payments/bill.html", may_pay=_may_pay(request), **shown)


def show_movements(request: Request) -> Response:
    """Show everything that moved on the account, with the balance after it."""
    number = request.page_number
    rows = queries.movements(request.db, request.own_account.id, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    return page(
        request,
        "payments/movements.html",
        rows=rows[:PAGE_ROWS],
        number=number,
        more=len(rows) > PAGE_ROWS,
        names=views.MOVEMENTS,
    )


def show_pay(request: Request) -> Response:
    """Show the form of a payment: the bills that were ticked, what is due, half of it, or any amount."""
    ticked = request.query_params.getlist("bills")
    one = request.query_params.get("bill", ticked[0] if len(ticked) == 1 else "")
    return _pay_page(request, empty_form(PayForm, {"bill": one, "bills": ticked}))


def start_payment(request: Request) -> Response:
    """Write a payment, ask the provider for it outside of any unit, and send the payer there."""
    form = read_form(request, PayForm)
    amount = amount_of(request, form)
    if not form.valid:
        return _pay_page(request, form, 422)
    with unit_of_work(request) as db:
        payment = pay.start(db, request.own_account, _order(request, form.data, amount))
    return _sent_to_pay(request, payment)


def try_again(request: Request) -> Response:
    """Make another attempt at a declined payment."""
    payment = request.path_params["payment"]
    with unit_of_work(request) as db:
        pay.again(db, request.own_account, payment)
    return _sent_to_pay(request, payment)


def show_payment(request: Request) -> Response:
    """Show how a payment stands. The payer comes back here from the provider, so an unfinished one is asked about first."""
    desk, account, name = desk_of_request(request), request.own_account, request.path_params["payment"]
    row = queries.payment(request.db, account.id, name)
    now = request.portal.clock.now()
    if row is None:
        raise NotFound
    if row.state == "waiting" and (row.asked_at is None or now - row.asked_at >= asking.EVERY):
        asking.ask(desk, ways(request), row.attempt_id, now)
        row = queries.payment(request.db, account.id, name) or row
    return page(
        request,
        "payments/payment.html",
        payment=row,
        reason=views.reason_words(row.reason),
        method=views.method_words(row.method_title),
        may_pay=_may_pay(request),
        receipts=receipts.mine(request.db, account.id, name) if row.state == "paid" else (),
        receipt_states=FOR_CUSTOMERS,
        receipt_kinds=KINDS,
        **company_of(request, row),
    )


def take_notification(request: Request) -> Response:
    """Take a provider's notification: it is only a hint, so the payment is looked at by a job and nothing here is believed."""
    gateway = desk_of_request(request).of(request.path_params["gateway"])
    if gateway is None:
        raise NotFound
    peer = request.client.host if request.client else ""
    try:
        hints = gateway.parse_callback(request.body_bytes, request.headers, peer)
    except Forged as forged:
        with unit_of_work(request) as db:
            if allow_in(db, f"payments.forged:{gateway.name}", FORGED_A_MINUTE, 60, request.portal.clock.now()):
                port(db, AuditLog).record(db, "payments.forged", outcome="refused", detail={"gateway": gateway.name})  # type: ignore[type-abstract]
        raise forged
    with unit_of_work(request) as db:
        for hint in hints:
            key = f"payments.look:{gateway.name}:{hint.provider_id}:{hint.event}:{hint.refund_id}"
            enqueue(db, "payments.look", {"provider_id": hint.provider_id, "gateway": gateway.name}, dedup=key)
    answer = gateway.callback_answer(hints)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def _sent_to_pay(request: Request, payment: str) -> Response:
    return sent_on(request, payment, request.url("payments:payment", payment=payment))


def _order(request: Request, data: PayForm, amount: int) -> pay.Order:
    def back(payment: str) -> str:
        return request.public_url("payments:payment", account=request.own_account.public_id, payment=payment)

    return order(request, data, amount, back, contact=request.actor.login)


def _pay_page(request: Request, form: Form[PayForm], status: int = 200) -> Response:
    return page(request, "payments/pay.html", status, **offer(request, form, contact=request.actor.login))


def _may_pay(request: Request) -> bool:
    return "payments.pay" in request.own_account.rights and desk_of_request(request).settings.takes_payments


_VIEW, _PAY = on_account("payments.view"), on_account("payments.pay", step_up="payment")
_POST = ("POST",)
ROUTES = [
    *GUEST_ROUTES,
    *TOGETHER_ROUTES,
    route("/hooks/{gateway}", take_notification, name="hook", policy=anyone(), methods=_POST, kind="api", csrf=False),
    route("/{account}/", show_bills, name="bills", policy=_VIEW),
    route("/{account}/bills/{bill}", show_bill, name="bill", policy=_VIEW),
    route("/{account}/movements", show_movements, name="movements", policy=_VIEW),
    route("/{account}/pay", show_pay, name="pay", policy=_PAY),
    route("/{account}/pay", start_payment, name="start", policy=_PAY, methods=_POST, kind="action", limiter="slow"),
    route("/{account}/payments/{payment}", show_payment, name="payment", policy=_VIEW, kind="action", limiter="slow"),
    route(
        "/{account}/payments/{payment}/again",
        try_again,
        name="again",
        policy=_PAY,
        methods=_POST,
        kind="action",
        limiter="slow",
    ),
    *HISTORY_ROUTES,
    *SPENDING_ROUTES,
    *STATEMENT_ROUTES,
    *METHOD_ROUTES,
    *PAPER_ROUTES,
]
