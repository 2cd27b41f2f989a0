"""What readings show on pages of others: cards of the dashboard, a part of the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.language.formats import Locale
from lkportal.core.money import Volume
from lkportal.modules.readings import views
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.views import MeterView
from lkportal.modules.readings.windows import Window, window

Rows = Mapping[str, Sequence[Any]]
PRESSING_DAYS = 3


def meters_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return the card of meters: what is still awaited, the days left, each meter with its state."""
    now = window(shown.today, Rules(shown.settings, rows.get("rules", ())).general)
    meters = views.meters(rows["registers"], now)
    if not meters:
        return None
    waiting = sum(not meter.sent_on for meter in meters)
    return {
        "title": _title(waiting, now, may_submit="readings.submit" in shown.rights),
        "window": now,
        "meters": [_meter_row(meter, shown.locale) for meter in meters],
        "href": shown.url("readings:list"),
        "may_submit": "readings.submit" in shown.rights and waiting > 0,
    }


def meters_press(rows: Rows, shown: Shown) -> Said | None:
    """Return the line that readings are awaited, in the last days of their window, although the card is put away."""
    card = meters_card(rows, shown)
    if card is None or not card["may_submit"] or not card["window"].is_open or card["window"].days_left > PRESSING_DAYS:
        return None
    return Said(card["title"], card["href"], text("readings.form.send", "Send readings"))


def consumption_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return the card of consumption: the finding, then the bars of a year."""
    month = shown.today.replace(day=1)
    used = views.consumption(rows["consumption"], month) or views.consumption(rows["consumption"], month, "kwh")
    if used is None:
        return None
    return {
        "title": views.finding(used),
        "used": used,
        "months": [shown.locale.short_month(month) for month in used.months],
        "total": Volume(used.total(), ""),
        "key": [(place, views.resource_name(code)) for place, code in enumerate(used.resources, 1)],
        "href": shown.url("readings:history"),
    }


def customer_section(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return the meters of a customer and their latest readings for the desk."""
    meters = views.meters(rows["registers"], window(shown.today, shown.settings))
    if not meters:
        return None
    told = {"latest": rows["latest"], "meter_title": views.meter_title}
    return {"meters": meters, "may_replace": "readings.review" in shown.rights, **told}


def _title(waiting: int, now: Window, *, may_submit: bool) -> Text:
    if not waiting:
        return text("readings.card.done", "All readings are in, thank you")
    if now.is_open and not may_submit:
        return ntext(
            "readings.card.awaited",
            "A reading is awaited by %(last)s",
            "%(n)s readings are awaited by %(last)s",
            waiting,
            last=now.last,
        )
    if now.is_open:
        return ntext(
            "readings.card.send",
            "Send a reading by %(last)s",
            "Send %(n)s readings by %(last)s",
            waiting,
            last=now.last,
        )
    return ntext(
        "readings.card.opens",
        "A reading is awaited from %(first)s",
        "%(n)s readings are awaited from %(first)s",
        waiting,
        first=now.first,
    )


def _meter_row(meter: MeterView, locale: Locale) -> dict[str, Any]:
    first = meter.registers[0]
    if meter.sent_on:
        status = ("ok", text("readings.meter.sent", "Sent on %(day)s", day=meter.sent_on))
    else:
        last = Volume(first.last_milli // 1000 * 1000, "")
        status = ("off", text("readings.meter.waiting", "Waiting; it was %(last)s", last=last))
    return {
        "name": meter.title,
        "kind": meter.kind,
        "status": status,
        "reading": first.last_milli if meter.sent_on else None,
        "whole": first.digits,
        "label": locale.volume(first.last_milli, first.unit) if meter.sent_on else "",
    }
