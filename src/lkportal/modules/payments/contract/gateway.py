"""The contract of a payment gateway: one Protocol, implemented in payments/gateways and by plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from lkportal.modules.payments.contract.told import CallbackAnswer, Created, GatewayPayment, GatewayRefund, Hint, Way
from lkportal.modules.payments.contract.wishes import PaymentIntent, RefundIntent

Ability = Literal["hold", "refund", "refund_part", "save", "list", "receipt", "qr"]
"""What not every provider can: hold money, give back (a part), save a method, list payments by time, make receipts, show a QR."""


class PaymentGateway(Protocol):
    """A payment provider behind one face. Every method that calls out is used outside a unit of work, within a time limit.

    Each may raise `GatewayUnavailable` (unknown, ask again with the same key) and `Rejected` (nothing happened).
    """

    @property
    def name(self) -> str:
        """The stable word in settings, URLs and rows: "yookassa"."""
        ...

    @property
    def title(self) -> str:
        """What the payer reads, a proper name: "ЮKassa"."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins a form of ours may lead to: they join `form-action` of the page that starts a payment."""
        ...

    @property
    def ways(self) -> frozenset[Way]:
        """By what payers pay on its page."""
        ...

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies it takes (ISO 4217)."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can beside taking payments; a method whose ability is not named raises `Rejected("not_able")`."""
        ...

    def create(self, intent: PaymentIntent) -> Created:
        """Ask for a payment. Raises `Declined` when the provider says no at once. The same key never makes a second one."""
        ...

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Return the payment as the provider knows it now: the only thing that is believed."""
        ...

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Return the payment an attempt of [since, until) made, by our key, or None: its answer may never have reached us."""
        ...

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """Yield the payments made in [since, until), for reconciliation ("list")."""
        ...

    def charge_saved(self, intent: PaymentIntent) -> Created:
        """Take money by the saved method `intent.method`, without the payer ("save"). Like `create`: once for a key.

        Raises `Declined` when the bank says no; reason "method_revoked" says that this method will never work again.
        """
        ...

    def forget(self, token: str) -> None:
        """Let the provider forget a saved method ("save"). One it does not know is forgotten already."""
        ...

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        """Take held money, the whole or less; the rest is released."""
        ...

    def cancel(self, provider_id: str, idempotency_key: str) -> GatewayPayment:
        """Release held money."""
        ...

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give money back. The same key never gives it twice."""
        ...

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Return a refund as the provider knows it now."""
        ...

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> Sequence[Hint]:
        """Return what to look at. Calls nobody. Raises `Forged` when the sender is not the provider or the body makes no sense.

        `peer_ip` is the sender's address as the edge established it (from trusted proxies only).
        """
        ...

    def callback_answer(self, hints: Sequence[Hint]) -> CallbackAnswer:
        """Return the answer that tells the provider these hints have been dealt with."""
        ...
