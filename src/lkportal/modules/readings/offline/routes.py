"""The form that is kept on a device, and the answer to what waited there. It is the form of all meters with nothing about people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator
from starlette.responses import JSONResponse, Response

from lkportal.core.i18n import Text, text
from lkportal.core.policy import on_account
from lkportal.modules.readings import service
from lkportal.modules.readings.forms import ReadingsForm
from lkportal.modules.readings.sending import BODY, asked, blamed, pictures, taken, typed_form
from lkportal.web import PublicId, Request, empty_form, misfit, page, route, unit_of_work

LONGEST_WAIT = timedelta(days=35)


def _moment(typed: Any) -> datetime:
    try:
        said = datetime.fromisoformat(str(typed))
    except ValueError:
        said = None
    if said is None or said.tzinfo is None:
        raise misfit(text("readings.offline.moment", "The device does not tell when it was filled in. Send it again."))
    return said


class WaitingForm(ReadingsForm):
    """A form that waited on a device: `token` names it for good, `taken_at` is when it was filled in, by the device's clock."""

    token: PublicId
    taken_at: Annotated[datetime, BeforeValidator(_moment)]


def show_kept(request: Request) -> Response:
    """Show the form that the device keeps."""
    return page(request, "readings/offline.html", links=None, **asked(request, empty_form(ReadingsForm)))


def take_waiting(request: Request) -> Response:
    """Take a form that waited on a device; the same one sent again is known and changes nothing.

    Answers {"state": taken | known | doubt | refused, "said": a sentence}: a doubt goes once it is confirmed, what is refused
    must be typed anew.
    """
    form = typed_form(request, WaitingForm)
    held = pictures(request, form)
    if not form.valid:
        return _told(request, "refused", [words for _, words in form.summary], 422)
    now = request.portal.clock.now()
    moment = min(max(form.data.taken_at, now - LONGEST_WAIT), now)
    try:
        with unit_of_work(request) as db:
            accepted = taken(request, db, form, held, "offline", token=form.data.token, moment=moment)
    except service.Refused as refused:
        if refused.errors:
            return _told(request, "refused", [words for _, words in blamed(form, refused).summary], 422)
        return _told(request, "doubt", list(refused.doubts.values()), 422)
    return _told(request, "taken" if accepted.readings else "known", [])


def _told(request: Request, state: str, said: list[Text], status: int = 200) -> Response:
    words = " ".join(request.locale.render(each) for each in said)
    return JSONResponse({"state": state, "said": words}, status)


_MAY = on_account("readings.submit")
OFFLINE_ROUTES = [
    route("/{account}/kept", show_kept, name="kept", policy=_MAY),
    route(
        "/{account}/waiting",
        take_waiting,
        name="waiting",
        policy=_MAY,
        methods=("POST",),
        kind="action",
        body=BODY,
        limiter="files",
    ),
]
