"""The conformance suite of payment gateways: the promises of `PaymentGateway`, told as stories. A gateway's own tests subclass
`GatewayConformance` and give it two fixtures: the adapter and a driver that plays the provider's side of each story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from uuid import uuid4

import pytest

from lkportal.modules.payments.contract import (
    Forged,
    GatewayPayment,
    GatewayUnavailable,
    PaymentGateway,
    PaymentIntent,
    ReceiptContact,
    ReceiptLine,
    RefundIntent,
    Rejected,
)

Operation = Literal["create", "fetch", "capture", "cancel", "refund"]


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as it reaches the portal."""

    body: bytes
    peer_ip: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ProviderDriver(Protocol):
    """The provider's side: a sandbox or a fake that the suite can move. Amounts are minor units."""

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
        """Tell how many payments the provider holds for our public id."""
        ...

    def given_back(self, public_id: str) -> int:
        """Tell how much the provider refunded for our public id."""
        ...

    def callbacks(self, provider_id: str) -> list[Callback]:
        """Return the genuine callbacks about a payment so far."""
        ...

    def forgeries(self, callback: Callback) -> list[Callback]:
        """Return callbacks made from a genuine one that the adapter must refuse."""
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


def refund_of(payment: GatewayPayment, amount: int) -> RefundIntent:
    """Return an intent to give back `amount` of `payment`, with a fresh key and a receipt of one line."""
    contact = ReceiptContact(email="anna@example.org")
    line = ReceiptLine("Холодная вода", amount)
    return RefundIntent(payment.provider_id, amount, payment.currency, str(uuid4()), contact=contact, receipt=(line,))


