"""Pages of the desk about webhooks: which systems are told of what, what was sent, a trial, sending again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field
from starlette.responses import Response

from lkportal.api.settings import ApiSettings
from lkportal.api.webhooks import keeping, outward
from lkportal.api.webhooks.sending import Settings
from lkportal.core.contributions import RouteSpec
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import staff
from lkportal.web import (
    Day,
    Form,
    FormModel,
    Label,
    Request,
    ShortText,
    empty_form,
    page,
    read_form,
    redirect,
    route,
    unit_of_work,
)

PAGE_ROWS = 50
_CLOSED = text(
    "api.webhook.closed",
    "Nothing is sent to this address. Take an https address on the open internet; hosts of your own network stand in the settings.",
)
_SENT = text("api.webhook.sent", "It goes out now: reload the page in a few seconds to see the answer.")
_SWITCHED = text("api.webhook.switched", "Done.")


class WebhookForm(FormModel):
    """An address and the events it is told of; none: all."""

    url: Annotated[ShortText, Field(max_length=500), Label(text("api.webhook.url", "Address"))]
    events: Annotated[
        list[str], Field(default_factory=list, max_length=200), Label(text("api.webhook.events", "What it is told of"))
    ]


class SinceForm(FormModel):
    """From which day on everything is sent again."""

    since: Annotated[Day, Label(text("api.webhook.since", "Since"))]


def show(request: Request) -> Response:
    """Show the webhooks."""
    return page(request, "api/webhooks.html", rows=keeping.everything(request.db), titles=_events(request))


def adding(request: Request) -> Response:
    """Show the form for a new webhook."""
    return _form(request, empty_form(WebhookForm))


def add(request: Request) -> Response:
    """Keep a webhook and show its secret, this once."""
    form = read_form(request, WebhookForm)
    if form.valid:
        try:
            outward.checked(form.data.url, request.settings_of("api", ApiSettings).inside_hosts)
        except outward.Closed:
            form.add_error("url", _CLOSED)
    if not form.valid or not set(form.data.events) <= set(_events(request)):
        return _form(request, form, 422)
    with unit_of_work(request) as db:
        secret, name = keeping.add(db, form.data.url, form.data.events)
    return page(request, "api/webhook_made.html", secret=secret, webhook=name, url_told=form.data.url)


def show_one(request: Request) -> Response:
    """Show one webhook with the log of what was sent there."""
    return _one(request, empty_form(SinceForm))


def test(request: Request) -> Response:
    """Send a trial."""
    with unit_of_work(request) as db:
        keeping.test(db, _name(request))
    return redirect(request, "api:webhook", _SENT, webhook=_name(request))


def switch(request: Request) -> Response:
    """Switch a webhook on or off, whatever it is not."""
    with unit_of_work(request) as db:
        keeping.switch(db, _name(request), on=request.form_data.get("on") == "1")
    return redirect(request, "api:webhook", _SWITCHED, webhook=_name(request))


def again(request: Request) -> Response:
    """Send one delivery again."""
    with unit_of_work(request) as db:
        keeping.again(db, _name(request), str(request.path_params["delivery"]))
    return redirect(request, "api:webhook", _SENT, webhook=_name(request))


def again_since(request: Request) -> Response:
    """Send everything since a day again."""
    form = read_form(request, SinceForm)
    if not form.valid:
        return _one(request, form, 422)
    with unit_of_work(request) as db:
        count = keeping.again_since(db, _name(request), _begin(request, form.data.since))
    said = ntext("api.webhook.again", "%(n)s event goes out again.", "%(n)s events go out again.", count)
    return redirect(request, "api:webhook", said, webhook=_name(request))


def _one(request: Request, form: Form[SinceForm], status: int = 200) -> Response:
    webhook, number = keeping.one(request.db, _name(request)), request.page_number
    rows = keeping.log(request.db, webhook.id, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    return page(
        request,
        "api/webhook.html",
        status=status,
        form=form,
        webhook=webhook,
        rows=rows[:PAGE_ROWS],
        titles=_events(request),
        number=number,
        more=len(rows) > PAGE_ROWS,
        zone=_zone(request),
    )


def _form(request: Request, form: Form[WebhookForm], status: int = 200) -> Response:
    known: list[tuple[str, Text | str, str]] = [(name, title, name) for name, title in sorted(_events(request).items())]
    return page(request, "api/webhook_add.html", status=status, form=form, events=known)


def _events(request: Request) -> Mapping[str, Text | str]:
    return request.portal.ports.get(Settings).events


def _begin(request: Request, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(_zone(request))).astimezone(UTC)


def _name(request: Request) -> str:
    return str(request.path_params["webhook"])


def _zone(request: Request) -> str:
    return request.portal.settings.portal.time_zone


def _is_on(settings: ApiSettings, _brought: Any) -> bool:
    return settings.webhooks


_SEE, _MAKE = staff("api.webhooks"), staff("api.webhooks", step_up=True)
_POST = ("POST",)
WEBHOOK_PAGES: list[RouteSpec] = [
    route("/webhooks", show, name="webhooks", policy=_SEE, on=_is_on),
    route("/webhooks/new", adding, name="webhook_adding", policy=_MAKE, on=_is_on),
    route("/webhooks/new", add, name="webhook_add", policy=_MAKE, methods=_POST, on=_is_on),
    route("/webhooks/{webhook}", show_one, name="webhook", policy=_SEE, on=_is_on),
    route("/webhooks/{webhook}/test", test, name="webhook_test", policy=_SEE, methods=_POST, on=_is_on),
    route("/webhooks/{webhook}/switch", switch, name="webhook_switch", policy=_SEE, methods=_POST, on=_is_on),
    route("/webhooks/{webhook}/again", again_since, name="webhook_again_since", policy=_SEE, methods=_POST, on=_is_on),
    route("/webhooks/{webhook}/{delivery}/again", again, name="webhook_again", policy=_SEE, methods=_POST, on=_is_on),
]
