"""The T-Bank adapter against a fake in memory that speaks its protocol."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from lkportal.modules.payments.contract import GatewayUnavailable, ReceiptLine
from lkportal.modules.payments.gateways.settings import TBankReceipt
from lkportal.modules.payments.gateways.tbank import TBank
from lkportal.modules.payments.gateways.tbank_http import token
from lkportal.testing.gateways import GatewayConformance, intent
from lkportal.testing.providers.tbank import FakeTBank


class TestTBankKeepsTheContract(GatewayConformance):
    @pytest.fixture
    def provider(self) -> FakeTBank:
        return FakeTBank()

    @pytest.fixture
    def gateway(self, provider: FakeTBank) -> TBank:
        return TBank(provider.settings(receipt=TBankReceipt(tax="vat22")), provider.client())

    @pytest.fixture
    def locked_out(self, provider: FakeTBank) -> TBank:
        return TBank(provider.settings(password=SecretStr("a-wrong-one")), provider.client())


def test_a_message_is_signed_as_the_bank_says() -> None:
    body = {"TerminalKey": "T1", "Amount": 100_000, "OrderId": "o-1", "Success": True, "Receipt": {"Items": []}}
    assert token(body, "pw") == "d1586d8d971595b393787d8ea0977cf59fb3c8dbe8a38f8fa69441c30d2f82e6"


def test_a_page_whose_address_was_lost_is_closed_before_another_is_made() -> None:
    provider = FakeTBank()
    gateway = TBank(provider.settings(), provider.client())
    wish = intent()
    provider.lose_answer("create")
    with pytest.raises(GatewayUnavailable):
        gateway.create(wish)
    gateway.create(wish)
    assert [each["Status"] for each in provider.payments.values()] == ["CANCELED", "NEW"]


def test_an_order_that_was_paid_is_never_begun_again() -> None:
    provider = FakeTBank()
    gateway = TBank(provider.settings(), provider.client())
    wish = intent()
    provider.pay(gateway.create(wish).payment.provider_id)
    again = gateway.create(wish)
    assert (again.payment.status, again.next_step.kind, len(provider.payments)) == ("succeeded", "none", 1)


def test_lines_carry_their_vat_in_the_bank_s_words() -> None:
    provider = FakeTBank()
    sent: list[dict[str, object]] = []
    answer = provider._init
    provider._init = lambda body: (sent.append(body), answer(body))[1]  # type: ignore[func-returns-value,method-assign]
    lines = (ReceiptLine("Вода", 500, vat="10"), ReceiptLine("Пени", 300, vat="22/122"), ReceiptLine("Прочее", 200))
    TBank(provider.settings(receipt=TBankReceipt(tax="vat22")), provider.client()).create(intent(1_000, receipt=lines))
    receipt = sent[0]["Receipt"]
    assert isinstance(receipt, dict)
    assert [item["Tax"] for item in receipt["Items"]] == ["vat10", "vat122", "vat22"]
    assert receipt["Taxation"] == "osn"
