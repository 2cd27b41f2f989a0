"""Where returned letters come in by HTTP, signed by the mail provider; the card that asks a reader to mend the address."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from starlette.responses import JSONResponse, Response

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import anyone, signed_in
from lkportal.core.protection.masking import masked
from lkportal.notify.returns import marking
from lkportal.notify.returns.reading import LARGEST, read
from lkportal.notify.settings import NotifySettings
from lkportal.web import Request, redirect, route, unit_of_work

_MINUTES = 5
REASONS: Mapping[str, Text] = {
    "mailbox_gone": text("notify.reason.mailbox", "there is no such mailbox"),
    "mailbox_full": text("notify.reason.full", "the mailbox is full"),
    "server_refused": text("notify.reason.refused", "the reader's mail server refused the letter"),
    "came_back": text("notify.reason.came_back", "the reader's mail server could not deliver it"),
    "complaint": text("notify.reason.complaint", "the reader called it spam; letters of this kind have ended"),
    "returned": text("notify.reason.returned", "letters to this address come back"),
}


def take(request: Request) -> Response:
    """Take a message as the mail provider got it (message/rfc822), signed as Standard Webhooks are. The answer says what it was."""
    settings = request.settings_of("notify", NotifySettings)
    _check(request, settings.returns.secret.get_secret_value())
    report = read(request.body_bytes)
    with unit_of_work(request) as db:
        outcome = marking.take(db, report)
    return JSONResponse({"outcome": outcome})


def right(request: Request) -> Response:
    """Write to an address again: its owner says that it is right."""
    with unit_of_work(request) as db:
        lifted = marking.lift(db, request.actor.id or 0)
    said = text("notify.returned.lifted", "We write to this address again. If a letter comes back, we will tell you.")
    return redirect(request, "notify:choices", said if lifted else None)


def asking(request: Request) -> Mapping[str, Any] | None:
    """Return the marked address of the one who looks, None when letters arrive."""
    row = request.db.execute(marking.MINE, {"person_id": request.actor.id or 0}).first()
    return {"address": masked(row.address), "why": REASONS[row.reason]} if row else None


def _check(request: Request, secret: str) -> None:
    name, sent = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    now = request.portal.clock.now().timestamp()
    fresh = sent.isascii() and sent.isdigit() and len(sent) < 12 and abs(now - int(sent)) <= _MINUTES * 60
    signed = f"{name}.{sent}.".encode() + request.body_bytes
    wanted = base64.b64encode(hmac.new(_key(secret), signed, sha256).digest())
    told = [each.partition(",") for each in request.headers.get("webhook-signature", "").split(" ")]
    if not fresh or not any(
        version == "v1" and hmac.compare_digest(value.encode(), wanted) for version, _, value in told
    ):
        message = text("notify.returns.forged", "The signature does not fit. Sign with the secret of [notify.returns].")
        raise PortalError("notify.forged", message, 401)


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _is_on(settings: NotifySettings, _brought: Any) -> bool:
    return bool(settings.returns.secret.get_secret_value())


RETURN_ROUTES = [
    route(
        "/hooks/returned-mail",
        take,
        name="returned_mail",
        policy=anyone(),
        methods=("POST",),
        kind="api",
        csrf=False,
        body=LARGEST,
        on=_is_on,
    ),
    route("/notices/address", right, name="address_right", policy=signed_in(), methods=("POST",), kind="action"),
]
