"""Paying for several accounts at once: the list of what is owed, then one payment at the provider. Each account is looked up
through the person's own rights again when the form comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import AccountRef, Reached
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import signed_in
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.paying.starting import desk_of_request, sent_on
from lkportal.modules.payments.together import ordering, reads
from lkportal.modules.payments.together.forms import ChoiceForm, TogetherForm
from lkportal.modules.payments.together.ordering import MOST_ACCOUNTS
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, read_query, route, unit_of_work

PAY = "payments.pay"
Owing = Sequence[tuple[AccountRef, int]]


def show_together(request: Request) -> Response:
    """Show the person's accounts in which something is owed, all of them ticked."""
    asked = read_query(request, ChoiceForm)
    typed, ticked = (asked.data.q, asked.data.ticked.split(".")) if asked.valid else ("", [])
    ticked = [each for each in ticked if each][:MOST_ACCOUNTS]
    rows = _owing(request, typed=typed, ticked=ticked)
    chosen = [account.public_id for account, _ in rows]
    return _page(request, empty_form(TogetherForm, {"chosen": chosen}), rows, typed=typed)


def start_together(request: Request) -> Response:
    """Write the payments, ask the provider for all of it outside of any unit, and send the payer there."""
    form = read_form(request, TogetherForm)
    parts = _parts(request, form) if form.valid else []
    if not form.valid:
        return _page(request, form, _again(request, form), 422)
    first = parts[0].account
    with unit_of_work(request) as db:
        if len(parts) == 1:
            payment = pay.start(db, first, _alone(request, form.data, parts[0]))
        else:
            first, payment = ordering.start(db, _order(request, form.data, parts))
    ours = request.url("payments:payment", account=first.public_id, payment=payment)
    return sent_on(request, payment, ours, first)


def _owing(request: Request, *, typed: str = "", ticked: Sequence[str] = ()) -> Owing:
    """Return accounts that owe and may be paid for by this person, one more than fit a payment."""
    person, now = request.actor.id or 0, request.portal.clock.now()
    most = MOST_ACCOUNTS + 1
    rows = reads.owing(request.db, person, now, request.brand, most, typed=typed, ticked=ticked)
    owed = {row.public_id: row.balance for row in rows}
    return [(account, owed[account.public_id]) for account in _payable(request, list(owed))]


def _payable(request: Request, accounts: Sequence[str]) -> list[AccountRef]:
    reached = request.portal.ports.get(Reached)  # type: ignore[type-abstract]
    return reached.having(request.db, request.actor.id or 0, PAY, accounts)


def _parts(request: Request, form: Form[TogetherForm]) -> list[ordering.Part]:
    """Return what is paid for each chosen account. What cannot be paid becomes an error of the form."""
    data, chosen = form.data, list(dict.fromkeys(form.data.chosen))
    if not chosen:
        form.add_error("chosen", text("payments.together.none", "Tick what you pay for."))
    if len(chosen) > MOST_ACCOUNTS:
        words = text("payments.together.many", "Tick %(most)s at most; pay for the rest next.", most=MOST_ACCOUNTS)
        form.add_error("chosen", words)
        return []
    found = _payable(request, chosen)
    if len(found) != len(chosen) or len({(each.currency, each.brand) for each in found}) > 1:
        words = text("payments.together.gone", "One of these can no longer be paid for here. Check the list.")
        form.add_error("chosen", words)
        return []
    parts = [ordering.Part(each, _sum(data, each.public_id), _about(request, each)) for each in found]
    _check(request, form, parts)
    return parts


def _sum(data: TogetherForm, account: str) -> int:
    return data.amounts.get(account) or max(data.shown.get(account, 0), 0)


def _check(request: Request, form: Form[TogetherForm], parts: Sequence[ordering.Part]) -> None:
    settings = desk_of_request(request).settings
    for part in parts:
        if part.amount < settings.least:
            least = Money(settings.least, part.account.currency)
            words = text("payments.pay.least", "The smallest payment is %(least)s.", least=least)
            form.add_error(f"amounts[{part.account.public_id}]", words)
    if parts and sum(part.amount for part in parts) > settings.most:
        most = Money(settings.most, parts[0].account.currency)
        form.add_error("chosen", _too_much(most))


def _too_much(most: Money) -> Text:
    return text("payments.pay.most", "The greatest payment is %(most)s. Pay in parts.", most=most)


def _again(request: Request, form: Form[TogetherForm]) -> Owing:
    """Return the accounts of a form that came back, with the sums its reader saw: nothing of it is lost."""
    names = [name[6:-1] for name in form.values if name.startswith("shown[")][: MOST_ACCOUNTS + 1]
    found = []
    for account in _payable(request, names):
        typed = str(form.value(f"shown[{account.public_id}]"))
        found.append((account, int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else 0))
    return found or _owing(request)


def _about(request: Request, account: AccountRef) -> str:
    words = text("payments.pay.about", "Payment for services, {account} %(number)s", number=account.number)
    return request.locale.render(words)


def _alone(request: Request, data: TogetherForm, part: ordering.Part) -> pay.Order:
    def back(payment: str) -> str:
        return request.public_url("payments:payment", account=part.account.public_id, payment=payment)

    return pay.Order(part.amount, data.token or public_id(), part.description, back, _contact(request, data))


def _order(request: Request, data: TogetherForm, parts: Sequence[ordering.Part]) -> ordering.JointOrder:
    def back(first: AccountRef, payment: str) -> str:
        return request.public_url("payments:payment", account=first.public_id, payment=payment)

    numbers = ", ".join(part.account.number for part in parts)
    about = text("payments.together.about", "Payment for services: %(numbers)s", numbers=numbers)
    words = request.locale.render(about)[:120]
    return ordering.JointOrder(parts, data.token or public_id(), words, back, _contact(request, data))


def _contact(request: Request, data: TogetherForm) -> str:
    return (data.contact or request.actor.login) if desk_of_request(request).settings.sends_receipts else ""


def _page(request: Request, form: Form[TogetherForm], rows: Owing, status: int = 200, *, typed: str = "") -> Response:
    settings = desk_of_request(request).settings
    shown = rows[:MOST_ACCOUNTS]
    context: dict[str, Any] = {
        "rows": shown,
        "total": Money(sum(owed for _, owed in shown), shown[0][0].currency) if shown else None,
        "more": len(rows) > MOST_ACCOUNTS,
        "most": MOST_ACCOUNTS,
        "typed": typed,
        "token": form.value("token") or public_id(),
        "offered": settings.takes_payments,
        "receipts": settings.sends_receipts,
        "contact": form.value("contact") or request.actor.login,
        "whole": form.error(WHOLE),
    }
    return page(request, "payments/together.html", status, form=form, **context)


_PAY = signed_in(step_up="payment")
TOGETHER_ROUTES = [
    route("/together", show_together, name="together", policy=_PAY),
    route(
        "/together",
        start_together,
        name="together_start",
        policy=_PAY,
        methods=("POST",),
        kind="action",
        limiter="slow",
    ),
]
