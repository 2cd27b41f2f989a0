"""Allowing push messages in a browser, and taking it back. The page asks the browser; without scripts it says what else there is."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from starlette.responses import Response

from lkportal.auth.origins import device_name
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import signed_in
from lkportal.notify.push import devices
from lkportal.notify.push.sealing import decode
from lkportal.notify.push.sending import Pushing
from lkportal.web import FormModel, Request, read_form, redirect, route, unit_of_work

_STRANGE = text(
    "notify.push.strange", "This browser gave an address we may not write to. Take letters or text messages instead."
)


class BrowserForm(FormModel):
    """What the browser tells of itself: RFC 8030 address and RFC 8291 keys."""

    endpoint: Annotated[str, StringConstraints(max_length=1_000)]
    p256dh: Annotated[str, StringConstraints(max_length=120)]
    auth: Annotated[str, StringConstraints(max_length=60)]


def allow(request: Request) -> Response:
    """Keep this browser as one that shows messages."""
    pushing = request.portal.ports.get(Pushing)
    form = read_form(request, BrowserForm)
    if not pushing.public_key:
        raise NotFound
    if not form.valid or not pushing.takes(form.data.endpoint) or not _fit(form.data):
        return redirect(request, "notify:choices", _STRANGE, tone="warn")
    data = form.data
    address = devices.Address(data.endpoint, {"p256dh": data.p256dh, "auth": data.auth})
    with unit_of_work(request) as db:
        devices.keep(db, request.actor.id or 0, address, device_name(request.headers.get("user-agent", "")))
    return redirect(request, "notify:choices", text("notify.push.kept", "This browser shows messages from now on."))


def take_back(request: Request) -> Response:
    """Forget a browser."""
    with unit_of_work(request) as db:
        if not devices.forget(db, request.actor.id or 0, str(request.path_params["device"])):
            raise NotFound
    return redirect(request, "notify:choices", text("notify.push.gone", "This browser shows no more messages."))


def _fit(data: BrowserForm) -> bool:
    try:
        return len(decode(data.p256dh)) == 65 and len(decode(data.auth)) == 16
    except ValueError:
        return False


PUSH_ROUTES = [
    route(
        "/settings/browsers",
        allow,
        name="allow_browser",
        policy=signed_in(),
        methods=("POST",),
        kind="action",
        body=8 * 1024,
    ),
    route(
        "/settings/browsers/{device}",
        take_back,
        name="forget_browser",
        policy=signed_in(),
        methods=("POST",),
        kind="action",
    ),
]
