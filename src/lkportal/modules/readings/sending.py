"""What pages of sending readings share, a customer's and a guest's: the form as asked, as typed, as taken. Rules stand in service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.storage import Storage
from lkportal.core.strangers import Opener
from lkportal.modules.readings import queries, service, views
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.forms import ReadingsForm
from lkportal.modules.readings.photos import keeping
from lkportal.modules.readings.photos.checking import NotAPhoto, cleaned
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from lkportal.web import Form, Request, read_form, unit_of_work

F = TypeVar("F", bound=ReadingsForm)
BODY = 16 * 1024 * 1024
"""The largest form: values and photos of a few meters."""
_PHOTO = re.compile(r"photo\[([A-Za-z0-9]{16})\]")
_HELD = re.compile(r"held\[([A-Za-z0-9]{16})\]")


def asked(
    request: Request,
    form: Form[ReadingsForm],
    refused: service.Refused | None = None,
    held: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what a page shows that asks for readings: the meters with what they showed last, the window, and of a
    refused form the doubts and the readings it may put right."""
    shown = window(today_of(request), rules_of(request).general)
    rows = queries.registers(request.db, request.own_account.id)
    return {"form": form, "meters": views.meters(rows, shown), "window": shown} | {
        "doubts": refused.doubts if refused else {},
        "slips": refused.slips if refused else {},
        "held": held or {},
        "photos": settings_of(request).photos,
    }


def typed_form(request: Request, model: type[F]) -> Form[F]:
    """Return the form as sent; one without any reading has an error."""
    form = read_form(request, model)
    if form.valid and not form.data.readings:
        form.add_error("", text("readings.form.nothing", "Type at least one reading."))
    return form


def taken(
    request: Request,
    db: Session,
    form: Form[F],
    held: Mapping[str, str],
    channel: str = "web",
    *,
    token: str = "",
    moment: datetime | None = None,
) -> service.Accepted:
    """Accept the values of a form in the unit `db`, with the photos held for them. Raises service.Refused.

    A form that waited on a device has a `token` and the `moment` it was filled in: it is judged by the rules of that day.
    """
    confirmed = frozenset(name for name, yes in form.data.confirmed.items() if yes)
    settings, account = settings_of(request), request.own_account
    today = moment.astimezone(ZoneInfo(account.time_zone)).date() if moment else today_of(request)
    rules = Rules(settings, queries.rules(db.connection(), account.id, today))
    data = service.Submission(form.data.readings, confirmed, form.data.corrects, token, moment)
    days = window(today, rules.general)
    accepted = service.submit(db, request.own_account, data, days, settings, channel, rules=rules)
    photos = {reading: held[register] for register, reading in accepted.by_register.items() if register in held}
    keeping.claim(db, request.own_account, photos)
    if settings.review == "photos":
        service.look_at(db, request.own_account, list(photos), "photo")
    if moment and days.period != window(today_of(request), rules.general).period:
        # The device alone says that it was in time.
        service.look_at(db, request.own_account, accepted.readings, "clock")
    return accepted


def pictures(request: Request, form: Form[F]) -> dict[str, str]:
    """Hold the photos sent with a form, `photo[<register>]`; return register -> photo, those held before among them.

    What is no photo is an error of the form. The values are kept, and so are the photos that were fine.
    """
    settings, account = settings_of(request), request.own_account
    if not settings.photos:
        return {}
    typed = {found[1]: value for name, value in request.form_data.items() if (found := _HELD.fullmatch(name))}
    known = keeping.still_held(request.db, account.id, list(typed.values())) if typed else frozenset()
    held = {register: photo for register, photo in typed.items() if photo in known}
    sent = [(found[1], upload) for upload in request.files if (found := _PHOTO.fullmatch(upload.field))]
    if sent and keeping.waiting(request.db, account.id) + len(sent) > keeping.MOST_HELD:
        form.add_error(sent[0][1].field, keeping.TOO_MANY)
        sent = []
    request.release()
    for register, upload in sent:
        try:
            drawn = cleaned(request.portal.ports.get(Opener), upload.file, settings.photo_mb)
        except NotAPhoto as refused:
            form.add_error(upload.field, refused.words)
            continue
        with unit_of_work(request) as db:
            held[register] = keeping.hold(db, request.portal.ports.get(Storage), account, drawn).photo  # type: ignore[type-abstract]
    return held


def blamed(form: Form[F], refused: service.Refused) -> Form[F]:
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
