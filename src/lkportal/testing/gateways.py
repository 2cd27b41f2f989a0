"""The conformance suite of payment gateways: the promises of `PaymentGateway`, told as stories. A gateway's own tests subclass
`GatewayConformance` and give it three fixtures: the adapter, the same with a wrong key, and a driver that plays the provider's
side of each story. `providers.purse` is the smallest provider and gateway that keep all of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from lkportal.modules.payments.contract import (
    Declined,
    Forged,
    GatewayPayment,
    GatewayUnavailable,
    PaymentGateway,
    PaymentIntent,
    Rejected,
    SavedMethod,
)
from lkportal.testing.providers.abilities import near, offers
from lkportal.testing.providers.driver import (
    Callback,
    MethodKeeper,
    Operation,
    ProviderDriver,
    intent,
    refund_of,
    saving,
)

__all__ = [
    "Callback",
    "GatewayConformance",
    "MethodKeeper",
    "Operation",
    "ProviderDriver",
    "intent",
    "refund_of",
    "saving",
]


class GatewayConformance:
    """Subclass it in a gateway's tests and override the three fixtures. Where a gateway does not name the ability a story is about,
    the story is that asking for it says "not_able"."""

    @pytest.fixture
    def provider(self) -> ProviderDriver:
        """The driver of the provider the gateway talks to."""
        raise pytest.UsageError("override the fixture `provider`")

    @pytest.fixture
    def gateway(self, provider: ProviderDriver) -> PaymentGateway:
        """The adapter under test."""
        raise pytest.UsageError("override the fixture `gateway`")

    @pytest.fixture
    def locked_out(self, provider: ProviderDriver) -> PaymentGateway:
        """The same adapter with a wrong key."""
        raise pytest.UsageError("override the fixture `locked_out`")

    def test_a_payment_is_made_and_the_payer_is_sent_to_pay(self, gateway: PaymentGateway) -> None:
        wish = intent()
        created = gateway.create(wish)
        payment = created.payment
        assert (payment.status, payment.paid, payment.amount, payment.currency) == ("pending", False, 245_050, "RUB")
        assert "RUB" in gateway.currencies
        assert gateway.ways
        _is_ours(payment, wish)
        _is_ours(gateway.fetch(payment.provider_id), wish)
        assert created.next_step.kind == "redirect"
        assert any(created.next_step.value.startswith(origin + "/") for origin in gateway.origins)

    def test_the_same_key_makes_one_payment(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent()
        first, second = gateway.create(wish), gateway.create(wish)
        assert (first.payment.status, first.payment.amount) == (second.payment.status, second.payment.amount)
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
        made = gateway.create(intent(1_999)).payment
        provider.pay(made.provider_id)
        paid = gateway.fetch(made.provider_id)
        assert (paid.provider_id, paid.status, paid.paid) == (made.provider_id, "succeeded", True)
        assert (paid.amount, paid.currency, paid.refunded) == (1_999, "RUB", 0)

    def test_a_payment_that_ended_without_money_tells_why(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        made = gateway.create(intent()).payment
        reason = provider.decline(made.provider_id)
        refused = gateway.fetch(made.provider_id)
        assert (refused.status, refused.paid, refused.reason) == ("canceled", False, reason)

    def test_an_unknown_outcome_repeated_with_the_same_key_is_one_payment(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        for trouble in (provider.lose_answer, provider.fail_after, provider.talk_nonsense):
            wish = intent()
            trouble("create")
            with pytest.raises(GatewayUnavailable):
                gateway.create(wish)
            _is_ours(gateway.create(wish).payment, wish)
            assert provider.count(wish.public_id) == 1

    def test_silence_about_a_paid_payment_is_no_refusal(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        provider.fail_after("fetch")
        with pytest.raises(GatewayUnavailable):
            gateway.fetch(made.provider_id)
        assert gateway.fetch(made.provider_id).status == "succeeded"

    def test_a_payment_whose_answer_was_lost_is_found_by_our_key(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        wish = intent()
        provider.fail_after("create")
        with pytest.raises(GatewayUnavailable):
            gateway.create(wish)
        since, until = near()
        found = gateway.find(wish.idempotency_key, since, until)
        assert found is not None
        assert found.amount == 245_050
        _is_ours(found, wish)
        assert gateway.find(str(uuid4()), since, until) is None

    def test_payments_are_listed_by_their_time(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "list"):
            return
        wish, (since, until) = intent(), near()
        gateway.create(wish)
        listed = gateway.created_between(since, until)
        assert [each.amount for each in listed if each.metadata.get("attempt") == wish.idempotency_key] == [245_050]
        assert not list(gateway.created_between(until + timedelta(hours=1), until + timedelta(hours=2)))

    def test_a_busy_provider_says_when_to_come_back(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent()
        provider.be_busy("create", 7)
        with pytest.raises(GatewayUnavailable) as caught:
            gateway.create(wish)
        assert caught.value.retry_after == 7
        assert provider.count(wish.public_id) == 0
        assert gateway.create(wish).payment.status == "pending"

    def test_what_the_provider_tells_is_told_on(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        """Another amount or currency than we asked for must reach those who compare; an adapter that repeats what was asked for
        would credit money that nobody has."""
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        provider.retell(made.provider_id, amount=100)
        assert gateway.fetch(made.provider_id).amount == 100
        if provider.retell(made.provider_id, currency="USD"):
            assert gateway.fetch(made.provider_id).currency == "USD"
        else:  # who tells none can mean but one
            assert gateway.currencies == {gateway.fetch(made.provider_id).currency}

    def test_a_state_without_a_word_is_unknown(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.retell(made.provider_id, state="frobnicated")
        assert gateway.fetch(made.provider_id).status == "unknown"

    def test_the_whole_is_given_back_once(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "refund"):
            return
        wish = intent(1_000)
        made = gateway.create(wish).payment
        provider.pay(made.provider_id)
        with pytest.raises(Rejected):
            gateway.refund(refund_of(made, 1_001))
        back = refund_of(made, 1_000)
        provider.fail_after("refund")
        with pytest.raises(GatewayUnavailable):
            gateway.refund(back)
        given = gateway.refund(back)
        assert (given.status, given.amount, given.currency) == ("succeeded", 1_000, "RUB")
        assert given.provider_payment_id == made.provider_id
        assert gateway.fetch_refund(given.provider_id) == given
        whole = gateway.fetch(made.provider_id)
        assert (whole.status, whole.refunded, provider.given_back(wish.public_id)) == ("refunded", 1_000, 1_000)

    def test_a_part_is_given_back(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "refund_part"):
            return
        wish = intent(1_000)
        made = gateway.create(wish).payment
        provider.pay(made.provider_id)
        back = refund_of(made, 300)
        provider.fail_after("refund")
        with pytest.raises(GatewayUnavailable):
            gateway.refund(back)
        part = gateway.refund(back)
        assert (part.status, part.amount, part.provider_payment_id) == ("succeeded", 300, made.provider_id)
        half = gateway.fetch(made.provider_id)
        assert (half.status, half.refunded, half.amount) == ("refunded_part", 300, 1_000)
        with pytest.raises(Rejected):
            gateway.refund(refund_of(made, 701))
        gateway.refund(refund_of(made, 700))
        whole = gateway.fetch(made.provider_id)
        assert (whole.status, whole.refunded, provider.given_back(wish.public_id)) == ("refunded", 1_000, 1_000)

    def test_an_unpaid_payment_cannot_be_refunded(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "refund"):
            return
        made = gateway.create(intent(1_000)).payment
        with pytest.raises(Rejected):
            gateway.refund(refund_of(made, 1_000))

    def test_held_money_is_taken_in_part(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "hold"):
            return
        made = gateway.create(intent(1_000, hold=True)).payment
        with pytest.raises(Rejected):
            gateway.capture(made.provider_id, 600, "RUB", str(uuid4()))
        provider.pay(made.provider_id)
        held = gateway.fetch(made.provider_id)
        assert (held.status, held.paid) == ("authorized", True)
        key = str(uuid4())
        provider.fail_after("capture")
        with pytest.raises(GatewayUnavailable):
            gateway.capture(made.provider_id, 600, "RUB", key)
        assert gateway.capture(made.provider_id, 600, "RUB", key).amount == 600
        taken = gateway.fetch(made.provider_id)
        assert (taken.status, taken.amount) == ("succeeded", 600)

    def test_held_money_is_released(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "hold"):
            return
        made = gateway.create(intent(1_000, hold=True)).payment
        provider.pay(made.provider_id)
        assert gateway.cancel(made.provider_id, str(uuid4())).status == "canceled"
        released = gateway.fetch(made.provider_id)
        assert (released.status, released.paid) == ("canceled", False)
        with pytest.raises(Rejected):  # too late
            gateway.capture(made.provider_id, 1_000, "RUB", str(uuid4()))

    def test_a_method_is_saved_and_charged_once_for_a_key(
        self, gateway: PaymentGateway, provider: ProviderDriver
    ) -> None:
        if not offers(gateway, provider, "save"):
            return
        method = _saved(gateway, provider)
        wish = intent(500, method=method.token, payer="customer-77")
        provider.fail_after("create")
        with pytest.raises(GatewayUnavailable):
            gateway.charge_saved(wish)
        charged = gateway.charge_saved(wish).payment
        _is_ours(charged, wish)
        assert (charged.status, charged.paid, charged.amount) == ("succeeded", True, 500)
        assert gateway.fetch(charged.provider_id).status == "succeeded"
        assert provider.count(wish.public_id) == 1

    def test_without_the_wish_nothing_is_saved(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        assert gateway.fetch(made.provider_id).saved is None

    def test_a_saved_method_may_be_refused(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        if not offers(gateway, provider, "save"):
            return
        assert isinstance(provider, MethodKeeper)
        method = _saved(gateway, provider)
        reason = provider.turn_saved(method.token, "no_money")
        with pytest.raises(Declined) as caught:
            gateway.charge_saved(intent(500, method=method.token, payer="customer-77"))
        assert caught.value.reason == reason != "method_revoked"
        assert not caught.value.payment.paid
        provider.turn_saved(method.token, "revoked")
        with pytest.raises(Declined) as caught:
            gateway.charge_saved(intent(500, method=method.token, payer="customer-77"))
        assert caught.value.reason == "method_revoked"
        gateway.forget(method.token)
        gateway.forget(method.token)

    def test_a_genuine_callback_points_at_the_payment(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent()
        made = gateway.create(wish).payment
        provider.pay(made.provider_id)
        calls = provider.callbacks(made.provider_id)
        assert calls
        for call in [*calls, *reversed(calls)]:  # doubled, and in the wrong order
            hints = gateway.parse_callback(call.body, call.headers, call.peer_ip)
            assert hints
            for hint in hints:
                _is_ours(gateway.fetch(hint.provider_id), wish)
            assert gateway.callback_answer(hints).status == 200

    def test_a_callback_is_not_believed(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        provider.retell(made.provider_id, state="frobnicated")
        for call in provider.callbacks(made.provider_id):
            gateway.parse_callback(call.body, call.headers, call.peer_ip)
        assert gateway.fetch(made.provider_id).status == "unknown"

    def test_forged_callbacks_are_refused(self, gateway: PaymentGateway, provider: ProviderDriver) -> None:
        made = gateway.create(intent()).payment
        provider.pay(made.provider_id)
        forgeries = [forged for call in provider.callbacks(made.provider_id) for forged in provider.forgeries(call)]
        assert forgeries
        for forged in forgeries:
            with pytest.raises(Forged):
                gateway.parse_callback(forged.body, forged.headers, forged.peer_ip)

    def test_a_wrong_key_is_a_refusal(self, locked_out: PaymentGateway, provider: ProviderDriver) -> None:
        wish = intent()
        with pytest.raises(Rejected):
            locked_out.create(wish)
        with pytest.raises(Rejected):
            locked_out.fetch(str(uuid4()))
        assert provider.count(wish.public_id) == 0

    def test_secrets_stay_secret(
        self, gateway: PaymentGateway, locked_out: PaymentGateway, provider: ProviderDriver
    ) -> None:
        with _logged() as said:
            made = gateway.create(saving() if "save" in gateway.abilities else intent())
            provider.pay(made.payment.provider_id)
            paid = gateway.fetch(made.payment.provider_id)
            said += [repr(gateway), repr(made), repr(paid)]
            for call in (
                lambda: locked_out.create(intent()),
                lambda: gateway.fetch("nobody"),
                _troubled(gateway, provider),
            ):
                try:
                    call()
                except Exception as error:  # noqa: BLE001 - whatever it is, it is read by somebody
                    said += [str(error), repr(error)]
        token = (paid.saved.token,) if paid.saved else ()
        for secret in (*provider.secrets, *token):
            assert not [words for words in said if secret in words], "a secret is told"

    def test_a_stranger_is_not_found(self, gateway: PaymentGateway) -> None:
        with pytest.raises(Rejected):
            gateway.fetch(str(uuid4()))

    def test_only_an_amount_above_zero_is_asked_for(self, gateway: PaymentGateway) -> None:
        for amount in (0, -1):
            with pytest.raises(Rejected) as caught:
                gateway.create(intent(amount))
            assert "money" in str(caught.value.message)

    def test_a_currency_it_does_not_take_is_refused(self, gateway: PaymentGateway) -> None:
        with pytest.raises(Rejected):
            gateway.create(intent(currency="XXX"))


def _is_ours(payment: GatewayPayment, wish: PaymentIntent) -> None:
    assert payment.metadata.get("attempt") == wish.idempotency_key
    assert payment.metadata.get("payment_id", wish.public_id) == wish.public_id


def _saved(gateway: PaymentGateway, provider: ProviderDriver) -> SavedMethod:
    made = gateway.create(saving(100)).payment
    provider.pay(made.provider_id)
    saved = gateway.fetch(made.provider_id).saved
    assert saved is not None
    assert saved.title
    return saved


def _troubled(gateway: PaymentGateway, provider: ProviderDriver) -> Callable[[], object]:
    def call() -> object:
        provider.fail_after("create")
        return gateway.create(intent())

    return call


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Collect every line logged meanwhile, at the finest level."""
    said: list[str] = []
    listener, root = logging.Handler(), logging.getLogger()
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
