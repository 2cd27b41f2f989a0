"""How a person is told: one page of choices, the same for one account, and the end of letters by the signed link in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location
from starlette.responses import PlainTextResponse, Response

from lkportal.accounts import queries as accounts
from lkportal.core.asked.letters import TextMessages
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.module import Topic
from lkportal.core.policy import anyone, on_account, signed_in
from lkportal.notify.choosing import choices
from lkportal.notify.choosing.choices import EVERY_ACCOUNT
from lkportal.notify.choosing.planning import Chosen, Habits
from lkportal.notify.forms import ChoicesForm, WaysForm, field_of
from lkportal.notify.letters import leads, stopping
from lkportal.notify.push import devices
from lkportal.notify.push.sending import Pushing
from lkportal.notify.returns.pages import asking
from lkportal.notify.settings import NotifySettings
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_MOST_ACCOUNTS = 20
_KEPT = text("notify.choices.kept", "Saved. It holds from now on.")
_WAYS: Mapping[str, Text] = {
    "in_app": text("notify.way.in_app", "List in the account area"),
    "push": text("notify.way.push", "Messages of the browser"),
    "sms": text("notify.way.sms", "Text messages"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A topic as the page shows it: its ways to tick, those ticked, and when its letters come (None: it writes none)."""

    key: str
    title: Text | str
    hint: Text | str
    obligatory: Text | str
    options: list[tuple[str, Text]]
    ticked: list[str]
    letters: str | None


def show(request: Request) -> Response:
    """Show what a person chose for all accounts."""
    return _page(request, empty_form(ChoicesForm, _typed_habits(request)))


def save(request: Request) -> Response:
    """Keep what a person chose for all accounts."""
    form = read_form(request, ChoicesForm)
    if form.valid and form.data.zone and form.data.zone not in _zones(request):
        form.add_error("zone", text("notify.form.zone", "Choose one of the time zones."))
    if not form.valid:
        return _page(request, form, 422)
    data = form.data
    habits = Habits(ZoneInfo("UTC"), data.quiet, data.step_by_step, data.push_titles)
    with unit_of_work(request) as db:
        choices.keep(db, _person(request), EVERY_ACCOUNT, _rows_of(request, data))
        choices.keep_habits(db, _person(request), habits, data.zone)
    return redirect(request, "notify:choices", _KEPT)


def show_account(request: Request) -> Response:
    """Show what a person chose for one account."""
    return _account_page(request, empty_form(WaysForm))


def save_account(request: Request) -> Response:
    """Keep what a person chose for one account, or let what holds for all hold again."""
    about = request.own_account.public_id
    if request.form_data.get("reset"):
        with unit_of_work(request) as db:
            choices.forget(db, _person(request), about)
        return redirect(
            request, "notify:choices", text("notify.choices.reset", "Your common choices hold again for this account.")
        )
    form = read_form(request, WaysForm)
    if not form.valid:
        return _account_page(request, form, 422)
    with unit_of_work(request) as db:
        choices.keep(db, _person(request), about, _rows_of(request, form.data))
    return redirect(request, "notify:account_choices", _KEPT, account=about)


def ask_stop(request: Request) -> Response:
    """Ask whether letters of a kind shall end: a mail program that looks at links must not end them."""
    stop = _stop(request)
    return page(request, "notify/stop.html", topic=_title(request, stop.topic), stopped=False, token=_token(request))


def stop(request: Request) -> Response:
    """End letters of a kind: asked by the page, or by the reader's mail program with one click (RFC 8058)."""
    found = _stop(request)
    with unit_of_work(request) as db:
        back = request.form_data.get("again") == "on"
        stopping.switch(db, _topics(request), found, letters="at_once" if back else "off")
    if request.form_data.get("List-Unsubscribe") == "One-Click":
        return PlainTextResponse("")
    return page(
        request,
        "notify/stop.html",
        topic=_title(request, found.topic),
        stopped=not back,
        done=True,
        token=_token(request),
    )


def _page(request: Request, form: Form[ChoicesForm], status: int = 200) -> Response:
    mine = {row.public_id: row for row in accounts.some(request.db, _person(request), _now(request), _MOST_ACCOUNTS)}
    return page(
        request,
        "notify/choices.html",
        status,
        form=form,
        rows=_rows(request, form, EVERY_ACCOUNT),
        zones=[("", text("notify.choices.zone_account", "As on the account")), *_zones(request).items()],
        accounts=list(mine.values()) if len(mine) > 1 else [],
        chain=any(topic.escalate for topic in _topics(request)),
        push=_push(request),
        mailbox=asking(request),
        push_key=request.portal.ports.get(Pushing).public_key,
        browsers=_browsers(request) if _push(request) else [],
    )


def _account_page(request: Request, form: Form[WaysForm], status: int = 200) -> Response:
    about = request.own_account
    return page(
        request,
        "notify/account_choices.html",
        status,
        form=form,
        rows=_rows(request, form, about.public_id),
        about=about,
    )


