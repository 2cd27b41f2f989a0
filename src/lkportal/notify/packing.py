"""Facts of a notice on their way through a table: packed to JSON when told, put into the reader's words when shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from lkportal.core.i18n import Text
from lkportal.core.language.formats import Locale, Month
from lkportal.core.money import Money, Volume

_KIND = "~"


def pack(value: Any, where: str = "facts") -> Any:
    """Return `value` as JSON that `shown` can read: text, numbers, money, volumes, dates, months, lazy texts, and lists
    and mappings of these. Raises TypeError for anything else: a float or an object would not come back as it was."""
    match value:
        case Text():
            params = {name: pack(item, f"{where}.{name}") for name, item in value.params}
            return {_KIND: "text", "v": [value.key, value.english, params, value.plural, value.count]}
        case Money():
            return {_KIND: "money", "v": [value.minor, value.currency]}
        case Volume():
            return {_KIND: "volume", "v": [value.milli, value.unit]}
        case Month():
            return {_KIND: "month", "v": value.day.isoformat()}
        case datetime():
            return {_KIND: "moment", "v": value.isoformat()}
        case date():
            return {_KIND: "day", "v": value.isoformat()}
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {str(name): pack(item, f"{where}.{name}") for name, item in value.items()}
        case list() | tuple():
            return [pack(item, f"{where}[{place}]") for place, item in enumerate(value)]
    raise TypeError(
        f"{where} is a {type(value).__name__}: a notice carries text, whole numbers, money, volumes and dates"
    )


def shown(packed: Any, locale: Locale, zone: str) -> Any:
    """Return packed facts in the words of `locale`: money, volumes, days and moments (in `zone`) become text."""
    if isinstance(packed, list):
        return [shown(item, locale, zone) for item in packed]
    if not isinstance(packed, dict):
        return packed
    kind = packed.get(_KIND)
    if kind is None:
        return {name: shown(item, locale, zone) for name, item in packed.items()}
    return _SHOW[kind](packed["v"], locale, zone)


def _text(value: list[Any], locale: Locale, zone: str) -> str:
    key, english, params, plural, count = value
    said = {name: shown(item, locale, zone) for name, item in params.items()}
    return locale.render(Text(key, english, tuple(said.items()), plural, count))


_SHOW: Mapping[str, Callable[[Any, Locale, str], str]] = {
    "text": _text,
    "money": lambda value, locale, _zone: locale.money(value[0], value[1]),
    "volume": lambda value, locale, _zone: locale.volume(value[0], value[1]),
    "month": lambda value, locale, _zone: locale.month_name(date.fromisoformat(value)),
    "moment": lambda value, locale, zone: locale.datetime(datetime.fromisoformat(value), zone),
    "day": lambda value, locale, _zone: locale.day_month(date.fromisoformat(value)),
}
