"""What pages of sending readings share, a customer's and a guest's: the form as asked, as typed, as taken. Rules stand in service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lkportal.core.i18n import Text, text
from lkportal.modules.readings import queries, service, views
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.forms import ReadingsForm
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from lkportal.web import Form, Request, read_form


def asked(request: Request, form: Form[ReadingsForm], doubts: Mapping[str, Text] | None = None) -> dict[str, Any]:
    """Return what a page shows that asks for readings: the meters with what they showed last, the window, doubts."""
    shown = window(today_of(request), rules_of(request).general)
    rows = queries.registers(request.db, request.own_account.id)
    return {"form": form, "doubts": doubts or {}, "meters": views.meters(rows, shown), "window": shown}


def typed_form(request: Request) -> Form[ReadingsForm]:
    """Return the form as sent; one without any reading has an error."""
    form = read_form(request, ReadingsForm)
    if form.valid and not form.data.readings:
        form.add_error("", text("readings.form.nothing", "Type at least one reading."))
    return form


def taken(request: Request, db: Session, form: Form[ReadingsForm], channel: str = "web") -> service.Accepted:
    """Accept the values of a form in the unit `db`. Raises service.Refused."""
    confirmed = frozenset(name for name, yes in form.data.confirmed.items() if yes)
    today, settings = today_of(request), settings_of(request)
    rules = Rules(settings, queries.rules(db.connection(), request.own_account.id, today))
    data = service.Submission(form.data.readings, confirmed)
    days = window(today, rules.general)
    return service.submit(db, request.own_account, data, days, settings, channel, rules=rules)


def blamed(form: Form[ReadingsForm], refused: service.Refused) -> Form[ReadingsForm]:
    """Put what was refused above its fields."""
    for name, words in refused.errors.items():
        form.add_error(f"readings[{name}]", words)
    return form


def today_of(request: Request) -> date:
    """Return the date where the account of the request is."""
    return request.portal.clock.now().astimezone(ZoneInfo(request.own_account.time_zone)).date()


def rules_of(request: Request) -> Rules:
    """Return the rules that hold today for the account of the request."""
    return Rules(settings_of(request), queries.rules(request.db, request.own_account.id, today_of(request)))


def settings_of(request: Request) -> ReadingsSettings:
    """Return the settings of readings."""
    return request.settings_of("readings", ReadingsSettings)
