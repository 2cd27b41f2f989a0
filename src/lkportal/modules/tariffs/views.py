"""What pages show of services, the catalogue and orders: rows in, plain values for templates out. No database, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lkportal.core.i18n import Text, ntext, text
from lkportal.core.money import Money
from lkportal.modules.tariffs import states
from lkportal.modules.tariffs.orders.quotes import Quote, cost_words

ICON = "list"


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A connected service. `price` is what it costs in words, `next` what comes on which day, `acts` what may be ordered now."""

    public_id: str
    title: str
    note: str
    icon: str
    family: str
    place: str
    state: str
    status: tuple[str, Text]
    price: Text
    since: date
    next: Text | None
    later: Text | None
    acts: tuple[str, ...]
    waiting: str
    renews: bool
    charged_here: bool
    ended_on: date | None

    @property
    def line(self) -> Text | str:
        """What it costs or what comes next, and where it is: the second line of a row."""
        lead = self.next if self.next is not None and (self.charged_here or self.state != states.ACTIVE) else self.price
        if self.place:
            return text("tariffs.service.line", "%(lead)s. %(place)s", lead=lead, place=self.place)
        return lead


@dataclass(frozen=True, slots=True)
class OfferingView:
    """Something in the catalogue. `has` is the public id of the service that is it already, `instead` of the plan it would replace."""

    public_id: str
    title: str
    note: str
    icon: str
    price: Text
    connect: Text | None
    later: Text | None
    has: str
    instead: str

    @property
    def line(self) -> Text:
        """What it costs and what it is: the second line of a row."""
        if not self.note:
            return self.price
        return text("tariffs.catalogue.line", "%(price)s. %(note)s", price=self.price, note=self.note)


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order. `what` says it in words: "Freeze “Flight 100”"."""

    public_id: str
    what: Text
    icon: str
    state: str
    status: tuple[str, Text]
    price: Text
    effective_on: date
    asked_at: datetime
    reason: Text | str


def price_words(minor: int, months: int, currency: str) -> Text:
    """Return what a price pays for, in words."""
    amount = Money(minor, currency)
    match months:
        case 0:
            return text("tariffs.price.once", "%(sum)s once", sum=amount)
        case 1:
            return text("tariffs.price.month", "%(sum)s a month", sum=amount)
        case 12:
            return text("tariffs.price.year", "%(sum)s a year", sum=amount)
    return ntext("tariffs.price.months", "%(sum)s for %(n)s month", "%(sum)s for %(n)s months", months, sum=amount)


def service(row: Any, currency: str) -> ServiceView:
    """Return a service as its customer meets it."""
    return ServiceView(
        row.public_id,
        row.title,
        row.note,
        row.icon or ICON,
        row.family,
        row.place,
        row.state,
        states.SERVICE_TITLES[row.state],
        price_words(int(row.amount or 0), row.months, currency),
        row.since,
        _next(row, currency),
        _later(row, currency),
        _acts(row),
        row.waiting or "",
        row.renews,
        row.prepaid and row.months > 0 and row.charge_on is not None and row.state != states.ENDED,
        row.ended_on,
    )


def _acts(row: Any) -> tuple[str, ...]:
    offered = [kind for kind in ("change", "freeze", "resume", "move", "disconnect") if states.fits(kind, row.state)]
    if row.kind != "plan":
        offered = [kind for kind in offered if kind not in ("change", "move")]
    if not row.place or not row.at_address:
        offered = [kind for kind in offered if kind != "move"]
    return tuple(offered)


def _next(row: Any, currency: str) -> Text | None:
    """Return what comes next: a charge, the end of a freeze."""
    if row.state == states.FROZEN:
        return text("tariffs.next.resumes", "Resumes on %(day)s", day=row.frozen_until) if row.frozen_until else None
    if row.state == states.ENDED:
        return None
    if row.charge_on is None:
        return text("tariffs.next.bill", "With the bill of the month") if row.months else None
    amount = Money(int(row.amount or 0), currency)
    if row.state == states.SUSPENDED:
        return text("tariffs.next.needs", "%(sum)s is needed to go on", sum=amount)
    if not row.renews:
        return text("tariffs.next.ends", "Ends on %(day)s", day=row.charge_on)
    return text("tariffs.next.charge", "%(sum)s on %(day)s", sum=amount, day=row.charge_on)


def _later(row: Any, currency: str) -> Text | None:
    if getattr(row, "own_price", None) is not None:
        if row.price_until is None:
            return None
        after = price_words(int(row.price_after or 0), row.months, currency)
        return text("tariffs.price.later", "From %(day)s: %(price)s", day=row.price_until, price=after)
    if row.next_since is None or row.next_amount is None:
        return None
    later = price_words(int(row.next_amount), row.months, currency)
    return text("tariffs.price.later", "From %(day)s: %(price)s", day=row.next_since, price=later)


def catalogue(rows: Sequence[Any], services: Sequence[Any], currency: str) -> Mapping[str, list[OfferingView]]:
    """Return what is offered by family, in the company's order; what is connected already says so."""
    have = {each.offering_id: each.public_id for each in services}
    plans = {each.family: each.public_id for each in services if each.kind == "plan"}
    found: dict[str, list[OfferingView]] = {}
    for row in rows:
        has = have.get(row.offering_id, "")
        instead = plans.get(row.family, "") if row.kind == "plan" and not has else ""
        connect = None
        if row.connect_price and not has and not instead:
            connect = text("tariffs.catalogue.connect", "Connecting: %(sum)s", sum=Money(row.connect_price, currency))
        view = OfferingView(
            row.offering, row.title, row.note, row.icon or ICON,
            price_words(int(row.amount), row.months, currency), connect, _later(row, currency), has, instead,
        )  # fmt: skip
        found.setdefault(row.family, []).append(view)
    return found