def _rows(request: Request, form: Form[Any], account: str) -> list[Row]:
    """Return a row for each topic: as typed when the form was sent, else as it holds."""
    topics = _topics(request)
    held = choices.chosen_by(request.db, _person(request), topics, account)
    typed = _typed_ways(form, topics) if "ways" in form.values or "letters" in form.errors else {}
    texts = request.portal.ports.get(TextMessages).on  # type: ignore[type-abstract]
    ways = {"in_app": True, "push": _push(request), "sms": texts}
    return [_row(topic, typed.get(topic.name, held[topic.name]), ways) for topic in topics]


def _row(topic: Topic, chosen: Chosen, ways: Mapping[str, bool]) -> Row:
    key = field_of(topic.name)
    there = [way for way, on in ways.items() if on and way in topic.channels]
    locked = topic.default if topic.obligatory else ()
    options = [(f"{key}:{way}", _WAYS[way]) for way in there if way not in locked]
    ticked = [f"{key}:{way}" for way in there if chosen.has(way)]
    letters = chosen.email if "email" in topic.channels and "email" not in locked else None
    return Row(key, topic.title, topic.hint, topic.obligatory, options, ticked, letters)


def _typed_ways(form: Form[Any], topics: list[Topic]) -> dict[str, Chosen]:
    ways = form.values.get("ways", [])
    letters = {topic.name: form.values.get(f"letters[{field_of(topic.name)}]", "off") for topic in topics}
    read = WaysForm.model_construct(ways=ways, letters={field_of(name): each for name, each in letters.items()})
    return {topic.name: read.chosen(topic.name) for topic in topics}


def _rows_of(request: Request, data: WaysForm) -> dict[str, Chosen]:
    return {topic.name: data.chosen(topic.name) for topic in _topics(request)}


def _typed_habits(request: Request) -> dict[str, Any]:
    row = choices.habit_row(request.db, _person(request))
    usual_hours = choices.quiet_of(request.settings_of("notify", NotifySettings))
    habits = choices.habits_of(row, request.portal.settings.portal.time_zone, usual_hours)
    quiet = habits.quiet
    return {
        "quiet_from": _said(quiet.since) if quiet else "",
        "quiet_until": _said(quiet.until) if quiet else "",
        "zone": row.time_zone if row else "",
        "step_by_step": habits.step_by_step,
        "push_titles": habits.push_titles,
    }


def _said(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _zones(request: Request) -> dict[str, str]:
    """The time zones of the company's country by name, west to east, as its people call them."""
    country, moment = request.portal.settings.portal.country, _now(request)
    there = {zone for zone, where in get_global("zone_territories").items() if where == country}
    there.add(request.portal.settings.portal.time_zone)
    ordered = sorted(there, key=lambda zone: (moment.astimezone(ZoneInfo(zone)).utcoffset(), zone))
    return {zone: get_timezone_location(zone, request.locale.code, return_city=True) for zone in ordered}


def _push(request: Request) -> bool:
    return bool(request.portal.ports.get(Pushing).public_key)


def _browsers(request: Request) -> list[dict[str, str]]:
    zone = request.portal.settings.portal.time_zone
    return [
        {
            "device": row.public_id,
            "name": row.name,
            "since": request.locale.datetime(row.created_at, zone),
            "mark": row.endpoint_hash,
        }
        for row in devices.mine(request.db, _person(request))
    ]


def _topics(request: Request) -> list[Topic]:
    known = request.portal.ports.get(choices.Topics).all
    return [topic for topic in known if topic.name.partition(".")[0] not in request.closed]


def _title(request: Request, topic: str) -> Text | str:
    return next((each.title for each in _topics(request) if each.name == topic), "")


def _stop(request: Request) -> leads.Stop:
    found = leads.read(request.portal, _token(request))
    if found is None:
        raise NotFound(
            "notify.stop_gone",
            text(
                "notify.stop.gone",
                "This link is no longer good. Sign in and choose in the settings what we write about.",
            ),
        )
    return found


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _now(request: Request) -> datetime:
    return request.portal.clock.now()


def _person(request: Request) -> int:
    if request.actor.id is None:
        raise NotFound
    return request.actor.id


_BODY = 16 * 1024
CHOICES_ROUTES = [
    route("/settings/notices", show, name="choices", policy=signed_in()),
    route("/settings/notices", save, name="save_choices", policy=signed_in(), methods=("POST",), body=_BODY),
    route("/settings/notices/{account}", show_account, name="account_choices", policy=on_account("accounts.view")),
    route(
        "/settings/notices/{account}",
        save_account,
        name="save_account_choices",
        policy=on_account("accounts.view"),
        methods=("POST",),
        body=_BODY,
    ),
    route("/notices/stop/{token}", ask_stop, name="stop", policy=anyone()),
    # The link is the proof: mail programs send it without any page of ours.
    route("/notices/stop/{token}", stop, name="stopped", policy=anyone(), methods=("POST",), csrf=False, body=4 * 1024),
]
