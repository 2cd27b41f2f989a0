"""Pages of the desk about offers to customers: those there are with how often they were taken, making one, ending one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import staff
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.forms import OfferForm
from lkportal.modules.tariffs.promotions import making, queries
from lkportal.modules.tariffs.views import price_words
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 30


def show_offers(request: Request) -> Response:
    """Show all offers and the form of a new one."""
    today = _today(request)
    first = {"since": today.isoformat(), "until": (today + timedelta(days=30)).isoformat(), "months": "3"}
    return _offers(request, empty_form(OfferForm, first))


def make_offer(request: Request) -> Response:
    """Make an offer."""
    form = read_form(request, OfferForm)
    if form.valid and form.data.until < max(form.data.since, _today(request)):
        form.add_error(
            "until", text("tariffs.offers.days", "The last day is not before the first and not in the past.")
        )
    codes = {row.code for row in queries.choices(request.db, _today(request))[0]}
    if form.valid and form.data.offering not in codes:
        form.add_error("offering", text("tariffs.offers.choose", "Choose what is offered."))
    if not form.valid:
        return _offers(request, form, 422)
    data = form.data
    draft = making.Draft(
        data.token, data.offering, data.title, data.note, data.segment, data.since, data.until, data.price, data.months,
        data.connect_price or 0,
    )  # fmt: skip
    with unit_of_work(request) as db:
        making.make(db, draft)
    return redirect(
        request, "tariffs:offers", text("tariffs.offers.made", "Done. Customers see it from its first day.")
    )


def end_offer(request: Request) -> Response:
    """End an offer: nobody takes it any more."""
    with unit_of_work(request) as db:
        done = making.end(db, request.path_params["promotion"], _today(request))
    if not done:
        return redirect(request, "tariffs:offers", text("tariffs.offers.was_over", "It had ended already."), "warn")
    said = text("tariffs.offers.ended", "It is over. Those who took it keep their price.")
    return redirect(request, "tariffs:offers", said)


def _offers(request: Request, form: Form[OfferForm], status: int = 200) -> Response:
    at, today, currency = request.page_number, _today(request), request.portal.settings.portal.currency
    rows = queries.all_offers(request.db, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    offerings, segments = queries.choices(request.db, today)
    return page(
        request,
        "tariffs/desk/offers.html",
        status,
        rows=[(row, price_words(int(row.price), row.months, currency)) for row in rows[:PAGE_ROWS]],
        offerings=[(row.code, f"{row.title} ({row.family})") for row in offerings],
        segments=[(each, each) for each in segments],
        form=form,
        token=form.value("token") or public_id(),
        today=today,
        number=at,
        more=len(rows) > PAGE_ROWS,
    )


def _today(request: Request) -> date:
    return local_day(request.portal.clock.now(), str(request.portal.settings.portal.time_zone))


_DO = staff("tariffs.offers")
_POST: dict[str, Any] = {"methods": ("POST",), "kind": "action"}
OFFER_PAGES = [
    route("/offers", show_offers, name="offers", policy=_DO),
    route("/offers", make_offer, name="make_offer", policy=_DO, **_POST),
    route("/offers/{promotion}/end", end_offer, name="end_offer", policy=_DO, **_POST),
]