class GatewayConformance:
    """Subclass it in a gateway's tests and override the two fixtures."""

    @pytest.fixture
    def provider(self) -> ProviderDriver:
        """The driver of the provider the gateway talks to."""
        raise pytest.UsageError("override the fixture `provider`")

    @pytest.fixture
    def gateway(self, provider: ProviderDriver) -> PaymentGateway:
        """The adapter under test."""
        raise pytest.UsageError("override the fixture `gateway`")

    def test_a_payment_is_made_and_the_payer_is_sent_to_pay(self, gateway: PaymentGateway) -> None:
        wish = intent()
        created = gateway.create(wish)
        payment = created.payment
        assert (payment.status, payment.paid, payment.amount, payment.currency) == ("pending", False, 245_050, "RUB")
        assert payment.metadata["payment_id"] == wish.public_id
        assert created.next_step.kind == "redirect"
        assert any(created.next_step.value.startswith(origin + "/") for origin in gateway.origins)

    def test_the_same_key_makes_one_payment(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent()
        first, second = gateway.create(wish), gateway.create(wish)
        assert first == second
        assert provider.count(wish.public_id) == 1

    def test_the_same_key_for_another_amount_is_rejected(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        wish = intent(100)
        gateway.create(wish)
        with pytest.raises(Rejected):
            gateway.create(intent(200, public_id=wish.public_id, idempotency_key=wish.idempotency_key))
        assert provider.count(wish.public_id) == 1

    def test_a_paid_payment_is_succeeded(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        paid = gateway.fetch(made.provider_id)
        assert (paid.status, paid.paid, paid.amount, paid.refunded) == ("succeeded", True, 245_050, 0)
        assert len(paid.last4) == 4

    def test_a_declined_payment_tells_why(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        reason = provider.decline(made.provider_id)
        refused = gateway.fetch(made.provider_id)
        assert (refused.status, refused.paid, refused.reason) == ("canceled", False, reason)

    @pytest.mark.parametrize("trouble", ["lose_answer", "fail_after", "talk_nonsense"])
    def test_an_unknown_outcome_repeated_with_the_same_key_is_one_payment(
        self, gateway: PaymentGateway, provider: ProviderDriver, trouble: str
    ) -> None:
        wish = intent()
        getattr(provider, trouble)("create")
        with pytest.raises(GatewayUnavailable):
            gateway.create(wish)
        payment = gateway.create(wish).payment
        assert payment.metadata["payment_id"] == wish.public_id
        assert provider.count(wish.public_id) == 1

    def test_a_payment_whose_answer_was_lost_is_found_by_its_time(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        wish = intent()
        provider.fail_after("create")
        with pytest.raises(GatewayUnavailable):
            gateway.create(wish)
        now = datetime.now(UTC)
        near = gateway.created_between(now - timedelta(minutes=5), now + timedelta(minutes=5))
        assert [p.amount for p in near if p.metadata.get("payment_id") == wish.public_id] == [245_050]
        assert not list(gateway.created_between(now + timedelta(hours=1), now + timedelta(hours=2)))

    def test_a_busy_provider_says_when_to_come_back(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent()
        provider.be_busy("create", 7)
        with pytest.raises(GatewayUnavailable) as caught:
            gateway.create(wish)
        assert caught.value.retry_after == 7
        assert provider.count(wish.public_id) == 0
        assert gateway.create(wish).payment.status == "pending"

    def test_refunds_in_parts_and_whole(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent(1_000)
        made = gateway.create(wish).payment
        provider.pay(made.provider_id)
        part = gateway.refund(refund_of(made, 300))
        assert (part.status, part.amount, part.provider_payment_id) == ("succeeded", 300, made.provider_id)
        assert gateway.fetch_refund(part.provider_id) == part
        half = gateway.fetch(made.provider_id)
        assert (half.status, half.refunded) == ("refunded_part", 300)
        with pytest.raises(Rejected):
            gateway.refund(refund_of(made, 701))
        gateway.refund(refund_of(made, 700))
        whole = gateway.fetch(made.provider_id)
        assert (whole.status, whole.refunded, provider.given_back(wish.public_id)) == ("refunded", 1_000, 1_000)

    def test_a_refund_whose_answer_was_lost_is_given_once(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        wish = intent(1_000)
        made = gateway.create(wish).payment
        provider.pay(made.provider_id)
        back = refund_of(made, 400)
        provider.fail_after("refund")
        with pytest.raises(GatewayUnavailable):
            gateway.refund(back)
        assert gateway.refund(back).amount == 400
        assert provider.given_back(wish.public_id) == 400

    def test_an_unpaid_payment_cannot_be_refunded(self, gateway: PaymentGateway) -> None:
        made = gateway.create(intent(1_000)).payment
        with pytest.raises(Rejected):
            gateway.refund(refund_of(made, 1_000))

    def test_held_money_is_taken_in_part_or_released(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        taken, released = (gateway.create(intent(1_000, hold=True)).payment for _ in range(2))
        for payment in (taken, released):
            provider.pay(payment.provider_id)
            held = gateway.fetch(payment.provider_id)
            assert (held.status, held.paid) == ("authorized", True)
            assert held.expires_at is not None
        assert gateway.capture(taken.provider_id, 600, "RUB", str(uuid4())).amount == 600
        assert gateway.fetch(taken.provider_id).status == "succeeded"
        assert gateway.cancel(released.provider_id, str(uuid4())).status == "canceled"
        assert gateway.fetch(released.provider_id).status == "canceled"

    def test_a_genuine_callback_points_at_the_payment(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        calls = provider.callbacks(made.provider_id)
        assert calls
        for call in calls:
            hints = gateway.parse_callback(call.body, call.headers, call.peer_ip)
            assert [hint.provider_id for hint in hints] == [made.provider_id]
            assert gateway.callback_answer(hints).status == 200

    def test_forged_callbacks_are_refused(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        forgeries = [forged for call in provider.callbacks(made.provider_id) for forged in provider.forgeries(call)]
        assert forgeries
        for forged in forgeries:
            with pytest.raises(Forged):
                gateway.parse_callback(forged.body, forged.headers, forged.peer_ip)

    def test_a_stranger_is_not_found(self, gateway: PaymentGateway) -> None:
        with pytest.raises(Rejected):
            gateway.fetch(str(uuid4()))

    @pytest.mark.parametrize("amount", [0, -1])
    def test_only_an_amount_above_zero_is_asked_for(self, gateway: PaymentGateway, amount: int) -> None:
        with pytest.raises(Rejected):
            gateway.create(intent(amount))

    def test_an_error_tells_the_payer_in_words(self, gateway: PaymentGateway) -> None:
        with pytest.raises(Rejected) as caught:
            gateway.create(intent(0))
        assert "money" in str(caught.value.message)
