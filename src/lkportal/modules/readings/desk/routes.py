"""Pages of the desk about readings: the queue of those to look at, one of them, rules by date, a meter replaced."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef, staff
from lkportal.modules.readings import queries as own
from lkportal.modules.readings import views
from lkportal.modules.readings.dated import FIELDS, Rules, in_force
from lkportal.modules.readings.desk import queries, service
from lkportal.modules.readings.desk.forms import ReplaceForm, ReviewForm, RuleForm
from lkportal.modules.readings.photos.routes import STAFF_PHOTO_ROUTES
from lkportal.modules.readings.replacement import NewMeter, replace_meter
from lkportal.modules.readings.service import Refused
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_POST = ("POST",)


def show_queue(request: Request) -> Response:
    """Show the readings that wait for a look."""
    rows, count = queries.waiting(request.db), queries.waiting_count(request.db)
    return page(request, "readings/desk/queue.html", rows=rows, count=count, meter_title=views.meter_title)


def show_review(request: Request) -> Response:
    """Show one reading with its photo, and what may be done about it."""
    return _review(request, empty_form(ReviewForm))


def decide(request: Request) -> Response:
    """Accept a reading, put it right, or ask for it once more."""
    row, form = _waiting(request), read_form(request, ReviewForm)
    if form.valid and form.data.decision == "corrected" and form.data.value is None:
        form.add_error("value", text("readings.review.value", "Type what the dial shows."))
    if not form.valid:
        return _review(request, form, 422)
    try:
        with unit_of_work(request) as db:
            service.decide(db, row.public_id, row.account, row.reading, form.data.decision, form.data.value)
    except PortalError as error:
        form.add_error("value" if error.code == "reading_unfit" else WHOLE, _words(error))
        return _review(request, form, error.status)
    said = {
        "accepted": text("readings.review.accepted", "The reading stays as it is."),
        "corrected": text("readings.review.corrected", "The reading is put right, the old one stays in the history."),
        "asked": text("readings.review.asked", "The customer is asked to send it again with a photo."),
    }
    return redirect(request, "readings:queue", said[form.data.decision])


def show_rules(request: Request) -> Response:
    """Show the rules by date, and the form of a new one."""
    return _rules(request, empty_form(RuleForm))


def add_rule(request: Request) -> Response:
    """Add a rule."""
    form = read_form(request, RuleForm)
    if form.valid and all(getattr(form.data, name, None) is None for name in FIELDS):
        form.add_error(WHOLE, text("readings.rules.nothing", "Fill in what the rule sets."))
    if form.valid and (form.data.window_first or 1) > (form.data.window_last or 28):
        form.add_error("window_last", text("readings.rules.order", "The last day comes after the first one."))
    if not form.valid:
        return _rules(request, form, 422)
    data, said = form.data, {name: getattr(form.data, name, None) for name in FIELDS}
    try:
        with unit_of_work(request) as db:
            service.add_rule(db, data.category, data.resource, data.valid_from, said)
    except PortalError as error:
        form.add_error("valid_from", _words(error))
        return _rules(request, form, error.status)
    return redirect(request, "readings:rules", text("readings.rules.added", "The rule is written."))


def show_replace(request: Request) -> Response:
    """Show the form of a meter that takes another's place."""
    return _replace(request, empty_form(ReplaceForm))


def replace(request: Request) -> Response:
    """Take a meter off with its closing values and put a new one in its place."""
    dials, form = _dials(request), read_form(request, ReplaceForm)
    if not form.valid:
        return _replace(request, form, 422)
    data, account = form.data, _account(request, dials[0].account)
    new = NewMeter(data.serial, data.digits, data.decimals, data.initial, data.verified_until, data.coefficient)
    try:
        with unit_of_work(request) as db:
            today = request.portal.clock.now().astimezone(ZoneInfo(account.time_zone)).date()
            rules = Rules(_settings(request), own.rules(db.connection(), account.id, today))
            replace_meter(db, account, dials[0].meter, data.closing, new, window(today, rules.general), rules)
    except Refused as refused:
        for register, words in refused.errors.items():
            form.add_error(f"closing[{register}]", words)
        return _replace(request, form, 422)
    except PortalError as error:
        form.add_error(WHOLE, _words(error))
        return _replace(request, form, error.status)
    said = text("readings.replace.done", "Meter № %(serial)s is in its place.", serial=new.serial)
    return redirect(request, "staff:customer", said, customer=account.public_id)


def _review(request: Request, form: Form[ReviewForm], status: int = 200) -> Response:
    row = _waiting(request)
    return page(request, "readings/desk/review.html", status, row=row, form=form, meter_title=views.meter_title)


def _waiting(request: Request) -> Any:
    row = queries.one(request.db, request.path_params["review"])
    if row is None:
        raise NotFound
    return row


def _rules(request: Request, form: Form[RuleForm], status: int = 200) -> Response:
    rows = queries.rules(request.db)
    today = request.portal.clock.now().astimezone(ZoneInfo(request.portal.settings.portal.time_zone)).date()
    return page(
        request,
        "readings/desk/rules.html",
        status,
        rows=rows,
        form=form,
        settings=_settings(request),
        holds=in_force(rows, today),
        resources=[(code, name) for code, name in views.RESOURCES.items()],
        resource_name=views.resource_name,
    )


def _replace(request: Request, form: Form[ReplaceForm], status: int = 200) -> Response:
    dials = _dials(request)
    return page(
        request,
        "readings/desk/replace.html",
        status,
        dials=dials,
        form=form,
        title=views.meter_title(dials[0].resource, dials[0].place),
        names=views.REGISTERS,
    )


def _dials(request: Request) -> Any:
    rows = queries.dials(request.db, request.path_params["meter"])
    if not rows:
        raise NotFound
    return rows


def _account(request: Request, public: str) -> AccountRef:
    found = request.portal.ports.get(Accounts).by_public_id(request.db, public)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _words(error: PortalError) -> Text:
    said = error.message
    return (
        said
        if isinstance(said, Text)
        else text("readings.desk.refused", "This could not be done. Reload the page and try again.")
    )


def _settings(request: Request) -> ReadingsSettings:
    return request.settings_of("readings", ReadingsSettings)


_REVIEW, _RULES = staff("readings.review"), staff("readings.rules")
STAFF_PAGES = [
    route("/", show_queue, name="queue", policy=_REVIEW),
    route("/review/{review}", show_review, name="review", policy=_REVIEW),
    route("/review/{review}", decide, name="decide", policy=_REVIEW, methods=_POST, kind="action"),
    route("/rules", show_rules, name="rules", policy=_RULES),
    route("/rules", add_rule, name="add_rule", policy=_RULES, methods=_POST, kind="action"),
    route("/meter/{meter}/replace", show_replace, name="replacing", policy=_REVIEW),
    route("/meter/{meter}/replace", replace, name="replace", policy=_REVIEW, methods=_POST, kind="action"),
    *STAFF_PHOTO_ROUTES,
]
