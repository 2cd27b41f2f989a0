"""Pages of the desk about news: the list, writing an outage or an announcement, one item with its preview and what may be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.language.prose import blocks
from lkportal.core.policy import staff
from lkportal.modules.news import queries as own
from lkportal.modules.news import reach, service, views, wording
from lkportal.modules.news.desk import filled, queries
from lkportal.modules.news.forms import AnnouncementForm, CloseForm, OutageForm, PublishForm, UpdateForm
from lkportal.modules.news.settings import NewsSettings
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 30
_POST = ("POST",)


def show_desk(request: Request) -> Response:
    """Show all items: what customers see now, drafts, what is over."""
    number = request.page_number
    rows = queries.items(request.db, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    zone, now = _zone(request), request.portal.clock.now()
    shown = [(row, views.item(row, zone, request.locale), _is_late(row, now)) for row in rows[:PAGE_ROWS]]
    return page(request, "news/desk/list.html", rows=shown, number=number, more=len(rows) > PAGE_ROWS, zone=zone)


def new_outage(request: Request) -> Response:
    """Show the form of a new outage, begun now."""
    now = request.portal.clock.now().astimezone(ZoneInfo(_zone(request)))
    values = {"begins_on": now.date().isoformat(), "begins_time": f"{now:%H:%M}", "cause": "accident"}
    return _outage_form(request, empty_form(OutageForm, values))


def new_announcement(request: Request) -> Response:
    """Show the form of a new announcement."""
    return _announcement_form(request, empty_form(AnnouncementForm))


def write_outage(request: Request) -> Response:
    """Write a draft of an outage and show it."""
    return _write_outage(request, "")


def write_announcement(request: Request) -> Response:
    """Write a draft of an announcement and show it."""
    return _write_announcement(request, "")


def edit(request: Request) -> Response:
    """Show the form of a draft."""
    row, zone = _item_row(request), _zone(request)
    if row.state not in service.UNSEEN:
        return redirect(request, "news:shown", service.MOVED_ON, "warn", item=row.public_id)
    if row.kind == "outage":
        return _outage_form(request, empty_form(OutageForm, filled.outage(row, zone)), row.public_id)
    return _announcement_form(request, empty_form(AnnouncementForm, filled.announcement(row)), row.public_id)


def rewrite(request: Request) -> Response:
    """Write a draft anew."""
    row = _item_row(request)
    write = _write_outage if row.kind == "outage" else _write_announcement
    return write(request, row.public_id)


def show_item(request: Request) -> Response:
    """Show an item as customers see it, whom it concerns, and what may be done."""
    return _item(request)


def publish(request: Request) -> Response:
    """Publish a draft now or later."""
    row, form = _item_row(request), read_form(request, PublishForm)
    moment = None
    if form.valid and form.data.when == "later":
        moment = _moment(request, form.data.on, form.data.at)
        if moment is None or moment <= request.portal.clock.now():
            form.add_error("on", text("news.desk.later", "Choose a day and a time that are still to come."))
    if not form.valid:
        return _item(request, 422, publishing=form)
    said = (
        text("news.desk.planned", "It will be published at the chosen time.")
        if moment
        else text("news.desk.published", "Published. Those it concerns are being told.")
    )
    return _act(request, row, said, lambda db: service.publish(db, row.public_id, moment))


def add_update(request: Request) -> Response:
    """Add news of an outage."""
    row, form = _item_row(request), read_form(request, UpdateForm)
    if form.valid and not any(form.data.body.values()) and form.data.ends_on is None:
        form.add_error(WHOLE, text("news.desk.nothing", "Write what is new, or another term."))
    ends = _moment(request, form.data.ends_on, form.data.ends_time) if form.valid else None
    if form.valid and form.data.ends_on is not None and ends is None:
        form.add_error("ends_time", text("news.form.time", "Enter a time such as 14:30."))
    if form.valid and ends is not None and row.begins_at is not None and ends <= row.begins_at:
        form.add_error("ends_on", text("news.desk.order", "The end comes after the beginning."))
    if not form.valid:
        return _item(request, 422, updating=form)
    texts, tell = {code: {"body": body} for code, body in form.data.body.items()}, not form.data.quiet
    said = text("news.desk.updated", "Added. Those it concerns are being told.")
    if not tell:
        said = text("news.desk.updated_quietly", "Added. Nobody is told, it stands on the page.")
    return _act(request, row, said, lambda db: service.add_update(db, row.public_id, texts, ends, tell=tell))


def close(request: Request) -> Response:
    """End an outage, or take an announcement back."""
    row, form = _item_row(request), read_form(request, CloseForm)
    if not form.valid:
        return _item(request, 422)
    said = text("news.desk.withdrawn", "Taken back: customers do not see it any more.")
    if row.kind == "outage":
        said = text("news.desk.closed", "Closed. Those it concerned are told that it works again.")
    return _act(request, row, said, lambda db: service.close(db, row.public_id, tell=not form.data.quiet))


def drop(request: Request) -> Response:
    """Throw a draft away."""
    row = _item_row(request)
    try:
        with unit_of_work(request) as db:
            service.drop(db, row.public_id)
    except service.MovedOn as error:
        return redirect(request, "news:shown", error.words, "warn", item=row.public_id)
    return redirect(request, "news:desk", text("news.desk.dropped", "The draft is thrown away."))


def _act(request: Request, row: Any, said: Text, act: Callable[[Any], object]) -> Response:
    try:
        with unit_of_work(request) as db:
            act(db)
    except service.MovedOn as error:
        return redirect(request, "news:shown", error.words, "warn", item=row.public_id)
    return redirect(request, "news:shown", said, item=row.public_id)


def _write_outage(request: Request, item: str) -> Response:
    form = read_form(request, OutageForm)
    data = form.data if form.valid else None
    begins = _moment(request, data.begins_on, data.begins_time) if data else None
    ends = _moment(request, data.ends_on, data.ends_time) if data else None
    if data and data.ends_on is not None and ends is None:
        form.add_error("ends_time", text("news.form.time", "Enter a time such as 14:30."))
    if begins and ends and ends <= begins:
        form.add_error("ends_on", text("news.desk.order", "The end comes after the beginning."))
    _check_brand(request, form)
    if not form.valid or begins is None:
        return _outage_form(request, form, item, 422)
    draft = service.Draft(
        "outage",
        {code: {"body": body} for code, body in form.data.body.items()},
        tuple(form.data.places),
        form.data.brand,
        service=form.data.service,
        cause=form.data.cause,
        begins_at=begins,
        expected_end=ends,
    )
    return _written(request, draft, item)


def _write_announcement(request: Request, item: str) -> Response:
    form = read_form(request, AnnouncementForm)
    languages = list(request.portal.locales.codes)
    if form.valid and not any(form.data.title.values()):
        form.add_error(f"title[{languages[0]}]", text("news.desk.title", "Write a title in one language at least."))
    if form.valid and form.data.shown_from and form.data.shown_until and form.data.shown_until < form.data.shown_from:
        form.add_error("shown_until", text("news.desk.order", "The end comes after the beginning."))
    _check_brand(request, form)
    if not form.valid:
        return _announcement_form(request, form, item, 422)
    data = form.data
    codes = dict.fromkeys([*data.title, *data.body])
    draft = service.Draft(
        "announcement",
        {code: {"title": data.title.get(code, ""), "body": data.body.get(code, "")} for code in codes},
        tuple(data.places),
        data.brand,
        data.segment,
        data.important,
        show_from=data.shown_from,
        show_until=data.shown_until,
    )
    return _written(request, draft, item)


def _check_brand(request: Request, form: Form[Any]) -> None:
    if form.valid and form.data.brand is not None and form.data.brand not in _brands(request):
        form.add_error("brand", text("news.form.brand", "Choose a brand."))


def _brands(request: Request) -> dict[int, str]:
    return {brand.id: brand.name for brand in queries.brands(request.db)}


def _written(request: Request, draft: service.Draft, item: str) -> Response:
    try:
        with unit_of_work(request) as db:
            public = service.write(db, draft, item)
    except service.MovedOn as error:
        return redirect(request, "news:shown", error.words, "warn", item=item)
    said = text("news.desk.saved", "Saved. Nobody sees it yet: look at it and publish.")
    return redirect(request, "news:shown", said, item=public)


def _item(request: Request, status: int = 200, **forms: Form[Any]) -> Response:
    row, zone = _item_row(request), _zone(request)
    now, published = request.portal.clock.now(), row.published_at is not None
    found = (
        queries.found(request.db, row.id) if published and row.places else reach.count(request.db, row.id, row.places)
    )
    return page(
        request,
        "news/desk/item.html",
        status,
        row=row,
        item=views.item(row, zone, request.locale, now.astimezone(ZoneInfo(zone)).date()),
        found=found,
        read=queries.readers(request.db, row.id),
        late=_is_late(row, now),
        zone=zone,
        brands=_brands(request),
        updates=[
            (each.made_at, blocks(wording.said(each.texts, request.locale.code).get("body", "")))
            for each in own.updates(request.db, row.id)
        ],
        languages=_languages(request),
        publishing=forms.get("publishing") or empty_form(PublishForm, {"when": "now"}),
        updating=forms.get("updating") or empty_form(UpdateForm),
        may="news.publish" in request.actor.permissions,
    )


def _outage_form(request: Request, form: Form[OutageForm], item: str = "", status: int = 200) -> Response:
    services = request.settings_of("news", NewsSettings).services
    return page(
        request,
        "news/desk/outage.html",
        status,
        form=form,
        item=item,
        services=[(code, wording.SERVICES[code].name) for code in services if code in wording.SERVICES],
        causes=list(wording.CAUSES.items()),
        **_choices(request),
    )


def _announcement_form(request: Request, form: Form[AnnouncementForm], item: str = "", status: int = 200) -> Response:
    return page(request, "news/desk/announcement.html", status, form=form, item=item, **_choices(request))


def _choices(request: Request) -> dict[str, Any]:
    brands = _brands(request)
    return {
        "brands": [(str(key), name) for key, name in brands.items()] if len(brands) > 1 else [],
        "languages": _languages(request),
    }


def _languages(request: Request) -> list[tuple[str, str]]:
    return [(locale.code, locale.own_name) for locale in request.portal.locales]


def _item_row(request: Request) -> Any:
    row = queries.one(request.db, request.path_params["item"])
    if row is None:
        raise NotFound
    return row


def _is_late(row: Any, now: datetime) -> bool:
    return row.state == "published" and row.expected_end is not None and row.expected_end < now


def _moment(request: Request, day: date | None, at: time | None) -> datetime | None:
    return datetime.combine(day, at, ZoneInfo(_zone(request))) if day is not None and at is not None else None


def _zone(request: Request) -> str:
    return str(request.portal.settings.portal.time_zone)


_SEE, _DO = staff("news.staff_view"), staff("news.publish")
STAFF_PAGES = [
    route("/", show_desk, name="desk", policy=_SEE),
    route("/outage", new_outage, name="new_outage", policy=_DO),
    route("/outage", write_outage, name="write_outage", policy=_DO, methods=_POST, kind="action"),
    route("/announcement", new_announcement, name="new_announcement", policy=_DO),
    route("/announcement", write_announcement, name="write_announcement", policy=_DO, methods=_POST, kind="action"),
    route("/{item}/", show_item, name="shown", policy=_SEE, limiter="slow"),
    route("/{item}/edit", edit, name="edit", policy=_DO),
    route("/{item}/edit", rewrite, name="rewrite", policy=_DO, methods=_POST, kind="action"),
    route("/{item}/publish", publish, name="publish", policy=_DO, methods=_POST, kind="action"),
    route("/{item}/update", add_update, name="update", policy=_DO, methods=_POST, kind="action"),
    route("/{item}/close", close, name="close", policy=_DO, methods=_POST, kind="action"),
    route("/{item}/drop", drop, name="drop", policy=_DO, methods=_POST, kind="action"),
]
