"""What readings bring to the search: meters by number, place or what they measure, readings by month, and their pages."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from lkportal.core.i18n import ntext, text
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider
from lkportal.modules.readings.models import Meter, Reading
from lkportal.modules.readings.views import meter_title, resource_name

_MOST_METERS = 200


def _meters(asked: SearchAsked) -> Iterable[Hit]:
    rows = asked.connection.execute(
        select(Meter.account_id, Meter.resource, Meter.place, Meter.serial)
        .where(Meter.account_id.in_([each.id for each in asked.accounts]), Meter.removed_on.is_(None))
        .order_by(Meter.account_id, Meter.place, Meter.id)
        .limit(_MOST_METERS)
    )
    for row in rows:
        if asked.typed.fits(row.serial, row.place, asked.locale.render(resource_name(row.resource))):
            account = asked.account(row.account_id)
            yield Hit(
                meter_title(row.resource, row.place),
                asked.url("readings:list", account=account.public_id),
                text("readings.search.serial", "No. %(serial)s", serial=row.serial),
                account,
            )


def _months(asked: SearchAsked) -> Iterable[Hit]:
    if not asked.typed.is_dated:
        return
    rows = asked.connection.execute(
        select(Reading.account_id, Reading.period, func.count().label("sent"))
        .where(Reading.account_id.in_([each.id for each in asked.accounts]), asked.typed.within(Reading.period))
        .group_by(Reading.account_id, Reading.period)
        .order_by(Reading.period.desc(), Reading.account_id)
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        yield Hit(
            text("readings.search.month", "Readings for %(month)s", month=asked.locale.month(row.period)),
            asked.url("readings:history", account=account.public_id),
            ntext("readings.search.sent", "%(n)s reading", "%(n)s readings", row.sent),
            account,
        )


PROVIDERS = [
    SearchProvider("readings.meters", text("readings.search.meters", "Meters"), _meters, "readings.view", 30),
    SearchProvider("readings.months", text("readings.search.readings", "Readings"), _months, "readings.view", 31),
]
PAGES = [
    SearchPage(
        "readings:list",
        text("readings.search.send", "Send readings"),
        text("readings.search.send_words", "meter, reading, water, light, electricity, gas, send"),
        "readings.view",
    ),
    SearchPage(
        "readings:history",
        text("readings.search.history", "Readings and consumption by month"),
        text("readings.search.history_words", "history, consumption, usage, how much, last year, chart"),
        "readings.view",
    ),
    SearchPage(
        "readings:calendar",
        text("readings.search.calendar", "Calendar of readings"),
        text("readings.search.calendar_words", "when, term, date, window, reminder"),
        "readings.view",
    ),
]
