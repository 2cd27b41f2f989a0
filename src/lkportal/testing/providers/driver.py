"""What the conformance suite asks of a provider's side, and the intents its stories begin with. Stories stand in `testing.gateways`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable
from uuid import uuid4

from lkportal.modules.payments.contract import GatewayPayment, PaymentIntent, ReceiptContact, ReceiptLine, RefundIntent

Operation = Literal["create", "fetch", "capture", "cancel", "refund"]


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as it reaches the portal."""

    body: bytes
    peer_ip: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ProviderDriver(Protocol):
    """The provider's side: a sandbox or a fake that the suite can move. Amounts are minor units."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The words that nobody may find in a log line, an error or a printed object."""
        ...

    def pay(self, provider_id: str) -> None:
        """The payer pays, successfully."""
        ...

    def decline(self, provider_id: str) -> str:
        """The payer tries a card that is refused; return the reason the adapter should tell."""
        ...

    def lose_answer(self, operation: Operation) -> None:
        """The next call does its work, but its answer never arrives in time."""
        ...

    def fail_after(self, operation: Operation) -> None:
        """The next call does its work and answers with a server's error."""
        ...

    def talk_nonsense(self, operation: Operation) -> None:
        """The next call does its work and answers with garbage."""
        ...

    def be_busy(self, operation: Operation, seconds: int) -> None:
        """The next call does nothing and asks to come back in `seconds`."""
        ...

    def count(self, public_id: str) -> int:
        """Tell how many payments for our public id somebody has paid or could still pay."""
        ...

    def given_back(self, public_id: str) -> int:
        """Tell how much the provider refunded for our public id."""
        ...

    def retell(self, provider_id: str, *, amount: int = 0, currency: str = "", state: str = "") -> bool:
        """From now on tell of a payment with another amount, currency, or a state that nobody has heard of.

        False when this provider has no word for what was to be told: a bank of one country names no currency.
        """
        ...

    def callbacks(self, provider_id: str) -> list[Callback]:
        """Return the genuine callbacks about a payment so far."""
        ...

    def forgeries(self, callback: Callback) -> list[Callback]:
        """Return callbacks made from a genuine one that the adapter must refuse."""
        ...


@runtime_checkable
class MethodKeeper(Protocol):
    """The side of a provider that keeps methods for later charges: the driver of a gateway that names "save"."""

    def turn_saved(self, token: str, reason: str) -> str:
        """Let the bank refuse a saved method from now on: "no_money", or "revoked" for ever; return the reason told."""
        ...


def intent(amount: int = 245_050, **changes: object) -> PaymentIntent:
    """Return an intent with a fresh public id and key, a receipt of one line, and `changes`."""
    made = PaymentIntent(
        public_id=uuid4().hex[:16],
        amount=amount,
        currency="RUB",
        description="Водоснабжение за октябрь 2026",
        return_url="http://127.0.0.1/pay/return",
        idempotency_key=str(uuid4()),
        contact=ReceiptContact(email="anna@example.org"),
        receipt=(ReceiptLine("Холодная вода", amount),),
        metadata={"account": "1234567890"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def saving(amount: int = 245_050, **changes: object) -> PaymentIntent:
    """Return an intent that asks to keep the method."""
    return intent(amount, save=True, payer="customer-77", **changes)


def refund_of(payment: GatewayPayment, amount: int) -> RefundIntent:
    """Return an intent to give back `amount` of `payment`, with a fresh key and a receipt of one line."""
    contact = ReceiptContact(email="anna@example.org")
    line = ReceiptLine("Холодная вода", amount)
    return RefundIntent(payment.provider_id, amount, payment.currency, str(uuid4()), contact=contact, receipt=(line,))
