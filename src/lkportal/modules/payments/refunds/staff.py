"""Pages of the desk about one payment and giving it back. The provider is asked by a job, so a click never waits for it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator
from sqlalchemy import Row
from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.ids import grouped, public_id
from lkportal.core.money import Money
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.modules.payments import views
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.fiscal import queries as receipts
from lkportal.modules.payments.fiscal.pages import KINDS
from lkportal.modules.payments.fiscal.pages import STATES as RECEIPT_STATES
from lkportal.modules.payments.refunds import cases, queries, service
from lkportal.web import (
    Change,
    Form,
    FormModel,
    Label,
    PositiveAmount,
    Proposal,
    PublicId,
    Request,
    ShortText,
    empty_form,
    misfit,
    page,
    read_form,
    redirect,
    route,
    unit_of_work,
)

STATES: dict[str, views.Status] = {
    "intended": ("inf", text("payments.refund.intended", "Being sent to the bank")),
    "pending": ("inf", text("payments.refund.pending", "The bank is returning it")),
    "unknown": ("inf", text("payments.refund.unknown", "The bank has not answered; we keep asking")),
    "succeeded": ("ok", text("payments.refund.succeeded", "Given back")),
    "canceled": ("bad", text("payments.refund.canceled", "The bank refused. Try again or pay by bank transfer")),
    "failed": ("bad", text("payments.refund.failed", "Did not reach the bank. Nothing was given back; try again")),
    "attention": ("warn", text("payments.refund.attention", "Compare with the provider's records, then look again")),
}
_WHY = text("payments.refund.say_why", "Say in a few words why the money goes back.")
_SHORTEST = 5


def _reason(value: str) -> str:
    if len(value) < _SHORTEST:
        raise misfit(_WHY)
    return value


class RefundForm(FormModel):
    """How much goes back and why. `once` makes the form one refund, however often sent."""

    amount: Annotated[PositiveAmount, Label(text("payments.refund.amount", "Give back"))]
    reason: Annotated[ShortText, AfterValidator(_reason), Label(text("payments.refund.reason", "Why"))]
    once: PublicId


def show_payment(request: Request) -> Response:
    """Show one payment with its attempts and refunds, and the form to give it back. The look is written down."""
    row = _payment(request)
    account = request.portal.ports.get(Accounts).by_public_id(request.db, row.account)  # type: ignore[type-abstract]
    with unit_of_work(request, on_read=True) as db:
        port(db, AuditLog).record(db, "staff.customer", account=account, outcome="viewed")  # type: ignore[type-abstract]
    return _shown(request, row, empty_form(RefundForm, {"amount": "", "once": public_id()}))


def show_refunds(request: Request) -> Response:
    """Show the newest refunds; those that are not over stand on top."""
    undone = queries.latest(request.db, undone=True)
    over = [row for row in queries.latest(request.db) if row.id not in {each.id for each in undone}]
    return page(request, "payments/refunds.html", rows=[*undone, *over], states=STATES)


def explain(request: Request) -> Proposal | Response:
    """Tell what the form would do; what is small, with all given back before, needs nobody else."""
    row, form = _payment(request), read_form(request, RefundForm)
    left = _left(request, row.public_id)
    _judge(form, left, row.currency)
    if not form.valid:
        return _shown(request, row, form, 422)
    given, amount = Money(row.amount - left, row.currency), Money(form.data.amount, row.currency)
    return Proposal(
        text("payments.refund.proposal", "Give back %(sum)s", sum=amount),
        (
            Change(text("payments.refund.payment", "Payment"), after=f"№ {grouped(row.public_id)}"),
            Change(text("payments.refund.account", "Account"), after=f"{row.number}, {row.title}"),
            Change(text("payments.refund.paid", "Was paid"), after=_words(Money(row.amount, row.currency))),
            Change(
                text("payments.refund.given", "Given back"),
                _words(given),
                _words(Money(given.minor + amount.minor, row.currency)),
            ),
            Change(text("payments.refund.reason", "Why"), after=form.data.reason),
        ),
        alone=given.minor + amount.minor <= request.portal.ports.get(Desk).settings.refund_alone,
    )


def give_back(request: Request) -> Response:
    """Write a refund; the provider is asked for it at once by a job."""
    row, form = _payment(request), read_form(request, RefundForm)
    _judge(form, _left(request, row.public_id), row.currency)
    if not form.valid:
        return _shown(request, row, form, 422)
    alone = None if request.actor.approved_by else request.portal.ports.get(Desk).settings.refund_alone
    try:
        with unit_of_work(request) as db:
            service.start(db, row.public_id, service.Wish(form.data.amount, form.data.reason, form.data.once, alone))
    except PortalError as error:
        if error.code != "payments.refund_too_much":
            raise
        form.add_error("amount", error.message if isinstance(error.message, Text) else service.TOO_MUCH)
        return _shown(request, row, form, 409)
    begun = text("payments.refund.begun", "The refund is on its way to the bank.")
    return redirect(request, "payments:desk_payment", begun, payment=row.public_id)


def look_again(request: Request) -> Response:
    """Ask the provider once more about the refund that did not add up."""
    row = _payment(request)
    stuck = [each for each in queries.of_payment(request.db, row.id) if each.state == "attention"]
    if not stuck:
        raise NotFound
    found = cases.by_id(request.db, stuck[0].id)
    if found is None:
        raise NotFound
    with unit_of_work(request) as db:
        service.look_again(db, found)
    return redirect(request, "payments:desk_payment", payment=row.public_id)


def _judge(form: Form[RefundForm], left: int, currency: str) -> None:
    if form.valid and form.data.amount > left:
        most = text("payments.refund.most", "At most %(left)s is left of this payment.", left=Money(left, currency))
        form.add_error("amount", most)


def _left(request: Request, payment: str) -> int:
    return cases.left(request.db, payment, request.portal.ports.get(Desk))


def _payment(request: Request) -> Row[*tuple[Any, ...]]:
    row = queries.payment(request.db, request.path_params["payment"])
    if row is None:
        raise NotFound
    return row


def _shown(request: Request, row: Row[*tuple[Any, ...]], form: Form[RefundForm], status: int = 200) -> Response:
    desk = request.portal.ports.get(Desk)
    left = _left(request, row.public_id)
    may = "payments.refund" in request.actor.permissions and left > 0
    return page(
        request,
        "payments/desk_payment.html",
        status,
        payment=row,
        attempts=queries.attempts(request.db, row.collector),
        refunds=queries.of_payment(request.db, row.id),
        states=views.PAYMENT_STATES,
        refund_states=STATES,
        receipts=receipts.of_payment(request.db, row.id),
        receipt_states=RECEIPT_STATES,
        receipt_kinds=KINDS,
        attempt_states=ATTEMPT_STATES,
        form=form,
        left=left,
        may_refund=may,
        limit=service.limit_words(desk.settings.refund_alone, row.currency),
    )


def _words(money: Money) -> Text:
    return text("payments.refund.sum", "%(sum)s", sum=money)


ATTEMPT_STATES: dict[str, views.Status] = {
    "intended": ("inf", text("payments.attempt.intended", "not asked for yet")),
    "unknown": ("inf", text("payments.attempt.unknown", "no answer yet")),
    "pending": ("inf", text("payments.attempt.pending", "waits for the payer")),
    "authorized": ("inf", text("payments.attempt.authorized", "held")),
    "succeeded": ("ok", text("payments.attempt.succeeded", "taken")),
    "canceled": ("bad", text("payments.attempt.canceled", "declined")),
    "failed": ("bad", text("payments.attempt.failed", "never reached the provider")),
    "attention": ("warn", text("payments.attempt.attention", "does not match")),
}
_VIEW, _GIVE = staff("payments.staff_view"), staff("payments.refund", step_up=True, four_eyes=True)
REFUND_PAGES = [route("/refunds", show_refunds, name="refunds", policy=_VIEW)]
ONE_PAYMENT = [
    route("/{payment}", show_payment, name="desk_payment", policy=_VIEW),
    route("/{payment}/refund", give_back, name="refund", policy=_GIVE, methods=("POST",), explain=explain),
    route(
        "/{payment}/look-again",
        look_again,
        name="refund_look",
        policy=staff("payments.refund"),
        methods=("POST",),
    ),
]
"""Their addresses begin with the payment itself, so they stand behind all other pages of the desk about money."""
