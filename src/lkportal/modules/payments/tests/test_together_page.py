"""A person with several addresses pays for them at once, through rights of their own on each."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from lkportal.accounts.models import Membership
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.models import Ledger
from lkportal.modules.payments.tests.test_pages import laws, payments, provider_id
from lkportal.testing import SandboxDriver, Visitor, World

Visit = Callable[..., Visitor]


@pytest.fixture
def homes(world: World, account: AccountRef) -> list[AccountRef]:
    """Four accounts with debts: two the person owns, one they may only read, one of a stranger."""
    found = [account, *(world.account(number) for number in ("0530118846", "0777000011", "0999000022"))]
    with world.unit() as db:
        db.add_all(
            Ledger(kind="customer", owner=str(one.id), account_id=one.id, currency="RUB", balance=100_00 * place)
            for place, one in enumerate(found, 1)
        )
    return found


@pytest.fixture
def anna(visit: Visit, world: World, homes: list[AccountRef]) -> Visitor:
    """Somebody who owns the first two accounts and reads the third."""
    person = world.customer("pair@example.org", *homes[:2])
    with world.unit() as db:
        moment = world.clock.now()
        db.add(Membership(account_id=homes[2].id, identity_id=person.id or 0, role="reader", created_at=moment))
    return visit(person, homes[0])


def form(anna: Visitor, *chosen: AccountRef, **more: str) -> dict[str, object]:
    """Return the form as the page gives it, with these accounts ticked."""
    page = anna.get(anna.url("payments:together")).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    shown = re.findall(r'name="(shown\[\w+\])" value="(\d+)"', page)
    assert token is not None
    return {"token": token[1], **dict(shown), "chosen": [each.public_id for each in chosen], **more}


def test_two_addresses_are_paid_for_at_once_and_each_has_its_own_payment(
    portal: Portal, clock: MovableClock, gateway: SandboxDriver, homes: list[AccountRef], anna: Visitor
) -> None:
    page = anna.get(anna.url("payments:together"))
    assert "300,00\u00a0₽ in all" in page.text
    assert homes[2].public_id not in page.text
    assert anna.url("payments:together") in anna.get("/accounts").text

    sent = form(anna, *homes[:2])
    first, again = (
        anna.post(anna.url("payments:together_start"), sent, page=anna.url("payments:together")) for _ in "12"
    )
    assert first.status_code == 303, unescape(first.text)
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["location"].startswith(gateway.address)
    assert len(payments(portal)) == 2

    gateway.pay(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    ours = anna.get(anna.url("payments:payment", payment=payments(portal)[0]))
    assert "100,00\u00a0₽" in ours.text
    assert "Paid together with it" in ours.text
    beside = anna.get(anna.url("payments:payment", account=homes[1].public_id, payment=payments(portal)[1]))
    assert "200,00\u00a0₽" in beside.text
    assert "Nothing is due" in anna.get(anna.url("payments:together")).text


@pytest.mark.parametrize("which", [2, 3])
def test_nobody_pays_for_an_account_where_they_have_no_such_right(
    portal: Portal, gateway: SandboxDriver, homes: list[AccountRef], anna: Visitor, which: int
) -> None:
    sent = form(anna, homes[0], homes[which], **{f"shown[{homes[which].public_id}]": "1000"})
    answer = anna.post(anna.url("payments:together_start"), sent, page=anna.url("payments:together"))
    assert answer.status_code == 422
    assert "can no longer be paid for here" in unescape(answer.text)
    assert payments(portal) == []


def test_a_typed_sum_is_paid_and_survives_an_error(
    portal: Portal, gateway: SandboxDriver, homes: list[AccountRef], anna: Visitor
) -> None:
    typed = {f"amounts[{homes[0].public_id}]": "50", f"amounts[{homes[1].public_id}]": "минус"}
    wrong = anna.post(
        anna.url("payments:together_start"), form(anna, *homes[:2], **typed), page=anna.url("payments:together")
    )
    assert wrong.status_code == 422
    assert 'value="50"' in wrong.text
    assert 'value="минус"' in wrong.text
    assert wrong.text.count(" checked") == 2

    typed[f"amounts[{homes[1].public_id}]"] = "70,50"
    anna.post(anna.url("payments:together_start"), form(anna, *homes[:2], **typed), page=anna.url("payments:together"))
    assert "50,00\u00a0₽" in anna.get(anna.url("payments:payment", payment=payments(portal)[0])).text


def test_one_ticked_address_is_an_ordinary_payment_and_none_is_an_error(
    portal: Portal, gateway: SandboxDriver, homes: list[AccountRef], anna: Visitor
) -> None:
    nothing = anna.post(anna.url("payments:together_start"), form(anna), page=anna.url("payments:together"))
    assert nothing.status_code == 422
    assert "Tick what you pay for" in nothing.text
    anna.post(anna.url("payments:together_start"), form(anna, homes[1]), page=anna.url("payments:together"))
    assert len(payments(portal)) == 1


def test_who_has_only_one_of_the_accounts_sees_its_part_alone(
    portal: Portal, world: World, gateway: SandboxDriver, homes: list[AccountRef], anna: Visitor, visit: Visit
) -> None:
    anna.post(anna.url("payments:together_start"), form(anna, *homes[:2]), page=anna.url("payments:together"))
    neighbour = visit(world.customer("one@example.org", homes[1]), homes[1])
    page = neighbour.get(neighbour.url("payments:payment", payment=payments(portal)[1])).text
    assert "200,00\u00a0₽" in page
    assert "300,00" not in page
    assert homes[0].number not in page
    assert gateway.address not in page
    assert laws(portal) == [] or laws(portal) == ["payments.balance_is_the_fold"]  # the debts were put there by hand
