"""Pages of the desk about reconciliation: what waits for a person, the days compared, and one difference with what to do about it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator
from sqlalchemy import Row
from starlette.responses import Response

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.reconciling import reads, service
from lkportal.modules.payments.reconciling.service import HOWS, How
from lkportal.modules.payments.refunds.staff import ATTEMPT_STATES
from lkportal.modules.payments.views import Status
from lkportal.web import (
    Day,
    Form,
    FormModel,
    Label,
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

KINDS: dict[str, tuple[Text, Text]] = {
    "missing_here": (
        text("payments.reconcile.missing_here", "Taken by the provider, not in the books"),
        text(
            "payments.reconcile.missing_here_do",
            "Look in the provider's account whose money it is. If the shop there is used by others too, say so in the note; if a "
            "customer paid, give the money back there or record it at the cash desk.",
        ),
    ),
    "missing_there": (
        text("payments.reconcile.missing_there", "In the books, unknown to the provider"),
        text(
            "payments.reconcile.missing_there_do",
            "Ask the provider's support about this id. Until they answer, the customer's payment stays credited.",
        ),
    ),
    "other_amount": (
        text("payments.reconcile.other_amount", "Another amount"),
        text(
            "payments.reconcile.other_amount_do",
            "If nothing was credited: compare both sums with the payer's bank slip; give the money back at the provider, and let the "
            "customer pay again.",
        ),
    ),
    "other_state": (
        text("payments.reconcile.other_state", "Another state"),
        text(
            "payments.reconcile.other_state_do",
            "Compare again: a late answer may have put it right. If it stays, look at the payment and ask the provider's support.",
        ),
    ),
    "other_refund": (
        text("payments.reconcile.other_refund", "Another sum given back"),
        text(
            "payments.reconcile.other_refund_do",
            "A refund was made in the provider's account or has not come through. Look at the payment, then compare again.",
        ),
    ),
}
STATES: dict[str, Status] = {
    "open": ("warn", text("payments.reconcile.open", "To look into")),
    "gone": ("ok", text("payments.reconcile.gone", "Put right by itself")),
    "resolved": ("ok", text("payments.reconcile.resolved", "Dealt with")),
}
THEIR_STATES: dict[str, Text] = {
    "": text("payments.reconcile.unknown_there", "unknown"),
    "created": text("payments.reconcile.created", "begun"),
    "pending": text("payments.reconcile.pending", "waits for the payer"),
    "authorized": text("payments.reconcile.authorized", "held"),
    "succeeded": text("payments.reconcile.succeeded", "taken"),
    "canceled": text("payments.reconcile.canceled", "declined"),
    "failed": text("payments.reconcile.failed", "failed"),
    "refunded_part": text("payments.reconcile.refunded_part", "a part given back"),
    "refunded": text("payments.reconcile.refunded", "given back"),
    "unknown": text("payments.reconcile.no_word", "a state we have no word for"),
}
_SHORTEST = 5


def _words(value: str) -> str:
    if len(value) < _SHORTEST:
        raise misfit(text("payments.reconcile.say", "Say in a few words what was done."))
    return value


class ResolveForm(FormModel):
    """What a person did about a difference."""

    how: Annotated[How, Label(text("payments.reconcile.how", "What was done"))]
    note: Annotated[ShortText, AfterValidator(_words), Label(text("payments.reconcile.note", "Note"))]


class AskForm(FormModel):
    """Which day of which provider to compare."""

    gateway: Annotated[ShortText, Label(text("payments.staff.provider", "Provider"))]
    day: Annotated[Day, Label(text("payments.letter.day", "Day"))]


def show_reconciliation(request: Request) -> Response:
    """Show the differences that wait for a person and the days compared."""
    return _shown(request, empty_form(AskForm))


def ask(request: Request) -> Response:
    """Compare a day now: a job asks the provider."""
    form, desk = read_form(request, AskForm), request.portal.ports.get(Desk)
    if form.valid and form.data.day > desk.today():
        form.add_error("day", text("payments.reconcile.future", "This day has not come yet. Choose today or earlier."))
    if form.valid and desk.of(form.data.gateway) is None:
        form.add_error("gateway", text("payments.reconcile.no_gateway", "Choose a provider from the list."))
    if not form.valid:
        return _shown(request, form, 422)
    with unit_of_work(request) as db:
        service.ask(db, form.data.gateway, form.data.day)
        port(db, AuditLog).record(db, "payments.compared", detail={"gateway": form.data.gateway})  # type: ignore[type-abstract]
    return redirect(request, "payments:reconciliations", ASKED)


def show_day(request: Request) -> Response:
    """Show one day: totals of both sides and what differs."""
    row = reads.day(request.db, request.path_params["reconciliation"])
    if row is None:
        raise NotFound
    return page(
        request,
        "payments/reconciliation.html",
        day=row,
        titles=_titles(request),
        differences=reads.in_day(request.db, row.id),
        kinds=KINDS,
        states=STATES,
        may=_may(request),
        zone=request.portal.settings.portal.time_zone,
    )


def show_difference(request: Request) -> Response:
    """Show one difference, both sides beside each other, and what to do."""
    return _difference(request, _row(request), empty_form(ResolveForm))


def resolve(request: Request) -> Response:
    """Record what was done about a difference."""
    row, form = _row(request), read_form(request, ResolveForm)
    if not form.valid:
        return _difference(request, row, form, 422)
    try:
        with unit_of_work(request) as db:
            service.resolve(db, row.id, row.public_id, form.data.how, form.data.note)
    except PortalError as error:
        if error.code != "payments.difference_done":
            raise
        form.add_error("", service.DONE)
        return _difference(request, _row(request), form, 409)
    kept = text("payments.reconcile.kept", "Recorded. The difference is dealt with.")
    return redirect(request, "payments:reconciliation", kept, reconciliation=row.reconciliation)


def _shown(request: Request, form: Form[AskForm], status: int = 200) -> Response:
    return page(
        request,
        "payments/reconciliations.html",
        status,
        days=reads.days(request.db),
        waiting=reads.open_ones(request.db),
        titles=_titles(request),
        kinds=KINDS,
        form=form,
        may=_may(request),
        today=request.portal.ports.get(Desk).today(),
        zone=request.portal.settings.portal.time_zone,
    )


def _difference(request: Request, row: Row[*tuple[Any, ...]], form: Form[ResolveForm], status: int = 200) -> Response:
    return page(
        request,
        "payments/difference.html",
        status,
        it=row,
        titles=_titles(request),
        kinds=KINDS,
        states=STATES,
        their_states=THEIR_STATES,
        our_states=ATTEMPT_STATES,
        hows=HOWS,
        how_words=dict(HOWS),
        form=form,
        may=_may(request),
        zone=request.portal.settings.portal.time_zone,
    )


def _row(request: Request) -> Row[*tuple[Any, ...]]:
    row = reads.difference(request.db, request.path_params["difference"])
    if row is None:
        raise NotFound
    return row


def _titles(request: Request) -> dict[str, str]:
    return {gateway.name: gateway.title for gateway in request.portal.ports.get(Desk).gateways}


def _may(request: Request) -> bool:
    return "payments.reconcile" in request.actor.permissions


ASKED = text("payments.reconcile.asked", "The provider is being asked. The day appears here in a minute or two.")
_SEE, _ACT = staff("payments.staff_view"), staff("payments.reconcile")
_ONE = "/reconciliation/differences/{difference}"
RECONCILING_PAGES = [
    route("/reconciliation", show_reconciliation, name="reconciliations", policy=_SEE),
    route("/reconciliation", ask, name="reconcile", policy=_ACT, methods=("POST",)),
    route("/reconciliation/{reconciliation}", show_day, name="reconciliation", policy=_SEE),
    route(_ONE, show_difference, name="difference", policy=_SEE),
    route(_ONE, resolve, name="resolve", policy=_ACT, methods=("POST",)),
]
