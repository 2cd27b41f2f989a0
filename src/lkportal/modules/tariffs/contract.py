"""What other rooms may know of tariffs: the events. They carry ids, codes, sums and days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class OrderPlaced(Event):
    """A customer ordered: `kind` is connect, disconnect, freeze, resume, move or change. `offering` is the code of the catalogue, `service`
    the public id of what it is about ("" for something new), `effective_on` a day, `price` minor units once, `promotion` the code of the
    offer it was taken by ("" for none)."""

    name: ClassVar[str] = "tariffs.order_placed"
    title: ClassVar[Text | str] = text("tariffs.event.order_placed", "Order placed")
    order: str
    kind: str
    service: str
    offering: str
    effective_on: str
    price: int
    promotion: str = ""


@dataclass(frozen=True)
class OrderProcessed(Event):
    """An order was carried out. `service` is what it was carried out on."""

    name: ClassVar[str] = "tariffs.order_processed"
    title: ClassVar[Text | str] = text("tariffs.event.order_processed", "Order done")
    order: str
    kind: str
    service: str


@dataclass(frozen=True)
class OrderRejected(Event):
    """The company refused an order."""

    name: ClassVar[str] = "tariffs.order_rejected"
    title: ClassVar[Text | str] = text("tariffs.event.order_rejected", "Order refused")
    order: str
    kind: str


@dataclass(frozen=True)
class OrderCanceled(Event):
    """A customer took an order back."""

    name: ClassVar[str] = "tariffs.order_canceled"
    title: ClassVar[Text | str] = text("tariffs.event.order_canceled", "Order taken back")
    order: str
    kind: str


@dataclass(frozen=True)
class ServiceCharged(Event):
    """A period of a service was paid from what is in hand: `amount` in minor units, from the day `since` until `until`."""

    name: ClassVar[str] = "tariffs.service_charged"
    title: ClassVar[Text | str] = text("tariffs.event.service_charged", "Service charged")
    service: str
    amount: int
    since: str
    until: str


@dataclass(frozen=True)
class PromiseTaken(Event):
    """A customer took a promised payment: `amount` counts as in hand through the day `until`, for `fee`, minor units."""

    name: ClassVar[str] = "tariffs.promise_taken"
    title: ClassVar[Text | str] = text("tariffs.event.promise_taken", "Promised payment taken")
    promise: str
    amount: int
    fee: int
    until: str


@dataclass(frozen=True)
class PromiseEnded(Event):
    """A promised payment ended: it was paid in time (`kept`), or not."""

    name: ClassVar[str] = "tariffs.promise_ended"
    title: ClassVar[Text | str] = text("tariffs.event.promise_ended", "Promised payment ended")
    promise: str
    kept: bool


@dataclass(frozen=True)
class ServiceChanged(Event):
    """A service came from one state to another: active, frozen, suspended, ended. `before` is "" for a new one."""

    name: ClassVar[str] = "tariffs.service_changed"
    title: ClassVar[Text | str] = text("tariffs.event.service_changed", "Service changed its state")
    service: str
    before: str
    after: str
