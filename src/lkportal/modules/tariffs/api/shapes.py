"""What goes in and comes out of the calls about services, with the examples of the description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lkportal.core.money import MAX_MINOR
from lkportal.core.rest import PUBLIC_ID, ApiDay, ApiModel, ApiMoney
from lkportal.modules.tariffs.states import Kind

ID = Annotated[str, StringConstraints(pattern=PUBLIC_ID)]
Minor = Annotated[int, Field(ge=0, le=MAX_MINOR)]


class ServiceOut(ApiModel):
    """A connected service. `price` pays for `months` (0: it was paid once); `next_charge_on` is until when it is paid, where it is paid
    in advance. `waiting` is the order about it that is not carried out yet, `may` the kinds of order that are open to it now."""

    id: str = Field(pattern=PUBLIC_ID)
    offering: str = Field(pattern=PUBLIC_ID)
    code: str
    kind: Literal["plan", "addon"]
    family: str
    title: str
    note: str
    place: str
    state: Literal["active", "frozen", "suspended", "ended"]
    price: ApiMoney
    months: int
    since: date
    next_charge_on: date | None
    renews: bool
    frozen_until: date | None
    waiting: str | None
    may: list[Kind]


class OfferingOut(ApiModel):
    """Something in the catalogue. `price` pays for `months` (0: it is paid once), `connecting` is paid once besides; from `next_on` on it
    costs `next_price`. `service` is the service of the account that is it already."""

    id: str = Field(pattern=PUBLIC_ID)
    code: str
    kind: Literal["plan", "addon"]
    family: str
    title: str
    note: str
    price: ApiMoney
    months: int
    connecting: ApiMoney
    next_on: date | None
    next_price: ApiMoney | None
    service: str | None


class DeviceOut(ApiModel):
    """A piece of equipment: `rented` from the company or the customer's own, `service` what works by it. `silent_since` is when contact was
    lost, null while it works; `last_seen_at` when it last answered the company's system, `as_of` when that system told so."""

    id: str = Field(pattern=PUBLIC_ID)
    kind: Literal["router", "box", "sim", "other"]
    model: str
    serial: str
    rented: bool
    silent_since: datetime | None
    last_seen_at: datetime | None
    service: str | None
    as_of: datetime


class PromotionOut(ApiModel):
    """An offer for less money: an offering for `price` during `price_months` months, then for `then`; `connecting` is paid once. It is taken by
    an order that names it, through the day `until`. `service` is the one it would take the place of."""

    id: str = Field(pattern=PUBLIC_ID)
    title: str
    note: str
    kind: Literal["connect", "change"]
    offering: str = Field(pattern=PUBLIC_ID)
    service: str | None
    price: ApiMoney
    price_months: int
    months: int
    then: ApiMoney
    connecting: ApiMoney
    until: date


class QuoteOut(ApiModel):
    """What an order would cost and mean. `price` is paid once, `monthly` for each `months` from then on; `was` is what it costs now.
    A day from `first` to `last` may be chosen. `undo` tells of the way back, `mind` what is lost; `at_once`: the portal carries it out
    by itself on its day; `taken` is what is taken from what is in hand then."""

    kind: Kind
    price: ApiMoney
    monthly: ApiMoney
    was: ApiMoney
    months: int
    day: date
    first: date
    last: date
    until: date | None
    undo: list[str]
    mind: list[str]
    at_once: bool
    taken: ApiMoney


class OrderOut(ApiModel):
    """An order. `offering` is the code of what it leads to; `reason` says why it was refused."""

    id: str = Field(pattern=PUBLIC_ID)
    kind: Kind
    state: Literal["waiting", "processed", "rejected", "canceled"]
    what: str
    offering: str
    service: str | None
    price: ApiMoney
    monthly: ApiMoney
    day: date
    until: date | None
    place: str
    reason: str
    ordered_at: datetime
    changed_at: datetime


