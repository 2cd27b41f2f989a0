"""Saved cards and autopay as people meet them: remembered at a payment, agreed to, switched off, removed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.testing import SandboxDriver, Visitor

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
AGREED = {"mode": "bill", "day": "12", "cap": "3000", "agree": "1"}


def remember_a_card(portal: Portal, clock: MovableClock, customer: Visitor, gateway: SandboxDriver) -> str:
    """Pay and let the card be kept; return its public id."""
    page = customer.url("payments:pay")
    assert "Remember this card" in customer.get(page).text
    assert customer.post(customer.url("payments:start"), {"amount": "100", "save": "1"}, page=page).status_code == 303
    (payment,) = rows(portal, "SELECT public_id FROM payments_payments")
    (known,) = rows(portal, "SELECT provider_id FROM payments_attempts")
    gateway.pay(known)
    rows_before = rows(portal, "SELECT public_id FROM payments_methods")
    clock.advance(timedelta(seconds=5))
    customer.get(customer.url("payments:payment", payment=payment))
    assert not rows_before
    return str(rows(portal, "SELECT public_id FROM payments_methods")[0])


@ON_SQLITE
def test_a_card_is_remembered_agreed_to_and_let_go(
    portal: Portal, clock: MovableClock, customer: Visitor, gateway: SandboxDriver
) -> None:
    autopay = customer.url("payments:autopay")
    assert "No saved card yet" in customer.get(autopay).text
    method = remember_a_card(portal, clock, customer, gateway)
    offered = customer.get(autopay).text
    assert "Switch autopay on" in offered
    assert "Bank card" not in offered, "the provider's words for a card are put into the reader's language"
    wanted = re.findall(r'<input class="control"[^>]* name="(\w+)"[^>]* required', offered)
    assert wanted == ["cap"], "a browser asks for nothing that belongs to the other choice"

    refused = customer.post(autopay, {**AGREED, "method": method, "agree": "", "cap": "12"}, page=autopay)
    assert refused.status_code == 422
    assert "Tick this box" in refused.text
    assert 'value="12"' in refused.text

    assert customer.post(autopay, {**AGREED, "method": method}, page=autopay).status_code == 303
    shown = customer.get(autopay).text
    assert "Autopay is on" in shown
    assert "day 12" in shown
    begun = re.findall(r'<input class="control"[^>]* name="(cap|day)"[^>]* value="([^"]*)"', shown)
    assert begun == [("cap", "3000"), ("day", "12")], "a change begins with what holds"
    (words,) = rows(portal, "SELECT agreed FROM payments_autopays WHERE state = 'on'")
    assert "no more than" in words

    assert customer.post(customer.url("payments:autopay_off"), {}, page=autopay).status_code == 303
    assert rows(portal, "SELECT state FROM payments_autopays") == ["off"]

    gone = customer.post(customer.url("payments:remove_method", method=method), {}, page=autopay)
    assert gone.status_code == 303
    assert rows(portal, "SELECT state FROM payments_methods") == ["removed"]
    assert "No saved card yet" in customer.get(autopay).text


def rows(portal: Portal, statement: str) -> list[str]:
    """Return the first column of what a plain statement finds."""
    with portal.database.reading() as connection:
        return list(connection.execute(text(statement)).scalars())
