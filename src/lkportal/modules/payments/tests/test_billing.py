"""Money that modules ask for: once for a fact, paid like any bill, taken back whole. The blocks of docs/extend/money.md are the module."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lkportal.accounts.contract import Accounts
from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.modules.payments import module
from lkportal.modules.payments.contract import Billing, Charge, Received, Receiving
from lkportal.modules.payments.tests.test_papers import said
from lkportal.testing import Mailbox, Visitor, World

PAGE = Path(__file__).parents[5] / "docs/extend/money.md"
DUE = date(2026, 12, 10)


@pytest.fixture
def boats() -> Any:
    """The module that the page tells of."""
    told: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(block, told)
    return told


def broken(portal: Portal) -> list[str]:
    """Return the laws of money that do not hold."""
    with portal.database.reading() as connection:
        return [law.name for law in module.invariants if connection.execute(text(law.statement)).all()]


def paid(world: World, account: AccountRef, amount: int) -> None:
    """Let money of an account come by a transfer."""
    with world.unit() as db:
        received = Received(f"order-{amount}", account, amount, "RUB", DUE, "Payment order")
        port(db, Receiving).record(db, received)  # type: ignore[type-abstract]


def test_a_charge_is_a_bill_that_is_told_of_and_paid(
    boats: Any,
    portal: Portal,
    world: World,
    customer: Visitor,
    account: AccountRef,
    mailbox: Mailbox,
    work_off: Callable[[], int],
) -> None:
    with world.unit() as db:
        bill = boats["ask"](db, account, "B1", 290_000, DUE)
        assert boats["ask"](db, account, "B1", 290_000, DUE) == bill, "asked twice is one bill"
        assert boats["unpaid"](db, account, "B1") == 290_000
        assert boats["unpaid"](db, account, "B2") == 0
    work_off()
    assert "2,900.00" in mailbox.last.text or "2\u00a0900,00" in mailbox.last.text
    with world.unit() as db:
        other = boats["ask"](db, account, "B9", 10_000, DUE)
        boats["give_up"](db, account, "B9")
    withdrawn = customer.get(customer.url("payments:bill", bill=other)).text
    assert "This bill was withdrawn" in withdrawn
    assert "This bill is paid" not in withdrawn
    assert "Withdrawn" in customer.get(customer.url("payments:bills")).text
    paper = said(customer.get(customer.url("payments:bill_paper", bill=other)))
    assert "This bill was withdrawn" in paper
    assert "This bill is paid" not in paper
    for each in (bill, other):
        page = customer.get(customer.url("payments:bill", bill=each))
        assert page.status_code == 200
        assert "than for" not in page.text, "it is compared with no month"

    paid(world, account, 90_000)
    with world.unit() as db:
        assert boats["unpaid"](db, account, "B1") == 200_000
    paid(world, account, 200_000)
    with world.unit() as db:
        assert boats["unpaid"](db, account, "B1") == 0
    assert broken(portal) == []


def test_what_is_taken_back_is_owed_no_more_and_its_money_stays_in_hand(
    boats: Any, portal: Portal, world: World, account: AccountRef
) -> None:
    with world.unit() as db:
        boats["ask"](db, account, "B1", 290_000, DUE)
    paid(world, account, 90_000)
    with world.unit() as db:
        assert boats["give_up"](db, account, "B1")
        assert not boats["give_up"](db, account, "B1"), "once"
        assert not boats["give_up"](db, account, "B2"), "there is none"
        boats["ask"](db, account, "B3", 100_000, DUE)
        assert boats["unpaid"](db, account, "B3") == 10_000
    assert broken(portal) == []


def test_eight_workers_at_once_charge_once(portal: Portal, world: World, account: AccountRef) -> None:
    def charge(_: int) -> str:
        with world.unit() as db:
            return port(db, Billing).charge(db, account, Charge("boats:B1", "Berth", 100, DUE))  # type: ignore[type-abstract]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(charge, range(8)))) == 1
    assert broken(portal) == []


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_what_is_no_charge_is_refused_and_others_see_nothing_of_it(world: World, account: AccountRef) -> None:
    other = world.account("0999")
    with world.unit() as db:
        billing = port(db, Billing)  # type: ignore[type-abstract]
        for wrong in (Charge("B1", "Berth", 100, DUE), Charge("boats:B1", "Berth", 0, DUE)):
            with pytest.raises(ValueError, match=r"a key begins|above zero"):
                billing.charge(db, account, wrong)
        billing.charge(db, account, Charge("boats:B1", "Berth", 100, DUE))
        assert billing.standing(db.connection(), other, ["boats:B1"]) == {}
        assert not billing.withdraw(db, other, "boats:B1")
        known = port(db, Accounts).by_keys(db, [account.id, other.id, 99])  # type: ignore[type-abstract]
        assert {key: each.number for key, each in known.items()} == {account.id: account.number, other.id: "0999"}
