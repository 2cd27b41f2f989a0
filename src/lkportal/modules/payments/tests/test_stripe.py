"""The Stripe adapter: the contract against a fake in memory, and its protocol against `localstripe`, another's server of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest
from pydantic import SecretStr

from lkportal.core import foreign
from lkportal.modules.payments.contract import Declined, Forged, ReceiptLine, Rejected
from lkportal.modules.payments.gateways.stripe import Stripe
from lkportal.testing.gateways import GatewayConformance, intent, refund_of
from lkportal.testing.providers.fake import served
from lkportal.testing.providers.stripe import HOOK_SECRET, KEY, FakeStripe


def _stripe(provider: FakeStripe, **changes: object) -> Stripe:
    return Stripe(provider.settings(**changes), provider.client(), lambda: datetime.now(UTC))


class TestStripeKeepsTheContract(GatewayConformance):
    @pytest.fixture
    def provider(self) -> FakeStripe:
        return FakeStripe()

    @pytest.fixture
    def gateway(self, provider: FakeStripe) -> Stripe:
        return _stripe(provider)

    @pytest.fixture
    def locked_out(self, provider: FakeStripe) -> Stripe:
        return _stripe(provider, secret_key=SecretStr("sk_test_wrong"))


def test_lines_of_a_receipt_are_lines_of_the_page() -> None:
    provider = FakeStripe()
    lines = (ReceiptLine("Cold water", 700), ReceiptLine("Sewerage", 300))
    made = _stripe(provider).create(intent(1_000, receipt=lines)).payment
    wish = provider.sessions[made.provider_id]["wish"]
    assert made.amount == 1_000
    assert wish["line_items[1][price_data][product_data][name]"] == "Sewerage"


def test_an_intent_of_the_page_is_that_page_s_payment() -> None:
    provider = FakeStripe()
    gateway = _stripe(provider)
    made = gateway.create(intent()).payment
    provider.pay(made.provider_id)
    (name,) = provider.intents
    assert gateway.fetch(name) == gateway.fetch(made.provider_id)
    assert gateway.fetch(name).provider_id == made.provider_id


@pytest.mark.parametrize("crooked", ["../me", "cs_a/b", "", "pi_a?b", "pi_" + "a" * 300])
def test_an_id_never_changes_the_address_called(crooked: str) -> None:
    with pytest.raises(Rejected):
        _stripe(FakeStripe()).fetch(crooked)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of Stripe's protocol that is not ours, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    folder = tmp_path_factory.mktemp("localstripe")
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _await(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def test_another_s_server_of_the_protocol_understands_us(local: str) -> None:
    with httpx2.Client(base_url=local, auth=(KEY, ""), trust_env=False, timeout=20) as stripe:
        token = _kept_card(stripe, "4242424242424242")
        with foreign.client(timeout=20) as client:
            settings = FakeStripe().settings(base_url=local)
            gateway = Stripe(settings, client, lambda: datetime.now(UTC))
            wish = intent(1_000, currency="EUR", method=token)
            charged = gateway.charge_saved(wish).payment
            assert (charged.status, charged.amount, charged.currency) == ("succeeded", 1_000, "EUR")
            assert charged.metadata["attempt"] == wish.idempotency_key

            part = gateway.refund(refund_of(charged, 300))
            assert (part.status, part.amount, part.provider_payment_id) == ("succeeded", 300, charged.provider_id)
            assert gateway.fetch(charged.provider_id).refunded == 300

            held = gateway.charge_saved(intent(500, currency="EUR", method=token, hold=True)).payment
            assert held.status == "authorized"
            assert gateway.cancel(held.provider_id, "release-1").status == "canceled"

            with pytest.raises((Declined, Rejected)):  # the real one shows the payment that failed, this one does not
                broken = _kept_card(stripe, "4000000000000341")
                gateway.charge_saved(intent(100, currency="EUR", method=broken))
            with pytest.raises(Rejected):
                gateway.fetch("pi_nobody")


def test_an_event_signed_by_another_s_server_is_taken(local: str) -> None:
    with (
        httpx2.Client(base_url=local, auth=(KEY, ""), trust_env=False, timeout=20) as stripe,
        foreign.client(timeout=20) as client,
    ):
        heard: list[httpx2.Request] = []

        def listen(request: httpx2.Request) -> httpx2.Response:
            heard.append(request)
            return httpx2.Response(200)

        with served(listen) as address:
            hook = {"url": f"{address}/hook", "secret": HOOK_SECRET, "events[]": "payment_intent.succeeded"}
            stripe.post("/_config/webhooks/lk", data=hook).raise_for_status()
            gateway = Stripe(FakeStripe().settings(base_url=local), client, lambda: datetime.now(UTC))
            token = _kept_card(stripe, "4242424242424242")
            charged = gateway.charge_saved(intent(700, currency="EUR", method=token)).payment
            deadline = time.monotonic() + 20
            told = set[str]()  # of earlier payments too: the server tells of each after a while
            while charged.provider_id not in told and time.monotonic() < deadline:
                time.sleep(0.05)
                hints = [gateway.parse_callback(each.content, each.headers, "127.0.0.1") for each in heard]
                told = {hint.provider_id for each in hints for hint in each}
            assert charged.provider_id in told
            with pytest.raises(Forged):
                gateway.parse_callback(heard[0].content + b" ", heard[0].headers, "127.0.0.1")


def _kept_card(stripe: httpx2.Client, number: str) -> str:
    customer = stripe.post("/v1/customers", data={"description": "payer"}).json()["id"]
    card = {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": "8",
        "card[exp_year]": "2031",
        "card[cvc]": "123",
    }
    method = stripe.post("/v1/payment_methods", data=card).json()["id"]
    stripe.post(f"/v1/payment_methods/{method}/attach", data={"customer": customer}).raise_for_status()
    return f"{customer}/{method}"


def _await(address: str) -> None:
    deadline = time.monotonic() + 60
    with httpx2.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < deadline:
            try:
                client.get(f"{address}/v1/customers", auth=(KEY, "")).raise_for_status()
            except httpx2.HTTPError:
                time.sleep(0.1)
            else:
                return
    raise AssertionError("localstripe does not answer")
