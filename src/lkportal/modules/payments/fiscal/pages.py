"""Pages of receipts: the desk's queue, and what the register calls. What a customer sees stands on the page of the payment."""

from __future__ import annotations

import hmac
import json

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AuditLog, anyone, staff
from lkportal.core.ports import port
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.fiscal import queries, service
from lkportal.modules.payments.views import Status
from lkportal.web import Request, page, redirect, route, unit_of_work

STATES: dict[str, Status] = {
    "waiting": ("inf", text("payments.receipt.waiting", "Waits to be registered")),
    "sent": ("inf", text("payments.receipt.sent", "Being registered")),
    "registered": ("ok", text("payments.receipt.registered", "Registered")),
    "failed": ("bad", text("payments.receipt.failed", "Not registered: mend what the register says, then send again")),
}
FOR_CUSTOMERS: dict[str, Status] = {
    **STATES,
    "failed": ("inf", text("payments.receipt.late", "Late: we are making it and will send it")),
}
KINDS = {
    "sell": text("payments.receipt.sell", "Payment"),
    "sell_refund": text("payments.receipt.sell_refund", "Refund"),
    "sell_correction": text("payments.receipt.sell_correction", "Correction"),
}


def show_receipts(request: Request) -> Response:
    """Show the newest receipts, those that a person must look at first."""
    rows = queries.queue(request.db)
    may = "payments.receipts" in request.actor.permissions
    register = request.portal.ports.get(Desk).register
    return page(
        request, "payments/receipts.html", rows=rows, states=STATES, kinds=KINDS, may_send=may, register=register
    )


def send_again(request: Request) -> Response:
    """Make a failed receipt anew."""
    key = queries.failed(request.db, request.path_params["receipt"])
    owed = service.by_id(request.db, key) if key else None
    if owed is None:
        raise NotFound
    with unit_of_work(request) as db:
        service.again(db, owed)
        port(db, AuditLog).record(db, "payments.receipt_again", target=request.path_params["receipt"])  # type: ignore[type-abstract]
    return redirect(request, "payments:receipts", text("payments.receipt.again_done", "The receipt is sent again."))


def take_hint(request: Request) -> Response:
    """Take the register's callback: only a hint, the receipt is asked about by a job. Without the secret there is no such page."""
    atol = request.portal.ports.get(Desk).settings.atol
    secret = atol.callback_secret.get_secret_value() if atol and atol.callback_secret else ""
    if len(secret) < 16 or not hmac.compare_digest(secret.encode(), request.path_params["token"].encode()):
        raise NotFound
    try:
        external = json.loads(request.body_bytes)["external_id"]
    except (ValueError, TypeError, LookupError, RecursionError):
        raise NotFound from None
    found = service.by_external(request.db, str(external)[:40])
    if found is not None:
        with unit_of_work(request) as db:
            enqueue(db, "payments.receipt", {"receipt": found}, dedup=f"payments.receipt:{found}")
    return Response("ok", media_type="text/plain")


RECEIPT_PAGES = [
    route("/receipts", show_receipts, name="receipts", policy=staff("payments.staff_view")),
    route(
        "/receipts/{receipt}/again",
        send_again,
        name="receipt_again",
        policy=staff("payments.receipts"),
        methods=("POST",),
    ),
]
RECEIPT_ROUTES = [
    route("/fiscal/{token}", take_hint, name="fiscal", policy=anyone(), methods=("POST",), kind="api", csrf=False)
]
