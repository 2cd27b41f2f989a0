"""The YooKassa adapter against the sandbox over HTTP, and its own limits: amounts, receipts, settings, sender networks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from lkportal.core import foreign
from lkportal.core.db import Database
from lkportal.core.money import decimal_string
from lkportal.modules.payments.contract import (
    Declined,
    Forged,
    GatewayUnavailable,
    ReceiptContact,
    ReceiptLine,
    Rejected,
)
from lkportal.modules.payments.gateways.settings import ReceiptSettings, YooKassaSettings
from lkportal.modules.payments.gateways.yookassa import YooKassa, to_minor
from lkportal.testing.gateways import GatewayConformance, intent, refund_of
from lkportal.testing.sandbox import SandboxDriver, sandbox_process


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxDriver]:
    with sandbox_process() as driver:
        yield driver


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with foreign.client(timeout=10) as opened:
        yield opened


class TestYooKassaKeepsTheContract(GatewayConformance):
    @pytest.fixture
    def provider(self, sandbox: SandboxDriver) -> SandboxDriver:
        return sandbox

    @pytest.fixture
    def gateway(self, provider: SandboxDriver, client: httpx2.Client) -> YooKassa:
        receipt = ReceiptSettings(vat_code=11, tax_system_code=1)
        return YooKassa(provider.settings(timeout=1.0, receipt=receipt), client)

    @pytest.fixture
    def locked_out(self, provider: SandboxDriver, client: httpx2.Client) -> YooKassa:
        return YooKassa(provider.settings(secret_key=SecretStr("test_wrong_one")), client)


@given(st.integers(min_value=1, max_value=10**9))
def test_amounts_go_there_and_back_exactly(amount: int) -> None:
    assert to_minor(decimal_string(amount)) == amount


@pytest.mark.parametrize("amount", [1, 9, 10, 99, 100, 101, 1_999_999, 10**9 - 1, 10**9])
def test_the_provider_is_asked_for_exactly_the_amount(
    sandbox: SandboxDriver, client: httpx2.Client, amount: int
) -> None:
    gateway = YooKassa(sandbox.settings(), client)
    made = gateway.create(intent(amount)).payment
    sandbox.pay(made.provider_id)
    assert gateway.fetch(made.provider_id).amount == amount


@pytest.mark.parametrize("value", [None, 5, 5.0, "", "5", "5.1", "5.123", "-5.00", "5,00", "1e3", "5.00 ", "٥.٠٠x", {}])
def test_what_is_not_an_amount_is_not_believed(value: object) -> None:
    with pytest.raises(GatewayUnavailable):
        to_minor(value)


def test_every_card_of_the_payment_page_ends_as_it_says(sandbox: SandboxDriver, client: httpx2.Client) -> None:
    gateway = YooKassa(sandbox.settings(), client)
    ends = {}
    for card in ("secure", "card_expired", "issuer_unavailable"):
        made = gateway.create(intent()).payment
        sandbox.pay(made.provider_id, card)
        told = gateway.fetch(made.provider_id)
        ends[card] = (told.status, told.reason)
    assert ends == {
        "secure": ("succeeded", ""),
        "card_expired": ("canceled", "card_expired"),
        "issuer_unavailable": ("canceled", "issuer_unavailable"),
    }
    made = gateway.create(intent()).payment
    sandbox.pay(made.provider_id, "secure", code="0000")
    assert gateway.fetch(made.provider_id).reason == "3d_secure_failed"


def test_a_declined_refund_tells_why(sandbox: SandboxDriver, client: httpx2.Client) -> None:
    gateway = YooKassa(sandbox.settings(), client)
    made = gateway.create(intent()).payment
    sandbox.pay(made.provider_id)
    sandbox.plan("refund", "declined")
    refused = gateway.refund(refund_of(made, 100))
    assert (refused.status, refused.reason) == ("canceled", "insufficient_funds")
    assert gateway.fetch(made.provider_id).refunded == 0


def test_a_qr_code_can_be_asked_for(sandbox: SandboxDriver, client: httpx2.Client) -> None:
    step = YooKassa(sandbox.settings(), client).create(intent(prefer="qr")).next_step
    assert step.kind == "qr"
    assert step.value


def test_wrong_credentials_are_told_to_the_log_not_to_the_payer(sandbox: SandboxDriver, client: httpx2.Client) -> None:
    gateway = YooKassa(sandbox.settings(secret_key="wrong"), client)
    with pytest.raises(Rejected) as caught:
        gateway.create(intent())
    assert caught.value.reason == "invalid_credentials"
    assert "secret" not in str(caught.value.message)


def test_a_provider_that_is_not_there_leaves_the_outcome_unknown(client: httpx2.Client) -> None:
    with pytest.raises(GatewayUnavailable):
        YooKassa(_settings(base_url="http://127.0.0.1:9/v3"), client).create(intent())


def test_a_call_inside_a_unit_of_work_is_refused_before_it_leaves(
    sandbox: SandboxDriver, client: httpx2.Client, tmp_path: Path
) -> None:
    gateway, wish = YooKassa(sandbox.settings(), client), intent()
    db = Database.connect(f"sqlite:///{tmp_path}/portal.db")
    with pytest.raises(foreign.ForeignCallInUnit), db.unit():
        gateway.create(wish)
    db.close()
    assert sandbox.count(wish.public_id) == 0


def test_a_202_means_ask_again(sandbox: SandboxDriver, client: httpx2.Client) -> None:
    gateway, wish = YooKassa(sandbox.settings(), client), intent()
    sandbox.plan("create", "processing")
    with pytest.raises(GatewayUnavailable) as caught:
        gateway.create(wish)
    assert caught.value.retry_after == 1.8
    assert gateway.create(wish).payment.status == "pending"
    assert sandbox.count(wish.public_id) == 1


def test_long_lists_come_page_by_page(
    sandbox: SandboxDriver, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lkportal.modules.payments.gateways.yookassa.PAGE", 2)
    gateway, start = YooKassa(sandbox.settings(), client), datetime.now(UTC)
    made = [gateway.create(intent()).payment.provider_id for _ in range(5)]
    told = [p.provider_id for p in gateway.created_between(start - timedelta(seconds=1), start + timedelta(minutes=1))]
    assert len(told) == len(set(told))
    assert told[:5] == made[::-1]


# What a real provider would hardly say: answers made by hand.


def _settings(**changes: Any) -> YooKassaSettings:
    return YooKassaSettings(**{"shop_id": "1", "secret_key": "k"} | changes)


def _answering(status: int, content: Any, **settings: Any) -> YooKassa:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status, json=content))
    return YooKassa(_settings(**settings), httpx2.Client(transport=transport))


def _payment(**changes: Any) -> dict[str, Any]:
    payment = {"id": "2d", "status": "pending", "paid": False, "amount": {"value": "2450.50", "currency": "RUB"}}
    return payment | changes


def test_an_attempt_cancelled_at_once_is_declined() -> None:
    details = {"party": "payment_network", "reason": "permission_revoked"}
    with pytest.raises(Declined) as caught:
        _answering(200, _payment(status="canceled", cancellation_details=details)).create(intent())
    assert caught.value.reason == "method_revoked"


@pytest.mark.parametrize(
    "content",
    [
        _payment(amount={"value": "1.00", "currency": "RUB"}),
        _payment(amount={"value": "2450.50", "currency": "USD"}),
        _payment(amount=None),
        _payment(id=""),
        _payment(created_at="yesterday"),
        [],
        {},
    ],
)
def test_an_answer_that_cannot_be_true_leaves_the_outcome_unknown(content: Any) -> None:
    with pytest.raises(GatewayUnavailable):
        _answering(200, content).create(intent())


@pytest.mark.parametrize("status", [301, 302, 400, 404, 408, 500, 502, 503, 504])
def test_a_proxy_that_answers_for_the_provider_decides_nothing(status: int) -> None:
    with pytest.raises(GatewayUnavailable):
        _answering(status, {"message": "from the middle"}).create(intent())


def test_a_status_without_a_word_here_is_unknown_not_failed() -> None:
    assert _answering(200, _payment(status="thinking")).fetch("2d").status == "unknown"


def test_another_payment_than_asked_for_is_not_believed() -> None:
    with pytest.raises(GatewayUnavailable):
        _answering(200, _payment(id="other")).fetch("2d")


def test_the_payer_is_sent_only_where_settings_say() -> None:
    confirmation = {"type": "redirect", "confirmation_url": "https://evil.example/pay"}
    with pytest.raises(Rejected, match=r"evil\.example"):
        _answering(200, _payment(confirmation=confirmation)).create(intent())


def test_an_answer_that_drips_is_cut_off() -> None:
    def dripping(request: httpx2.Request) -> httpx2.Response:
        def drops() -> Iterator[bytes]:
            for _ in range(50):
                time.sleep(0.05)
                yield b" "

        return httpx2.Response(200, content=drops())

    gateway = YooKassa(_settings(timeout=0.2), httpx2.Client(transport=httpx2.MockTransport(dripping)))
    began = time.monotonic()
    with pytest.raises(GatewayUnavailable):
        gateway.fetch("2d")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("crooked", ["../me", "a/b", "", "a?b", "a" * 65, "идентификатор"])
def test_an_id_never_changes_the_address_called(crooked: str) -> None:
    with pytest.raises(Rejected):
        _answering(200, _payment()).fetch(crooked)


@pytest.mark.parametrize("key", ["", "x" * 65, "ключ"])
def test_a_key_the_provider_would_not_take_is_refused_before_the_call(key: str) -> None:
    with pytest.raises(Rejected, match="Idempotence-Key"):
        _answering(200, _payment()).create(intent(idempotency_key=key))


def test_long_words_are_cut_and_long_metadata_is_refused(sandbox: SandboxDriver, client: httpx2.Client) -> None:
    gateway = YooKassa(sandbox.settings(), client)
    made = gateway.create(intent(description="Водоснабжение " * 30)).payment
    told = sandbox.client.get(f"/v3/payments/{made.provider_id}").json()["description"]
    assert len(told) <= 128
    assert told.endswith("…")
    with pytest.raises(Rejected, match="metadata"):
        gateway.create(intent(metadata={f"k{n}": "" for n in range(16)}))
    with pytest.raises(Rejected, match="metadata"):
        gateway.create(intent(metadata={"note": "x" * 513}))


def test_a_receipt_must_have_a_reader_and_sum_to_the_payment() -> None:
    gateway = _answering(200, _payment(), receipt=ReceiptSettings(vat_code=11))
    half = ReceiptLine("Холодная вода", 122_525)
    bad = {
        "receipt_contact_missing": intent(contact=ReceiptContact()),
        "receipt_sum": intent(receipt=(half,)),
        "receipt_lines": intent(receipt=()),
    }
    for reason, wish in bad.items():
        with pytest.raises(Rejected) as caught:
            gateway.create(wish)
        assert caught.value.reason == reason
    correction = (replace(half, amount=-122_525), half, half, half)
    with pytest.raises(Rejected):
        gateway.create(intent(receipt=correction))
    assert gateway.create(intent(receipt=(half, half))).payment.amount == 245_050


@pytest.mark.parametrize(
    ("address", "is_provider"),
    [
        ("185.71.76.1", True),
        ("185.71.76.31", True),
        ("185.71.76.32", False),
        ("77.75.156.11", True),
        ("77.75.156.12", False),
        ("::ffff:185.71.77.5", True),
        ("2a02:5180:0:1509::7", True),
        ("2a02:5180:0:1510::7", False),
        ("127.0.0.1", False),
    ],
)
def test_notifications_are_taken_from_the_published_networks_only(address: str, is_provider: bool) -> None:
    gateway = _answering(200, _payment())
    notice = b'{"type":"notification","event":"refund.succeeded","object":{"id":"r1","payment_id":"p1"}}'
    if is_provider:
        (hint,) = gateway.parse_callback(notice, {}, address)
        assert (hint.provider_id, hint.refund_id, hint.event) == ("p1", "r1", "refund.succeeded")
    else:
        with pytest.raises(Forged):
            gateway.parse_callback(notice, {}, address)


def test_news_about_other_things_gives_no_hints() -> None:
    gateway = _answering(200, _payment())
    notice = b'{"type":"notification","event":"payout.succeeded","object":{"id":"o1"}}'
    assert gateway.parse_callback(notice, {}, "185.71.76.1") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://api.example.org/v3"},
        {"base_url": "api.yookassa.ru"},
        {"payment_page_origins": ("https://yoomoney.ru/checkout",)},
        {"notification_networks": ("300.0.0.0/8",)},
        {"shop": "1"},
        {"timeout": 0},
        {"receipt": {"vat_code": 99}},
    ],
)
def test_a_wrong_setting_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _settings(**changes)


def test_the_secret_key_is_never_printed() -> None:
    assert "hush" not in repr(_settings(secret_key="hush"))
