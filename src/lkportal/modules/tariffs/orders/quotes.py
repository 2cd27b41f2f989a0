"""What an act on a service costs, when it takes effect and how it is undone: shown before the button, kept in the order. Rows in, plain
values out. No database, no request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.money import Money
from lkportal.modules.tariffs import states
from lkportal.modules.tariffs.days import months_on
from lkportal.modules.tariffs.settings import TariffsSettings
from lkportal.modules.tariffs.states import Kind

FREE = text("tariffs.free", "free of charge")


class Unfit(Exception):
    """What was asked for does not fit: `field` of the form ("" for all of it) and the sentence."""

    def __init__(self, field: str, words: Text) -> None:
        super().__init__(str(words))
        self.field, self.words = field, words


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a customer wants: `offering` is the row of what it leads to (queries.offering, or the service's own), `service` the row
    of what it is about, None for something new. Days and place are what was typed, None and "" before anything was.
    `promotion` is the row of the offer it is taken by, `after` what the catalogue asks when that is over, minor units."""

    kind: Kind
    offering: Any
    service: Any = None
    day: date | None = None
    until: date | None = None
    place: str = ""
    promotion: Any = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What is shown first. `price` is paid once, `monthly` for each `months` from then on, minor units; `was` is what it costs now.

    `first` and `last` are the days that may be chosen. `undo` are the sentences of the way back, `mind` those of what is lost.
    Under a promotion `monthly` holds until `ends_on`, then `after`. `at_once`: the portal does it by itself on its day. `taken` is charged by the portal then: the price with the first period.
    """

    kind: Kind
    price: int
    monthly: int
    was: int
    months: int
    day: date
    first: date
    last: date
    until: date | None
    place: str
    undo: tuple[Text, ...]
    mind: tuple[Text, ...]
    at_once: bool
    taken: int
    after: int = 0
    ends_on: date | None = None


def quote(wanted: Wanted, settings: TariffsSettings, today: date, currency: str) -> Quote:
    """Return what an act costs and means. Raises Unfit for a day that may not be chosen or a state that does not allow it."""
    service, kind = wanted.service, wanted.kind
    if service is not None and not states.fits(kind, service.state):
        raise Unfit("", text("tariffs.unfit.state", "This cannot be done with the service as it stands now."))
    if kind == "move" and not service.at_address:
        raise Unfit("", text("tariffs.unfit.no_address", "This is not bound to an address: it works wherever you are."))
    first = _first(wanted, settings, today)
    last = max(first, today + timedelta(days=settings.ahead_days))
    day = wanted.day or _usual(wanted, first, last)
    if not first <= day <= last:
        raise Unfit(
            "day", text("tariffs.unfit.day", "Choose a day from %(first)s to %(last)s.", first=first, last=last)
        )
    until = _until(wanted, day, settings) if kind == "freeze" else None
    offer = wanted.promotion
    monthly = int((offer or wanted.offering).amount) if kind != "disconnect" else 0
    was = int(service.amount or 0) if service is not None else 0
    price = int(offer.connect_price) if offer is not None else _price(wanted, settings, was, monthly)
    here = settings.charges == "portal" and wanted.offering.prepaid
    return Quote(
        kind,
        price,
        monthly,
        was,
        wanted.offering.months,
        day,
        first,
        last,
        until,
        wanted.place,
        tuple(_undo(wanted, settings, currency, was, monthly, today)),
        tuple(_mind(wanted, currency, day)),
        kind in settings.automatic,
        price + (monthly if kind == "connect" and wanted.offering.months else 0) if here else 0,
        wanted.after,
        months_on(day, offer.price_months, day.day) if offer is not None else None,
    )


def _first(wanted: Wanted, settings: TariffsSettings, today: date) -> date:
    """Return the first day: today where the portal does it itself, else when the desk can; a paid month is not paid twice."""
    first = today if wanted.kind in settings.automatic else today + timedelta(days=settings.lead_days)
    paid_until = wanted.service.charge_on if wanted.service is not None and wanted.offering.prepaid else None
    return max(first, paid_until) if wanted.kind == "change" and paid_until else first


def _usual(wanted: Wanted, first: date, last: date) -> date:
    """Return the day unless another is chosen: what is left ends with what is paid for."""
    ends = wanted.kind in ("disconnect", "change") and wanted.service is not None
    return min(max(first, wanted.service.charge_on or first), last) if ends else first


def _until(wanted: Wanted, day: date, settings: TariffsSettings) -> date:
    longest = day + timedelta(days=settings.freeze_days)
    until = wanted.until or min(day + timedelta(days=30), longest)
    if not day < until <= longest:
        words = text(
            "tariffs.unfit.until",
            "A freeze ends after it begins and by %(last)s at the latest.",
            last=longest,
        )
        raise Unfit("until", words)
    return until


def _price(wanted: Wanted, settings: TariffsSettings, was: int, monthly: int) -> int:
    prices = settings.prices
    if wanted.kind == "connect":
        return int(wanted.offering.connect_price)
    if wanted.kind == "change":
        return prices.change if monthly >= was else prices.change_down
    return int(getattr(prices, wanted.kind))


def cost_words(minor: int, currency: str) -> Text:
    """Return a sum that is paid once, "free of charge" for none."""
    return text("tariffs.price.sum", "%(sum)s", sum=Money(minor, currency)) if minor else FREE


def _undo(wanted: Wanted, settings: TariffsSettings, currency: str, was: int, monthly: int, today: date) -> list[Text]:
    prices, service, kind = settings.prices, wanted.service, wanted.kind
    found = []
    if kind not in settings.automatic or _first(wanted, settings, today) > today:
        found.append(text("tariffs.undo.waits", "While the order waits you can take it back here, free of charge."))
    gone = service is not None and not service.still_offered
    if kind == "connect":
        cost = cost_words(prices.disconnect, currency)
        found.append(text("tariffs.undo.connect", "Later you can disconnect it here on any day: %(cost)s.", cost=cost))
    elif kind == "disconnect" and not gone:
        cost = cost_words(service.connect_price, currency)
        found.append(text("tariffs.undo.disconnect", "You can connect it again here at any time: %(cost)s.", cost=cost))
    elif kind == "freeze":
        cost = cost_words(prices.resume, currency)
        found.append(
            text("tariffs.undo.freeze", "It resumes by itself on the last day, or here sooner: %(cost)s.", cost=cost)
        )
    elif kind == "resume":
        found.append(
            text("tariffs.undo.resume", "You can freeze it again: %(cost)s.", cost=cost_words(prices.freeze, currency))
        )
    elif kind == "move":
        found.append(
            text(
                "tariffs.undo.move",
                "You can move it back the same way: %(cost)s.",
                cost=cost_words(prices.move, currency),
            )
        )
    elif kind == "change" and not gone:
        back = prices.change if was >= monthly else prices.change_down
        found.append(
            text("tariffs.undo.change", "You can change back here: %(cost)s.", cost=cost_words(back, currency))
        )
    return found


def _mind(wanted: Wanted, currency: str, day: date) -> list[Text]:
    service, kind, found = wanted.service, wanted.kind, []
    if wanted.promotion is not None:
        ends = months_on(day, wanted.promotion.price_months, day.day)
        words = text(
            "tariffs.mind.promotion",
            "The price of the offer ends by itself on %(day)s: we tell you before. Another plan ends it at once.",
            day=ends,
        )
        found.append(words)
    if service is None or kind not in ("disconnect", "change"):
        return found
    if not service.still_offered:
        found.append(
            text("tariffs.mind.gone", "The company does not offer “%(title)s” any more: there is no way back to it.", title=service.title)
        )  # fmt: skip
    if service.own_price is not None:
        own = Money(service.own_price, currency)
        found.append(
            text("tariffs.mind.own_price", "Your price of %(sum)s is for you alone and ends with it.", sum=own)
        )
    if kind == "disconnect" and service.prepaid and service.charge_on and day < service.charge_on:
        words = text(
            "tariffs.mind.paid_days",
            "It is paid for until %(day)s; days that are left are not given back.",
            day=service.charge_on,
        )
        found.append(words)
    return found
