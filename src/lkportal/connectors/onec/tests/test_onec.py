"""A company keeps its books in 1C: accounts and balances come from there, payments made here go there once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar, cast
from uuid import UUID

import pytest

from lkportal.accounts.contract import Accounts
from lkportal.app import Portal
from lkportal.connectors.onec import module
from lkportal.connectors.onec.exchange import row_of
from lkportal.connectors.onec.odata import quoted
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.contract import Received, Receiving
from lkportal.testing.checklist import personal_gaps
from lkportal.testing.connectors import ConnectorConformance
from lkportal.testing.systems.fake import alive
from lkportal.testing.systems.onec import LOGIN, PASSWORD, FakeOneC
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
ACCOUNTS, DEBTS = "Catalog_ЛицевыеСчета", "InformationRegister_Задолженность"


@pytest.fixture
def system() -> Iterator[FakeOneC]:
    with alive(FakeOneC()) as made:
        fake = cast(FakeOneC, made)
        fake.sets |= {ACCOUNTS: [], DEBTS: []}
        yield fake


@pytest.fixture
def portal_overrides(system: FakeOneC) -> Mapping[str, Any]:
    accounts = {
        "kind": "accounts",
        "entity": ACCOUNTS,
        "fields": {"account": "Code", "address": "Адрес", "holder": "Description"},
        "filter": "DeletionMark eq false",
        "minutes": 1,
    }
    debts = {
        "kind": "registry",
        "entity": DEBTS,
        "fields": {"account": "ЛицевойСчет", "amount": "Сумма"},
        "order": "ЛицевойСчет",
        "minutes": 1,
    }
    own = {
        "address": system.root,
        "login": LOGIN,
        "password": PASSWORD,
        "timeout": 0.5,
        "page": 2,
        "pulls": [accounts, debts],
        "payments": {"entity": system.documents},
    }
    return {"modules": {"enabled": ["payments", "onec"]}, "onec": own}


@pytest.fixture
def pay(world: World, account: AccountRef) -> Callable[[], object]:
    made: list[int] = []

    def one() -> None:
        made.append(1)
        with world.unit() as db:
            received = Received(f"test {len(made)}", account, 148_260, "RUB", world.clock.now().date(), "x", "yookassa")
            world.ports.get(Receiving).record(db, received)  # type: ignore[type-abstract]

    return one


def person(number: int, code: str) -> dict[str, Any]:
    return {
        "Ref_Key": str(UUID(int=number)),
        "Code": code,
        "Адрес": f"ул. Школьная, {number}",
        "Description": "О'Нил П. П.",
        "DeletionMark": False,
    }


class TestOneC(ConnectorConformance):
    connector: ClassVar[str] = "onec"

    @pytest.fixture
    def system(self, system: FakeOneC) -> FakeOneC:
        return system

    @pytest.fixture
    def tell(self, pay: Callable[[], object]) -> Callable[[], object]:
        return pay

    @pytest.fixture
    def news(self, system: FakeOneC, portal: Portal) -> Callable[[], Callable[[], int]]:
        def one() -> Callable[[], int]:
            system.sets[ACCOUNTS].append(person(7, "7000000007"))
            return lambda: _count(portal, "accounts_accounts WHERE number = '7000000007'")

        return one


def test_accounts_and_debts_come_page_by_page_and_bad_rows_are_told(
    system: FakeOneC,
    portal: Portal,
    clock: MovableClock,
    work_off: Callable[[], int],
    world: World,
    visit: Callable[..., Visitor],
) -> None:
    system.sets[ACCOUNTS] += [person(n, f"100000000{n}") for n in range(1, 6)]
    system.sets[ACCOUNTS].append({**person(9, "1000000009"), "DeletionMark": True})
    system.sets[DEBTS] += [{"ЛицевойСчет": "1000000001", "Сумма": 1482.6}, {"ЛицевойСчет": "nobody's", "Сумма": 5}]
    clock.advance(timedelta(minutes=1))
    work_off()
    clock.advance(timedelta(minutes=2))
    work_off()

    assert _count(portal, "accounts_accounts WHERE number LIKE '100000000%'") == 5
    with portal.database.reading() as connection:
        query = "SELECT l.balance FROM payments_ledgers l JOIN accounts_accounts a ON a.id = l.account_id"
        assert connection.exec_driver_sql(f"{query} WHERE a.number = '1000000001'").scalar() == 148_260
    assert _count(portal, "core_import_rejects") >= 1
    admin = visit(world.staff("chief@example.org", "administrator"))
    assert "Answers" in admin.get("/staff/connections").text
    assert portal.ports.get(Accounts) is not None  # type: ignore[type-abstract]


def test_a_payment_is_posted_there_and_known_to_be(
    system: FakeOneC, portal: Portal, pay: Callable[[], object], clock: MovableClock, work_off: Callable[[], int]
) -> None:
    system.closed = True
    pay()
    work_off()
    (document,) = system.sets[system.documents]
    assert (document["Posted"], document["СуммаДокумента"], document["ЛицевойСчет"]) == (False, 1482.6, "0412778215")
    assert _count(portal, "payments_payments WHERE acknowledged_at IS NULL") == 1
    assert _count(portal, "core_dispatches WHERE state = 'refused' AND error = 'odata: 15'") == 1

    system.closed = False
    with portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE core_dispatches SET state = 'waiting'")
    clock.advance(timedelta(minutes=6))
    work_off()
    clock.advance(timedelta(minutes=1))
    work_off()
    assert [each["Posted"] for each in system.sets[system.documents]] == [True]
    assert _count(portal, "payments_payments WHERE acknowledged_at IS NULL") == 0


def test_a_wrong_password_is_told_in_words(
    system: FakeOneC, portal: Portal, pay: Callable[[], object], work_off: Callable[[], int]
) -> None:
    system.answer = lambda call: __import__("lkportal.testing.systems.fake", fromlist=["Answer"]).Answer("", 401)  # type: ignore[method-assign]
    pay()
    work_off()
    assert _count(portal, "core_connections WHERE error = 'denied'") == 1


def test_cells_are_read_as_1c_writes_them(portal_url: str) -> None:
    row = {"a": "2026-11-22T00:00:00", "b": "0001-01-01T00:00:00", "c": 1482.6, "d": 5, "e": True, "f": "О'Нил"}
    assert row_of(row, {name: name for name in row}) == {
        "a": "2026-11-22",
        "b": None,
        "c": "1482.6",
        "d": "5",
        "e": "1",
        "f": "О'Нил",
    }
    assert quoted("О'Нил") == "'О''Нил'"


def test_nothing_personal_is_undeclared(portal_url: str) -> None:
    assert personal_gaps([module]) == []


def _count(portal: Portal, where: str) -> int:
    with portal.database.reading() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {where}").scalar_one())
