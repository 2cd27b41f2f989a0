"""The conformance suite itself: the smallest honest gateway keeps every promise, and each of these dishonest ones is caught."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from lkportal.modules.payments.contract import (
    Created,
    Declined,
    GatewayPayment,
    GatewayRefund,
    GatewayUnavailable,
    Hint,
    NextStep,
    PaymentIntent,
    RefundIntent,
    Rejected,
)
from lkportal.testing.gateways import GatewayConformance
from lkportal.testing.providers.purse import Purse, PurseGateway


class TestTheSmallestGatewayKeepsTheContract(GatewayConformance):
    @pytest.fixture
    def provider(self) -> Purse:
        return Purse()

    @pytest.fixture
    def gateway(self, provider: Purse) -> PurseGateway:
        return PurseGateway(provider)

    @pytest.fixture
    def locked_out(self, provider: Purse) -> PurseGateway:
        return PurseGateway(provider, "a-wrong-key")


class PaysTwice(PurseGateway):
    """A retry makes another payment."""

    def create(self, intent: PaymentIntent) -> Created:
        return super().create(_other_key(intent))


class ChargesTwice(PurseGateway):
    """A retry takes the money again."""

    def charge_saved(self, intent: PaymentIntent) -> Created:
        return super().charge_saved(_other_key(intent))


class RefundsTwice(PurseGateway):
    """A retry gives the money back again."""

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        return super().refund(replace(intent, idempotency_key=str(uuid4())))


class TakesSilenceForNo(PurseGateway):
    """No answer is told as a refusal: the payer pays again."""

    def _ask(self, operation: str, key: str = "", **wish: Any) -> dict[str, Any]:
        try:
            return super()._ask(operation, key, **wish)
        except GatewayUnavailable as silence:
            raise Rejected("timeout") from silence


class RepeatsWhatWasAsked(PurseGateway):
    """The amount asked for is told, whatever was paid."""

    def __init__(self, provider: Purse, secret: str = "") -> None:
        super().__init__(provider, secret)
        self.asked: dict[str, int] = {}

    def create(self, intent: PaymentIntent) -> Created:
        made = super().create(intent)
        self.asked[made.payment.provider_id] = intent.amount
        return made

    def fetch(self, provider_id: str) -> GatewayPayment:
        return replace(super().fetch(provider_id), amount=self.asked.get(provider_id, 0))


class TakesEverythingForRoubles(PurseGateway):
    """A currency is made up."""

    def _payment(self, told: Mapping[str, Any]) -> GatewayPayment:
        return replace(super()._payment(told), currency="RUB")


class CountsInWholeRoubles(PurseGateway):
    """Kopecks are lost on the way."""

    def create(self, intent: PaymentIntent) -> Created:
        return super().create(replace(intent, amount=intent.amount // 100 * 100))


class BelievesAnybody(PurseGateway):
    """A callback's signature is not looked at."""

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> list[Hint]:
        return [Hint(body.decode(), "payment.changed")]


class BelievesTheCallback(PurseGateway):
    """What a callback is about is taken for paid, and the provider is not asked."""

    def __init__(self, provider: Purse, secret: str = "") -> None:
        super().__init__(provider, secret)
        self.paid: set[str] = set()

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> list[Hint]:
        hints = super().parse_callback(body, headers, peer_ip)
        self.paid |= {hint.provider_id for hint in hints}
        return hints

    def fetch(self, provider_id: str) -> GatewayPayment:
        known = super().fetch(provider_id)
        return replace(known, status="succeeded", paid=True) if provider_id in self.paid else known


class TakesTheUnheardOfForAnEnd(PurseGateway):
    """A state it has no word for is told as cancelled."""

    def _payment(self, told: Mapping[str, Any]) -> GatewayPayment:
        known = super()._payment(told)
        return replace(known, status="canceled") if known.status == "unknown" else known


class LosesOurKey(PurseGateway):
    """A payment cannot be told from another."""

    def _payment(self, told: Mapping[str, Any]) -> GatewayPayment:
        return replace(super()._payment(told), metadata={})


class FindsTheNewest(PurseGateway):
    """Whoever's payment is the newest is told as found."""

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        return next(iter(reversed(list(self.created_between(since, until)))), None)


class TakesAllThatWasHeld(PurseGateway):
    """A part was to be captured, the whole is."""

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        return super().capture(provider_id, self.fetch(provider_id).amount, currency, idempotency_key)


class HidesRefunds(PurseGateway):
    """What was given back is not told."""

    def _payment(self, told: Mapping[str, Any]) -> GatewayPayment:
        return super()._payment({**told, "back": 0})


class SendsPayersAnywhere(PurseGateway):
    """The payer is led where the page's policy does not let him."""

    def create(self, intent: PaymentIntent) -> Created:
        made = super().create(intent)
        return replace(made, next_step=NextStep("redirect", "https://elsewhere.example/pay"))


class TellsItsKey(PurseGateway):
    """The key stands in the log."""

    def _ask(self, operation: str, key: str = "", **wish: Any) -> dict[str, Any]:
        logging.getLogger("purse").debug("%s as %s", operation, self._secret)
        return super()._ask(operation, key, **wish)


class KeepsEveryMethod(PurseGateway):
    """Methods are kept of payers who never agreed."""

    def create(self, intent: PaymentIntent) -> Created:
        return super().create(replace(intent, save=True))


class ForgetsThatBanksRefuse(PurseGateway):
    """A refused charge of a saved method is told as made."""

    def charge_saved(self, intent: PaymentIntent) -> Created:
        try:
            return super().charge_saved(intent)
        except Declined as declined:
            return Created(declined.payment, NextStep())


class DoesMoreThanItSays(PurseGateway):
    """An ability it does not name is there all the same: those who switch it off by its name are deceived."""

    abilities = PurseGateway.abilities - {"refund_part"}


class ForgetsWhenToComeBack(PurseGateway):
    """A busy provider is asked again at once."""

    def _ask(self, operation: str, key: str = "", **wish: Any) -> dict[str, Any]:
        try:
            return super()._ask(operation, key, **wish)
        except GatewayUnavailable as silence:
            raise GatewayUnavailable(silence.detail) from silence


DISHONEST = [each for each in list(globals().values()) if isinstance(each, type) and each.__bases__ == (PurseGateway,)]


def test_there_are_more_than_a_dozen_of_them() -> None:
    assert len(DISHONEST) >= 12


@pytest.mark.parametrize("kind", DISHONEST, ids=lambda kind: kind.__name__)
def test_a_broken_gateway_is_caught(kind: type[PurseGateway]) -> None:
    assert list(_stories_that_fail(kind)), f"no story noticed: {kind.__doc__}"


def test_the_honest_one_passes_by_the_same_road() -> None:
    assert list(_stories_that_fail(PurseGateway)) == []


def _stories_that_fail(kind: type[PurseGateway]) -> Iterator[str]:
    suite = GatewayConformance()
    for name, story in inspect.getmembers(suite, inspect.ismethod):
        if not name.startswith("test_"):
            continue
        provider = Purse()
        parts = {"provider": provider, "gateway": kind(provider), "locked_out": kind(provider, "a-wrong-key")}
        try:
            story(**{each: parts[each] for each in inspect.signature(story).parameters})
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - a story that breaks has noticed
            yield name


def _other_key(intent: PaymentIntent) -> PaymentIntent:
    return replace(intent, idempotency_key=str(uuid4()))
