"""Customer pages of payments: bills, one bill, paying, a payment's state, the provider's notifications. Providers are called
between units of work, on the limiter `slow`."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.money import Money
from lkportal.core.policy import AuditLog, anyone, on_account
from lkportal.core.ports import port
from lkportal.modules.payments import asking, pay, queries, views
from lkportal.modules.payments.contract import Forged, PaymentGateway
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.forms import PayForm
from lkportal.modules.payments.routes_papers import PAPER_ROUTES, one_bill
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, redirect_to, route, unit_of_work

PAGE_ROWS = 24
ASK_EVERY = timedelta(seconds=3)


def show_bills(request: Request) -> Response:
    """Show the bills of the account, what is due, and the newest payments."""
    account, today = request.own_account, _today(request)
    standing = queries.standing(request.db, account.id)
    balance = standing.balance if standing else 0
    bills = views.settled(queries.bills(request.db, account.id), balance, today)
    number = request.page_number
    return page(
        request,
        "payments/bills.html",
        bills=bills[(number - 1) * PAGE_ROWS : number * PAGE_ROWS],
        number=number,
        more=len(bills) > number * PAGE_ROWS,
        balance=balance,
        due=views.due(bills, balance, account.currency, today),
        payments=queries.last_payments(request.db, account.id),
        states=views.PAYMENT_STATES,
        seen_at=max((bill.seen_at for bill in bills if bill.seen_at), default=None),
        may_pay=_may_pay(request),
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
    """Show the form of a payment: what is due, half of it, or any amount."""
    return _pay_page(request, empty_form(PayForm, {"bill": request.query_params.get("bill", "")}))


def start_payment(request: Request) -> Response:
    """Write a payment, ask the provider for it outside of any unit, and send the payer there."""
    desk, form = _desk(request), read_form(request, PayForm)
    amount = (form.data.amount or form.data.choice) if form.valid else 0
    problem = _problem(desk, amount, request.own_account.currency) if form.valid else None
    if problem is not None:
        form.add_error("amount", problem)
    if not form.valid:
        return _pay_page(request, form, 422)
    gateway = desk.open_gateway
    with unit_of_work(request) as db:
        payment = pay.start(db, request.own_account, _order(request, form.data, amount))
    return _sent_to_pay(request, gateway, payment)


def try_again(request: Request) -> Response:
    """Make another attempt at a declined payment."""
    gateway, payment = _desk(request).open_gateway, request.path_params["payment"]
    with unit_of_work(request) as db:
        pay.again(db, request.own_account, payment)
    return _sent_to_pay(request, gateway, payment)


def show_payment(request: Request) -> Response:
    """Show how a payment stands. The payer comes back here from the provider, so an unfinished one is asked about first."""
    desk, account, name = _desk(request), request.own_account, request.path_params["payment"]
    row = queries.payment(request.db, account.id, name)
    now = request.portal.clock.now()
    if row is None:
        raise NotFound
    if row.state == "waiting" and desk.gateway and (row.asked_at is None or now - row.asked_at >= ASK_EVERY):
        asking.ask(desk.gateway, _ways(request), row.attempt_id, now)
        row = queries.payment(request.db, account.id, name) or row
    return page(
        request,
        "payments/payment.html",
        payment=row,
        reason=views.reason_words(row.reason),
        method=views.method_words(row.method_title),
        may_pay=_may_pay(request),
    )


def take_notification(request: Request) -> Response:
    """Take a provider's notification: it is only a hint, so the payment is looked at by a job and nothing here is believed."""
    gateway = _desk(request).gateway
    if gateway is None or gateway.name != request.path_params["gateway"]:
        raise NotFound
    peer = request.client.host if request.client else ""
    try:
        hints = gateway.parse_callback(request.body_bytes, request.headers, peer)
    except Forged as forged:
        with unit_of_work(request) as db:
            port(db, AuditLog).record(db, "payments.forged", outcome="refused", detail={"gateway": gateway.name})  # type: ignore[type-abstract]
        raise forged
    with unit_of_work(request) as db:
        for hint in hints:
            key = f"payments.look:{hint.provider_id}:{hint.event}:{hint.refund_id}"
            enqueue(db, "payments.look", {"provider_id": hint.provider_id}, dedup=key)
    answer = gateway.callback_answer(hints)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def _sent_to_pay(request: Request, gateway: PaymentGateway, payment: str) -> Response:
    """Ask the provider for the payment unless it is there already, and lead to its page, or to ours when it has none."""
    account = request.own_account
    row = queries.payment(request.db, account.id, payment)
    if row is not None and row.state == "waiting" and not row.next_value:
        asking.ask(gateway, _ways(request), row.attempt_id, request.portal.clock.now(), at_once=True)
        row = queries.payment(request.db, account.id, payment)
    if row is not None and row.state == "waiting" and row.next_kind == "redirect":
        return redirect_to(request, row.next_value)
    return redirect(request, "payments:payment", payment=payment)


def _order(request: Request, data: PayForm, amount: int) -> pay.Order:
    account = request.own_account
    about = text("payments.pay.about", "Payment for services, {account} %(number)s", number=account.number)

    def back(payment: str) -> str:
        return request.public_url("payments:payment", account=account.public_id, payment=payment)

    receipts = _desk(request).settings.sends_receipts
    contact = (data.contact or request.actor.login) if receipts else ""
    description = request.locale.render(about)
    return pay.Order(amount, data.token or public_id(), description, back, contact, data.bill or "")


def _pay_page(request: Request, form: Form[PayForm], status: int = 200) -> Response:
    account, today = request.own_account, _today(request)
    standing = queries.standing(request.db, account.id)
    bills = views.settled(queries.bills(request.db, account.id), standing.balance if standing else 0, today)
    settings = _desk(request).settings
    return page(
        request,
        "payments/pay.html",
        status,
        form=form,
        bills=bills,
        due=views.due(bills, standing.balance if standing else 0, account.currency, today),
        bill=next((each for each in bills if each.public_id == form.value("bill")), None),
        token=form.value("token") or public_id(),
        waiting=standing.waiting if standing else "",
        offered=settings.takes_payments,
        receipts=settings.sends_receipts,
        contact=form.value("contact") or request.actor.login,
    )


def _problem(desk: Desk, amount: int, currency: str) -> Text | None:
    least, most = desk.settings.least, desk.settings.most
    if not amount:
        return text("payments.pay.nothing", "Choose an amount or type one.")
    if amount < least:
        return text("payments.pay.least", "The smallest payment is %(least)s.", least=Money(least, currency))
    if amount > most:
        return text("payments.pay.most", "The greatest payment is %(most)s. Pay in parts.", most=Money(most, currency))
    return None


def _ways(request: Request) -> asking.Ways:
    request.release()
    return asking.Ways(request.portal.database.reading, lambda: unit_of_work(request))


def _desk(request: Request) -> Desk:
    return request.portal.ports.get(Desk)


def _may_pay(request: Request) -> bool:
    return "payments.pay" in request.own_account.rights and _desk(request).settings.takes_payments


def _today(request: Request) -> date:
    return request.portal.clock.now().astimezone(ZoneInfo(request.own_account.time_zone)).date()


_VIEW, _PAY = on_account("payments.view"), on_account("payments.pay")
_POST = ("POST",)
ROUTES = [
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
    *PAPER_ROUTES,
]
