"""Paying through a signed link, without signing in: the amount, then the provider, then how it went. One payment a link, tried again when it was declined; whose
account it is stands nowhere on these pages. What they share with a customer's is in starting."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.accounts.contract import GuestLinks
from lkportal.core.contributions import GuestPurpose
from lkportal.core.i18n import text
from lkportal.core.policy import guest
from lkportal.modules.payments import queries, views
from lkportal.modules.payments.forms import PayForm
from lkportal.modules.payments.paying import asking
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.paying.starting import amount_of, desk_of_request, offer, order, sent_on, ways
from lkportal.web import Form, Request, empty_form, page, read_form, redirect_to, route, unit_of_work
from lkportal.web.trust.guard import LinkGone

PAY = "payments.pay"


def show_guest(request: Request) -> Response:
    """Show what may be paid through this link; once it was used, how that payment stands."""
    link = request.own_link
    if link.used:
        return _outcome(request)
    return _pay_page(request, empty_form(PayForm, {"bill": link.target}))


def start_guest(request: Request) -> Response:
    """Write the payment and spend the link in one unit, then send the payer to the provider. A used link leads to what it did, and
    may be tried again after the bank declined it."""
    link, here = request.own_link, _here(request)
    if link.used:
        return _again(request)
    form = read_form(request, PayForm)
    amount = amount_of(request, form)
    if not form.valid:
        return _pay_page(request, form, 422)
    account = request.own_account
    data = form.data.model_copy(update={"bill": link.target or None})
    back = request.public_url("payments:guest", token=request.path_params["token"])
    try:
        with unit_of_work(request) as db:
            payment = pay.start(db, account, order(request, data, amount, lambda _payment: back, token=link.public_id))
            request.portal.ports.get(GuestLinks).spend(db, link, account, payment)  # type: ignore[type-abstract]
    except LinkGone:
        return redirect_to(request, here)
    return sent_on(request, payment, here)


def _outcome(request: Request) -> Response:
    """Show the payment of a used link. The payer comes back here from the provider: an unfinished one is asked about first."""
    account, name = request.own_account, request.own_link.result
    row, now = queries.payment(request.db, account.id, name), request.portal.clock.now()
    if row is None:
        raise LinkGone
    if row.state == "waiting" and (row.asked_at is None or now - row.asked_at >= asking.EVERY):
        asking.ask(desk_of_request(request), ways(request), row.attempt_id, now)
        row = queries.payment(request.db, account.id, name) or row
    reason = views.reason_words(row.reason)
    return page(request, "payments/guest_outcome.html", payment=row, reason=reason, here=_here(request))


def _again(request: Request) -> Response:
    """Make another attempt at the declined payment of a used link; whatever else became of it is shown."""
    account, name, here = request.own_account, request.own_link.result, _here(request)
    row = queries.payment(request.db, account.id, name)
    if row is None or row.state != "declined":
        return redirect_to(request, here)
    with unit_of_work(request) as db:
        pay.again(db, account, name)
    return sent_on(request, name, here)


def _pay_page(request: Request, form: Form[PayForm], status: int = 200) -> Response:
    return page(request, "payments/guest.html", status, here=_here(request), **offer(request, form))


def _here(request: Request) -> str:
    return request.url("payments:guest", token=request.path_params["token"])


GUEST_PURPOSES = [GuestPurpose(PAY, text("payments.guest.purpose", "Pay a bill"), PAY, "payments:guest", order=10)]
_PATH, _POLICY = "/guest/{token}", guest(PAY)
GUEST_ROUTES = [
    route(_PATH, show_guest, name="guest", policy=_POLICY, kind="action", limiter="slow"),
    # The token of the path is the proof that a form comes from whoever holds the link: a stranger's page does not know it.
    route(
        _PATH,
        start_guest,
        name="guest_start",
        policy=_POLICY,
        methods=("POST",),
        kind="action",
        limiter="slow",
        csrf=False,
        body=8 * 1024,
    ),
]
