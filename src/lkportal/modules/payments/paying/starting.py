"""What pages of paying share, a customer's and a guest's: what is offered, what was chosen, the way to the provider. Rules of a
payment stand in pay, talking with the provider in asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.forms import PayForm
from lkportal.modules.payments.paying import asking
from lkportal.modules.payments.paying import deciding as pay
from lkportal.web import Form, Request, redirect_to, unit_of_work


def offer(request: Request, form: Form[PayForm], *, contact: str = "") -> dict[str, Any]:
    """Return what a page of paying shows: what is due, the bill the form is about, whether paying is offered."""
    account, today = request.own_account, today_of(request)
    standing = queries.standing(request.db, account.id)
    bills = views.settled(queries.bills(request.db, account.id), standing.balance if standing else 0, today)
    settings = desk_of_request(request).settings
    wanted = frozenset(form.value("bills") or ())
    return {
        "form": form,
        "bills": bills,
        "ticked": [bill for bill in bills if bill.public_id in wanted and bill.unpaid],
        "due": views.due(bills, standing.balance if standing else 0, account.currency, today),
        "bill": next((each for each in bills if each.public_id == form.value("bill")), None),
        "token": form.value("token") or public_id(),
        "waiting": standing.waiting if standing else "",
        "offered": settings.takes_payments,
        "receipts": settings.sends_receipts,
        "contact": form.value("contact") or contact,
        "gateways": views.gateway_options(desk_of_request(request).choices(account.currency)),
        "saves": bool(request.actor.id) and desk_of_request(request).saves,
    }


def amount_of(request: Request, form: Form[PayForm]) -> int:
    """Return the amount that was typed or chosen; one that cannot be paid becomes an error of the form."""
    amount = (form.data.amount or form.data.choice) if form.valid else 0
    problem = unfit(desk_of_request(request), amount, request.own_account.currency) if form.valid else None
    if problem is not None:
        form.add_error("amount", problem)
    return amount


def order(
    request: Request, data: PayForm, amount: int, back: Callable[[str], str], *, contact: str = "", token: str = ""
) -> pay.Order:
    """Return what a payer decided. `back(payment)` leads home from the provider; `token` makes one payment of the form."""
    about = text("payments.pay.about", "Payment for services, {account} %(number)s", number=request.own_account.number)
    receipts = desk_of_request(request).settings.sends_receipts
    return pay.Order(
        amount,
        token or data.token or public_id(),
        request.locale.render(about),
        back,
        (data.contact or contact) if receipts else "",
        data.bill or "",
        gateway=data.gateway or "",
        save=data.save and bool(request.actor.id) and desk_of_request(request).saves,
        payer=request.own_account.public_id,
    )


def sent_on(request: Request, payment: str, ours: str, about: AccountRef | None = None) -> Response:
    """Ask the provider for the payment unless it is there already, and lead to its page, or to `ours` when it has none.

    `about` is the account of the payment when it is not that of the request.
    """
    row = asked_for(request, payment, (about or request.own_account).id)
    if row is not None and row.state == "waiting" and row.next_kind == "redirect":
        return redirect_to(request, row.next_value)
    return redirect_to(request, ours)


def asked_for(request: Request, payment: str, account_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return a payment as it stands once the provider was asked for it; one that is there already is not asked for again."""
    row = queries.payment(request.db, account_id, payment)
    if row is not None and row.state == "waiting" and not row.next_value:
        asking.ask(desk_of_request(request), ways(request), row.attempt_id, request.portal.clock.now(), at_once=True)
        row = queries.payment(request.db, account_id, payment)
    return row


def ways(request: Request) -> asking.Ways:
    """Return how this request reads and writes around a call to the provider."""
    request.release()
    return asking.Ways(request.portal.database.reading, lambda: unit_of_work(request))


def desk_of_request(request: Request) -> Desk:
    """Return the pay desk of the portal."""
    return request.portal.ports.get(Desk)


def today_of(request: Request) -> date:
    """Return the date where the account of the request is."""
    return request.portal.clock.now().astimezone(ZoneInfo(request.own_account.time_zone)).date()


def unfit(desk: Desk, amount: int, currency: str) -> Text | None:
    """Return why an amount cannot be paid, None when it can."""
    least, most = desk.settings.least, desk.settings.most
    if not amount:
        return text("payments.pay.nothing", "Choose an amount or type one.")
    if amount < least:
        return text("payments.pay.least", "The smallest payment is %(least)s.", least=Money(least, currency))
    if amount > most:
        return text("payments.pay.most", "The greatest payment is %(most)s. Pay in parts.", most=Money(most, currency))
    return None
