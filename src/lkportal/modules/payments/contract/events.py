"""The facts payments tells: plain data with ids, amounts and codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text
from lkportal.core.money import Money


@dataclass(frozen=True)
class BillsImported(Event):
    """A batch of charge lines reached the books: one event for each batch of an import (public id), with its counts."""

    name: ClassVar[str] = "payments.bills_imported"
    title: ClassVar[Text | str] = text("payments.event.bills_imported", "Bills came")
    import_id: str
    batch: int
    bills: int
    lines: int


@dataclass(frozen=True)
class BillRaised(Event):
    """Another module asked for money: `bill` is the public id of the bill that came of it, `module` who asked."""

    name: ClassVar[str] = "payments.bill_raised"
    title: ClassVar[Text | str] = text("payments.event.bill_raised", "Bill of a module")
    bill: str
    module: str


@dataclass(frozen=True)
class PaymentStarted(Event):
    """A person decided to pay; nothing is collected yet."""

    name: ClassVar[str] = "payments.payment_started"
    title: ClassVar[Text | str] = text("payments.event.payment_started", "Payment begun")
    payment: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class PaymentSucceeded(Event):
    """The provider has the money and the ledger holds it: told exactly once for each credit."""

    name: ClassVar[str] = "payments.payment_succeeded"
    title: ClassVar[Text | str] = text("payments.event.payment_succeeded", "Payment received")
    payment: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class PaymentCanceled(Event):
    """The provider ended a payment without taking money: the bank declined it, or the time to pay ran out.

    `reason` is the provider's code.
    """

    name: ClassVar[str] = "payments.payment_canceled"
    title: ClassVar[Text | str] = text("payments.event.payment_canceled", "Payment declined")
    payment: str
    amount: Money
    reason: str


@dataclass(frozen=True)
class PaymentFailed(Event):
    """A payment never came to be at the provider: it was rejected as asked, or never reached it."""

    name: ClassVar[str] = "payments.payment_failed"
    title: ClassVar[Text | str] = text("payments.event.payment_failed", "Payment did not reach the bank")
    payment: str
    amount: Money
    reason: str


@dataclass(frozen=True)
class PaymentRefunded(Event):
    """Money of a payment went back to who paid, the whole or a part: `amount` is what is new. Told once for each entry."""

    name: ClassVar[str] = "payments.payment_refunded"
    title: ClassVar[Text | str] = text("payments.event.payment_refunded", "Money given back")
    payment: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class AutopayPlanned(Event):
    """Autopay means to take `amount` on `day` ("2026-12-10"): told before it is taken, so that a person may say no."""

    name: ClassVar[str] = "payments.autopay_planned"
    title: ClassVar[Text | str] = text("payments.event.autopay_planned", "Autopay planned")
    amount: Money
    day: str


@dataclass(frozen=True)
class AutopayFailed(Event):
    """The bank refused what autopay asked for. `day` is when it is tried again, "" when it is not; `reason` is the provider's code."""

    name: ClassVar[str] = "payments.autopay_failed"
    title: ClassVar[Text | str] = text("payments.event.autopay_failed", "Autopay did not go through")
    amount: Money
    day: str
    reason: str