def monthly(services: Sequence[Any]) -> int:
    """Return what the connected services cost a month in all, minor units; those of other terms count by their share."""
    return sum(
        round(int(each.amount or 0) / each.months) for each in services if each.state != states.ENDED and each.months
    )


def next_due(services: Sequence[Any], today: date) -> int:
    """Return what the charges of the next month will take from what is in hand, minor units."""
    soon = [
        each
        for each in services
        if each.prepaid
        and each.state in (states.ACTIVE, states.SUSPENDED)
        and each.renews
        and each.charge_on is not None
    ]
    first = min((max(each.charge_on, today) for each in soon), default=today)
    return sum(int(each.amount or 0) for each in soon if max(each.charge_on, today) == first)


def order(row: Any, currency: str, *, desk: bool = False) -> OrderView:
    """Return an order as its readers meet it."""
    titles = states.DESK_TITLES if desk else states.ORDER_TITLES
    return OrderView(
        row.public_id,
        order_words(row),
        row.icon or ICON,
        row.state,
        titles[row.state],
        cost_words(row.price, currency),
        row.effective_on,
        row.asked_at,
        reason_words(row.reason),
    )


REASONS = {
    "@tariffs.not_enough": text("tariffs.reason.money", "There was not enough in hand on that day."),
    "@tariffs.have_it": text("tariffs.have_it", "This is connected already."),
}


def reason_words(reason: str) -> Text | str:
    """Return why an order was refused: the company's own words, or what the portal found."""
    if not reason.startswith("@"):
        return reason
    return REASONS.get(
        reason, text("tariffs.service_moved_on", "The service does not stand any more as the order wants it.")
    )


def order_words(row: Any) -> Text:
    """Return what was ordered, in words."""
    match row.kind:
        case "connect":
            return text("tariffs.what.connect", "Connect “%(title)s”", title=row.title)
        case "disconnect":
            return text("tariffs.what.disconnect", "Disconnect “%(title)s”", title=row.title)
        case "freeze":
            return text("tariffs.what.freeze", "Freeze “%(title)s”", title=row.title)
        case "resume":
            return text("tariffs.what.resume", "Resume “%(title)s”", title=row.title)
        case "move":
            return text("tariffs.what.move", "Move “%(title)s”", title=row.title)
    return text("tariffs.what.change", "From “%(before)s” to “%(title)s”", before=row.before or "", title=row.title)


def quote_facts(quote: Quote, currency: str) -> list[tuple[Text, Any]]:
    """Return (term, value) of what an act costs and when it takes effect: the first thing its page says."""
    found: list[tuple[Text, Any]] = [
        (text("tariffs.quote.price", "Price of the order"), cost_words(quote.price, currency))
    ]
    if quote.kind == "change":
        found.append((text("tariffs.quote.was", "Now"), price_words(quote.was, quote.months, currency)))
    if quote.ends_on is not None:
        offered = price_words(quote.monthly, quote.months, currency)
        found.append((text("tariffs.quote.offer", "By the offer"), offered))
        after = price_words(quote.after, quote.months, currency)
        found.append((text("tariffs.quote.after", "From %(day)s", day=quote.ends_on), after))
    elif quote.kind in ("connect", "change", "resume", "move"):
        found.append((text("tariffs.quote.monthly", "Then"), price_words(quote.monthly, quote.months, currency)))
    if quote.kind == "disconnect":
        found.append((text("tariffs.quote.saved", "Ends"), price_words(quote.was, quote.months, currency)))
    if quote.taken:
        found.append((text("tariffs.quote.taken", "Taken from what is in hand"), cost_words(quote.taken, currency)))
    if quote.kind == "freeze":
        found.append(
            (text("tariffs.quote.frozen", "While it is frozen"), text("tariffs.quote.nothing", "nothing is charged"))
        )
    return found


def steps(row: Any, day: Any) -> list[dict[str, Any]]:
    """Return the way of an order as steps; `day` writes a moment."""
    asked = {"name": text("tariffs.step.asked", "Ordered"), "state": "done", "when": day(row.asked_at)}
    ends: Mapping[str, tuple[Text, str]] = {
        states.WAITING: (text("tariffs.step.waits", "The company carries it out"), "now"),
        states.PROCESSED: (text("tariffs.step.done", "Carried out"), "done"),
        states.REJECTED: (text("tariffs.step.refused", "Refused"), "fail"),
        states.CANCELED: (text("tariffs.step.canceled", "You took it back"), "fail"),
    }
    words, state = ends[row.state]
    when = "" if row.state == states.WAITING else day(row.changed_at)
    return [asked, {"name": words, "state": state, "when": when, "text": reason_words(row.reason)}]
