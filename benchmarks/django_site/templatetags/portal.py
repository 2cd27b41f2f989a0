"""Tags and filters of the dashboard in Django's manner: numbers, dates and words through Django's own formats and gettext; drawings
(charts, seals, dials) by the portal's functions, which cost no template language anything."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import npgettext, pgettext

from benchmarks.django_site.portal import PORTAL
from lkportal.core.i18n import Text
from lkportal.core.language.formats import Month
from lkportal.core.money import Money, Volume
from lkportal.theming.drawing.charts import change_bar, stacked_bars
from lkportal.theming.drawing.drawings import drum, icon_set, initials, rosette, seal, small_change

register = template.Library()
_ASSETS = PORTAL.assets
_UNITS = {"m3": "м³"}
_ZONE = ZoneInfo("Europe/Moscow")
register.simple_tag(icon_set(_ASSETS.url("icons.svg", "default")), name="icon")
register.simple_tag(drum)
register.simple_tag(change_bar)
register.simple_tag(rosette)
register.simple_tag(seal)
register.filter("initials", initials)
register.filter("small_change", small_change)


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a static file."""
    return _ASSETS.url(name, "default")


@register.filter
def money(minor: int) -> str:
    """Return an amount in roubles."""
    return f"{number_format(Decimal(minor).scaleb(-2), 2)}\u00a0₽".replace("-", "\u2212")


@register.filter
def amount(minor: int) -> str:
    """Return an amount without its currency."""
    return str(number_format(Decimal(minor).scaleb(-2), 2)).replace("-", "\u2212")


@register.filter
def tariff(millionths: int) -> str:
    """Return a rate, with two decimals as those of the benchmarks have."""
    return str(number_format(Decimal(millionths).scaleb(-8), 2))


@register.filter
def split(words: str) -> list[str]:
    """Return words parted by commas."""
    return words.split(",")


@register.filter
def unit(code: str) -> str:
    """Return how a unit is written."""
    return _UNITS[code]


@register.filter
def moment(at: datetime) -> str:
    """Return a moment by the clocks of the account."""
    return str(date_format(at.astimezone(_ZONE), "j E Y, H:i"))


@register.filter
def volume(value: Volume) -> str:
    """Return a volume with its unit."""
    amount = number_format((Decimal(value.milli).scaleb(-3)).normalize())
    return f"{amount}\u00a0{_UNITS[value.unit]}" if value.unit else amount


@register.filter
def words(value: Text | str) -> str:
    """Return a text of the cards in the reader's language."""
    if isinstance(value, str):
        return value
    wording = (
        npgettext(value.key, value.english, value.plural, value.count)
        if value.plural
        else pgettext(value.key, value.english)
    )
    return str(wording % {name: _shown(item) for name, item in value.params}) if value.params else str(wording)


def _shown(value: Any) -> Any:
    match value:
        case Text():
            return words(value)
        case Money():
            return money(value.minor)
        case Volume():
            return volume(value)
        case Month():
            return date_format(value.day, "F").lower()
        case date():
            return date_format(value, "j E")
    return value


@register.simple_tag
def bars(used: Any, title: str) -> str:
    """Return the chart of consumption."""
    labels = [date_format(month, "b") for month in used.months]
    text = number_format(Decimal(used.total()).scaleb(-3).normalize())
    return stacked_bars(labels, used.series, title=title, unit=_UNITS[used.unit], text=text)
