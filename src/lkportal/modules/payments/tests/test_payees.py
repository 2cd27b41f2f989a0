"""Money of one company is never led to the account of another: bank details go by brand."""

from __future__ import annotations

from datetime import date

from lkportal.modules.payments.settings import PayeeTable, PaymentsSettings
from lkportal.modules.payments.views import BillView, qr_text

SOUTH = PayeeTable(name="АО «Юг»", account="40702810000000004127", bank="Банк", bic="041117601")
NORTH = PayeeTable(name="АО «Север»", account="40702810000000009999", bank="Банк", bic="041117601")
BILL = BillView(1, "b", date(2026, 10, 1), "", 100, 100, "RUB", date(2026, 10, 31), date(2026, 11, 15), None, "due")


def test_each_brand_has_its_own_account_and_a_brand_without_one_has_no_code() -> None:
    alone = PaymentsSettings(payee=SOUTH)
    assert alone.payee_of("main") == alone.payee_of("any") == SOUTH
    both = PaymentsSettings(payee=SOUTH, payees={"north": NORTH})
    assert (both.payee_of("main"), both.payee_of("north")) == (SOUTH, NORTH)
    assert "40702810000000009999" in qr_text(both.payee_of("north"), BILL, "0412")
    assert qr_text(both.payee_of("third"), BILL, "0412") == ""