class Wish(ApiModel):
    """What is wanted: `offering` for connect and change, `service` for all but connect, `until` for freeze, `place` for move. Without
    a day it is the usual one. With `promotion` kind, offering and service are those of the offer."""

    kind: Kind
    offering: ID | None = None
    service: ID | None = None
    promotion: ID | None = None
    day: ApiDay | None = None
    until: ApiDay | None = None
    place: Annotated[str, StringConstraints(max_length=200)] = ""


class OrderIn(ApiModel):
    """An order on the terms of its quote: `price` and `monthly` in minor units as they were told, and the day. With `promotion` kind,
    offering and service are those of the offer."""

    kind: Kind
    offering: ID | None = None
    service: ID | None = None
    promotion: ID | None = None
    day: ApiDay
    until: ApiDay | None = None
    place: Annotated[str, StringConstraints(max_length=200)] = ""
    price: Minor
    monthly: Minor


class RejectIn(ApiModel):
    """Why the company refuses an order: the customer reads it."""

    reason: Annotated[str, StringConstraints(pattern=r"\S", max_length=500)]


_RUB = {"minor": 65_000, "currency": "RUB"}
_NONE = {"minor": 0, "currency": "RUB"}
_OFFERED = {
    "code": "flight-100",
    "kind": "plan",
    "family": "Internet",
    "title": "Flight 100",
    "note": "100 Mbit/s",
    "price": _RUB,
    "months": 1,
}
SERVICE = {
    "id": "Sv3rT6yU9iO2pA5s",
    "offering": "Of4fG7hJ1kL3zX6c",
    **_OFFERED,
    "place": "Sadovaya st., 14, 27",
    "state": "active",
    "since": "2025-03-01",
    "next_charge_on": "2026-12-01",
    "renews": True,
    "frozen_until": None,
    "waiting": None,
    "may": ["change", "freeze", "move", "disconnect"],
}
OFFERING = {
    "id": "Of4fG7hJ1kL3zX6c",
    **_OFFERED,
    "connecting": _NONE,
    "next_on": None,
    "next_price": None,
    "service": None,
}
DEVICE = {
    "id": "De1cW2rT3yU4iO5p",
    "kind": "router",
    "model": "Flight AX3000",
    "serial": "FX30-114",
    "rented": True,
    "silent_since": None,
    "last_seen_at": "2026-11-22T08:55:00Z",
    "service": "Sv3rT6yU9iO2pA5s",
    "as_of": "2026-11-22T09:00:00Z",
}
PROMOTION = {
    "id": "Pr7mZ8xC9vB1nM2q",
    "title": "Flight 500 for three months",
    "note": "",
    "kind": "change",
    "offering": "Of4fG7hJ1kL3zX6c",
    "service": "Sv3rT6yU9iO2pA5s",
    "price": {"minor": 45_000, "currency": "RUB"},
    "price_months": 3,
    "months": 1,
    "then": _RUB,
    "connecting": _NONE,
    "until": "2026-12-28",
}
QUOTE = {
    "kind": "connect",
    "price": _NONE,
    "monthly": _RUB,
    "was": _NONE,
    "months": 1,
    "day": "2026-11-23",
    "first": "2026-11-23",
    "last": "2027-01-22",
    "until": None,
    "undo": ["Later you can disconnect it here on any day: free of charge."],
    "mind": [],
    "at_once": True,
    "taken": _RUB,
}
ORDER = {
    "id": "Or6vB9nM2qW5eR8t",
    "kind": "connect",
    "state": "waiting",
    "what": "Connect “Flight 100”",
    "offering": "flight-100",
    "service": None,
    "price": _NONE,
    "monthly": _RUB,
    "day": "2026-11-23",
    "until": None,
    "place": "",
    "reason": "",
    "ordered_at": "2026-11-22T09:00:00Z",
    "changed_at": "2026-11-22T09:00:00Z",
}
WISH = {"kind": "connect", "offering": "Of4fG7hJ1kL3zX6c"}
ORDER_IN = {**WISH, "day": "2026-11-23", "price": 0, "monthly": 65_000}
