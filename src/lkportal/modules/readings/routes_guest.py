"""Sending readings through a signed link, without signing in: one sending a link; whose account it is stands nowhere on these
pages. What they share with a customer's is in sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from lkportal.accounts.contract import GuestLinks
from lkportal.core.contributions import GuestPurpose
from lkportal.core.i18n import text
from lkportal.core.policy import guest
from lkportal.modules.readings import service
from lkportal.modules.readings.forms import ReadingsForm
from lkportal.modules.readings.sending import BODY, asked, blamed, pictures, taken, typed_form
from lkportal.web import Form, Request, empty_form, page, redirect_to, route, unit_of_work
from lkportal.web.trust.guard import LinkGone

SUBMIT = "readings.submit"
_TAIL = 3


def show_guest(request: Request) -> Response:
    """Show the meters and their windows; once the link was used, that the readings are in."""
    if request.own_link.used:
        return page(request, "readings/guest_sent.html")
    return _form_page(request, empty_form(ReadingsForm))


def submit_guest(request: Request) -> Response:
    """Accept the values and spend the link in one unit. A used link leads to what it did."""
    link, here = request.own_link, _here(request)
    if link.used:
        return redirect_to(request, here)
    form = typed_form(request, ReadingsForm)
    held = pictures(request, form)
    if not form.valid:
        return _form_page(request, form, held, status=422)
    try:
        with unit_of_work(request) as db:
            accepted = taken(request, db, form, held, "link")
            result = accepted.readings[0] if accepted.readings else ""
            request.portal.ports.get(GuestLinks).spend(db, link, request.own_account, result)  # type: ignore[type-abstract]
    except service.Refused as refused:
        return _form_page(request, blamed(form, refused), held, refused, 422)
    except LinkGone:
        return redirect_to(request, here)
    return redirect_to(request, here)


def _form_page(
    request: Request,
    form: Form[ReadingsForm],
    held: Mapping[str, str] | None = None,
    refused: service.Refused | None = None,
    status: int = 200,
) -> Response:
    shown = asked(request, form, refused, held)
    # Enough of a serial number to tell two meters apart, too little to prove an account by.
    shown["meters"] = [replace(meter, serial=f"•• {meter.serial[-_TAIL:]}") for meter in shown["meters"]]
    return page(request, "readings/guest.html", status, here=_here(request), **shown)


def _here(request: Request) -> str:
    return request.url("readings:guest", token=request.path_params["token"])


GUEST_PURPOSES = [
    GuestPurpose(SUBMIT, text("readings.guest.purpose", "Send readings"), SUBMIT, "readings:guest", order=20)
]
_PATH, _POLICY = "/guest/{token}", guest(SUBMIT)
GUEST_ROUTES = [
    route(_PATH, show_guest, name="guest", policy=_POLICY),
    # The token of the path is the proof that a form comes from whoever holds the link: a stranger's page does not know it.
    route(
        _PATH,
        submit_guest,
        name="guest_submit",
        policy=_POLICY,
        methods=("POST",),
        kind="action",
        csrf=False,
        body=BODY,
        limiter="files",
    ),
]
