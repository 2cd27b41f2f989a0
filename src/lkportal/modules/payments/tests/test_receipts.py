"""Receipts of our own register as stories: each entry makes one, exactly once, whatever the register and the network do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core import foreign
from lkportal.core.clock import MovableClock
from lkportal.core.db import Database
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.contract import ReceiptContact, ReceiptLine
from lkportal.modules.payments.fiscal.atol import Atol, vat_word
from lkportal.modules.payments.fiscal.models import Receipt
from lkportal.modules.payments.fiscal.registers import Agent, FiscalReceipt
from lkportal.modules.payments.tests.test_cash_desk import send
from lkportal.modules.payments.tests.test_pages import laws
from lkportal.modules.payments.tests.test_refunds import begin
from lkportal.modules.payments.tests.world import START, Fake, World
from lkportal.modules.payments.tests.world import world as world_of
from lkportal.testing import Visitor
from lkportal.testing.atol import AtolDriver, fake_atol
from lkportal.testing.world import World as People

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def atol() -> Iterator[AtolDriver]:
    with fake_atol() as driver:
        yield driver


@pytest.fixture
def shop(database: Database, fake: Fake, atol: AtolDriver) -> World:
    """A portal whose gateway makes no receipts: our register does."""
    register = Atol(atol.settings(), foreign.client(timeout=5), ZoneInfo("Europe/Moscow"))
    made = world_of(database, fake, register=register)
    fake.now = made.clock.now
    return made


def pay(shop: World, fake: Fake) -> str:
    payment = shop.started()
    fake.take("p1")
    shop.ask(payment)
    return payment


def receipts(shop: World) -> list[Any]:
    with shop.database.reading() as connection:
        return list(connection.execute(select(Receipt.kind, Receipt.state, Receipt.tries, Receipt.facts)))


@one_database
def test_a_payment_and_its_refund_are_registered_once_each(shop: World, fake: Fake, atol: AtolDriver) -> None:
    payment = pay(shop, fake)
    shop.work(minutes=3)
    begin(shop, payment, 48_260)
    shop.work(minutes=4)

    assert [(row.kind, row.state) for row in receipts(shop)] == [("sell", "registered"), ("sell_refund", "registered")]
    sold, given = atol.registered()
    assert (sold["body"]["receipt"]["total"], given["body"]["receipt"]["total"]) == (1482.6, 482.6)
    assert given["operation"] == "sell_refund"
    assert sold["body"]["receipt"]["items"][0]["vat"] == {"type": "vat22"}
    assert receipts(shop)[0].facts["sign"] == "3449555941"
    assert shop.broken_laws() == []


@one_database
@pytest.mark.parametrize("mishaps", [["lost"], ["down", "down"], ["token"], ["lost", "token", "lost"], ["", "down"]])
def test_whatever_happens_on_the_way_one_receipt_comes_of_it(
    shop: World, fake: Fake, atol: AtolDriver, mishaps: list[str]
) -> None:
    atol.mishaps = list(mishaps)
    pay(shop, fake)
    shop.work(minutes=8)
    assert [(row.state, row.tries) for row in receipts(shop)] == [("registered", 1)]
    assert len(atol.by_id) == 1


@one_database
def test_a_receipt_the_register_failed_is_made_anew_and_then_left_to_a_person(
    shop: World, fake: Fake, atol: AtolDriver
) -> None:
    atol.mishaps = ["fail"]
    pay(shop, fake)
    shop.work(minutes=6)
    assert [(row.state, row.tries) for row in receipts(shop)] == [("registered", 2)]
    assert (len(atol.by_id), len(atol.registered())) == (2, 1)


@pytest.mark.parametrize("version", [4, 5])
def test_a_receipt_says_all_that_the_law_wants(atol: AtolDriver, version: int) -> None:
    register = Atol(atol.settings(version), foreign.client(timeout=5), START.tzinfo)  # type: ignore[arg-type]
    lines = (ReceiptLine("Холодная вода", 30_370, vat="22"), ReceiptLine("Вывоз отходов", 1, vat="none"))
    agent = Agent("commissioner", "Чистый город", "2900000014", "+78182000000")
    wish = FiscalReceipt("sell", "x-1", lines, ReceiptContact(phone="+79161234567"), START, "cash", agent)
    assert register.send(wish) == register.send(wish)
    body = atol.by_id["x-1"]["body"]["receipt"]
    assert body["client"] == {"phone": "+79161234567"}
    assert body["payments"] == [{"type": 0, "sum": 303.71}]
    assert [item["vat"]["type"] for item in body["items"]] == ["vat22", "none"]
    assert body["items"][0]["payment_object"] == (4 if version == 5 else "service")
    assert body["items"][0]["agent_info"] == {"type": "commissioner"}
    assert [vat_word(each) for each in ("22/122", "10", "0", "")] == ["vat122", "vat10", "vat0", "none"]


@pytest.fixture
def portal_overrides(atol: AtolDriver) -> Mapping[str, Any]:
    shown = atol.settings().model_dump(mode="json", exclude={"password", "callback_secret"})
    return {"payments": {"atol": {**shown, "password": "test-password", "callback_secret": "s" * 20}}}


@ON_SQLITE
def test_the_customer_and_the_desk_see_how_a_receipt_stands(
    portal: Portal,
    account: AccountRef,
    customer: Visitor,
    world: People,
    visit: Callable[..., Visitor],
    clock: MovableClock,
    atol: AtolDriver,
    work_off: Callable[[], int],
) -> None:
    atol.mishaps = ["", "", "fail", "", "", "fail", "", "", "fail"]
    cashier = visit(world.staff("nina@example.org", "cashier"))
    for _ in range(2):
        send(cashier, [account], **{f"amounts[{account.public_id}]": "500"})
    for _ in range(12):
        clock.advance(timedelta(minutes=1))
        work_off()
    with portal.database.reading() as connection:
        rows = connection.execute(
            select(Receipt.state, Receipt.public_id, Receipt.payment_id).order_by(Receipt.id)
        ).all()
    assert {row.state for row in rows} <= {"registered", "failed"}
    olga = visit(world.staff("olga@example.org", "accountant"))
    queue = olga.get(olga.url("payments:receipts"))
    assert queue.status_code == 200
    assert "Registered" in queue.text
    payment = _paid(portal, rows[0].payment_id)
    page = customer.get(customer.url("payments:payment", payment=payment)).text
    assert "Fiscal receipts" in page
    assert customer.client.post("/payments/fiscal/" + "s" * 20, json={"external_id": "nobody"}).status_code == 200
    assert customer.client.post("/payments/fiscal/" + "t" * 20, json={}).status_code == 404
    assert laws(portal) == []


def _paid(portal: Portal, key: int) -> str:
    with portal.database.reading() as connection:
        return str(connection.exec_driver_sql(f"SELECT public_id FROM payments_payments WHERE id = {key}").scalar())
