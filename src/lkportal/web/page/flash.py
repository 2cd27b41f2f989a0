"""A word for the next page: kept as key and params in a short-lived signed cookie, shown once, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from lkportal.core.i18n import Text
from lkportal.core.money import Money, Volume
from lkportal.web.cookies import FLASH, Cookie, forget, read_cookie

if TYPE_CHECKING:
    from lkportal.web.request import Request

_SECONDS = 300
_LONGEST = 3000


def leave(request: Request, flash: Text, tone: str = "success", typed: str = "") -> None:
    """Leave a word for the next page. A word too long for a cookie is not left: the act itself never fails for it.

    `typed` is what the next page's form may begin with: a login, say, that must not stand in an address.
    """
    token = request.visit.edge.signing.sign("flash", [tone, _packed(flash), typed])
    if len(token) <= _LONGEST:
        request.set_cookie(Cookie(FLASH, token, _SECONDS))


def typed(request: Request) -> str:
    """Return what the page before left for this page's form; "" when nothing."""
    kept = _kept(request)
    return str(kept[2]) if kept else ""


def take(request: Request) -> tuple[str, Text] | None:
    """Return the word left by the page before, as (tone, text), and forget it; None when there is none."""
    kept = _kept(request)
    if kept is None:
        return None
    request.set_cookie(forget(FLASH))
    return (str(kept[0]), _unpacked(kept[1])) if kept else None


def _kept(request: Request) -> list[Any] | None:
    """Return what the cookie holds: None without a cookie, nothing of one that is forged, old or of another shape."""
    token = read_cookie(request, request.site, FLASH)
    if not token:
        return None
    kept = request.visit.edge.signing.read("flash", token, _SECONDS)
    return kept if isinstance(kept, list) and len(kept) == 3 else []


def _packed(value: Any) -> Any:
    match value:
        case Text():
            params = {name: _packed(item) for name, item in value.params}
            return {"text": [value.key, value.english, params, value.plural, value.count]}
        case Money():
            return {"money": [value.minor, value.currency]}
        case Volume():
            return {"volume": [value.milli, value.unit]}
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case int() | str():
            return value
    return str(value)


def _unpacked(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    kind, value = next(iter(packed.items()))
    match kind:
        case "text":
            key, english, params, plural, count = value
            return Text(key, english, tuple((name, _unpacked(item)) for name, item in params.items()), plural, count)
        case "money":
            return Money(*value)
        case "volume":
            return Volume(*value)
        case "datetime":
            return datetime.fromisoformat(value)
    return date.fromisoformat(value)
