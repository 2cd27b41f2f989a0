"""The ledger against a plain model: whatever people, the provider and billing do, in any order, the books say the same."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from lkportal.core.db import Database
from lkportal.core.protection.crypto import KeyRing, new_key
from lkportal.modules.payments import views
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import LEDGERS
from lkportal.modules.payments.models import Ledger
from lkportal.modules.payments.paying import asking
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.queries import STANDING
from lkportal.modules.payments.tests.test_imports import REGISTRY_NAME, load
from lkportal.modules.payments.tests.world import Fake, World, owe, world

AMOUNTS = st.integers(min_value=100, max_value=500_000)
ACCOUNTS = st.integers(min_value=0, max_value=1)


class Money(RuleBasedStateMachine):
    """Owing, paying, declining, giving back, asserting: the model keeps a sum per account and what the provider took."""

    payments = Bundle("payments")
    taken = Bundle("taken")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.fake = Fake()
        url = f"sqlite:///{self.folder.name}/portal.db"
        self.place = world(Database.connect(url, keyring=KeyRing.parse([new_key("k")])), self.fake, same_within=0)
        self.fake.now = self.place.clock.now
        self.owed, self.asserted = [0, 0], [0, 0]
        self.given: dict[str, int] = {}
        self.credited: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.database.close()
            self.folder.cleanup()

    @rule(account=ACCOUNTS, amount=AMOUNTS)
    def charge(self, account: int, amount: int) -> None:
        owe(self.place, amount, account)
        self.owed[account] += amount

    @rule(target=payments, account=ACCOUNTS, amount=AMOUNTS, mood=st.sampled_from(["", "", "silent", "silent_after"]))
    def start(self, account: int, amount: int, mood: str) -> tuple[str, int, int]:
        self.fake.mood = mood
        payment = self.place.started(amount, account=account)
        self.fake.mood = ""
        return payment, account, amount

    @rule(payment=payments)
    def ask(self, payment: tuple[str, int, int]) -> None:
        self.place.ask(payment[0], account=payment[1])
        self._credit(payment)

    @rule(target=taken, payment=payments)
    def take(self, payment: tuple[str, int, int]) -> Any:
        provider_id = self._provider_id(payment)
        if provider_id is None or self.fake.payments[provider_id].status not in ("pending", "canceled"):
            return multiple()
        self.fake.take(provider_id)
        return payment

    @rule(payment=payments)
    def decline(self, payment: tuple[str, int, int]) -> None:
        provider_id = self._provider_id(payment)
        if provider_id is not None and self.fake.payments[provider_id].status == "pending":
            self.fake.change(provider_id, status="canceled", reason="general_decline")

    @rule(payment=payments)
    def retry(self, payment: tuple[str, int, int]) -> None:
        with self.place.unit() as db:
            pay.again(db, self.place.accounts[payment[1]], payment[0])

    @rule(payment=taken, part=st.integers(min_value=1, max_value=100))
    def give_back(self, payment: tuple[str, int, int], part: int) -> None:
        name, _, amount = payment
        for provider_id, known in self.fake.payments.items():
            if known.metadata["payment_id"] == name and known.status in ("succeeded", "refunded_part"):
                refunded = min(amount, known.refunded + max(1, amount * part // 100))
                status = "refunded" if refunded == amount else "refunded_part"
                self.fake.change(provider_id, status=status, refunded=refunded)
                return

    @rule(payment=consumes(taken), times=st.integers(min_value=1, max_value=3))
    def hint(self, payment: tuple[str, int, int], times: int) -> None:
        for provider_id, known in list(self.fake.payments.items()):
            if known.metadata["payment_id"] == payment[0]:
                for _ in range(times):
                    asking.look(self.fake, self.place.ways, provider_id)
        self._credit(payment)

    @rule(hours=st.integers(min_value=1, max_value=30))
    def wait(self, hours: int) -> None:
        self.place.clock.advance(timedelta(hours=hours))

    @rule(account=ACCOUNTS, amount=st.integers(min_value=-50_000, max_value=500_000))
    def assert_balance(self, account: int, amount: int) -> None:
        number = self.place.accounts[account].number
        rubles = f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}"
        body = f"{number};И;{rubles}\n"
        load(
            self.place, Path(self.folder.name), body, parameters={"as_of": "2026-10-31"}, name=REGISTRY_NAME, again=True
        )
        self.owed[account] += amount - self.asserted[account]  # nothing else happened until that day
        self.asserted[account] = amount

    @invariant()
    def the_books_say_the_same(self) -> None:
        if hasattr(self, "place"):
            assert self.place.broken_laws() == []
            for account in (0, 1):
                assert self.place.balance(account) == self.owed[account]

    def _provider_id(self, payment: tuple[str, int, int]) -> str | None:
        known = [one for one, told in self.fake.payments.items() if told.metadata["payment_id"] == payment[0]]
        return known[-1] if known else None

    def _credit(self, payment: tuple[str, int, int]) -> None:
        """Follow what the portal was shown: the provider's own sums, once for each of its payments."""
        name, account, _ = payment
        with self.place.database.reading() as connection:
            seen = connection.exec_driver_sql("SELECT provider_id, state, refunded FROM payments_attempts").all()
        for provider_id, state, refunded in seen:
            told = self.fake.payments.get(provider_id or "")
            if told is None or told.metadata["payment_id"] != name or state != "succeeded":
                continue
            if provider_id not in self.credited:
                assert told.paid, "credited without the provider's money"
                self.credited.add(provider_id)
                self.owed[account] -= told.amount
            self.owed[account] += refunded - self.given.get(provider_id, 0)
            self.given[provider_id] = refunded


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=12, stateful_step_count=20)


def test_the_same_fact_is_booked_once_by_many_at_once(place: World) -> None:
    owe(place, 1_000)

    def book(_: int) -> bool:
        with place.unit() as db:
            mine = ledger.customer(db, place.accounts[0].id, "RUB")
            provider = ledger.shared(db, "provider", "fake", "RUB")
            return ledger.book(db, "payment:x", "payment", provider, mine, 400, "RUB", place.desk.today())

    with ThreadPoolExecutor(8) as crowd:
        booked = list(crowd.map(book, range(24)))
    assert (booked.count(True), place.balance()) == (1, 600)


def test_notifications_that_race_credit_once(place: World, fake: Fake) -> None:
    payment = place.started(1_000)
    fake.take("p1")
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: asking.look(fake, place.ways, "p1"), range(16)))
    assert (place.state(payment), place.count("payment"), place.balance()) == ("paid", 1, -1_000)
    assert place.events().count("payments.payment_succeeded") == 1


def test_clicks_that_race_start_one_payment(place: World, fake: Fake) -> None:
    with ThreadPoolExecutor(8) as crowd:
        started = set(crowd.map(lambda _: place.begin(5_000), range(16)))
    assert len(started) == 1


@pytest.mark.parametrize("balance", [-500, 0, 1, 30_000, 100_000, 170_000])
def test_money_settles_the_oldest_bills_first(balance: int) -> None:
    today = date(2026, 11, 22)
    rows = [
        Row(total, date(2026, month + 1, 15)) for total, month in ((70_000, 10), (50_000, 9), (-20_000, 8), (40_000, 7))
    ]
    bills = views.settled(rows, balance, today)
    assert sum(bill.unpaid for bill in bills) == min(max(balance, 0), 160_000)
    open_bills = [bill.unpaid > 0 for bill in bills if bill.total > 0]
    assert open_bills == sorted(open_bills, reverse=True), "an older bill is open while a newer one is paid"
    assert all(bill.state == "paid" or bill.unpaid for bill in bills)


class Row:
    """A bill as the database tells it."""

    id, public_id, number, currency, source = 1, "x", "", "RUB", "charges"

    def __init__(self, total: int, due_on: date) -> None:
        self.total, self.due_on = total, due_on
        self.seen_at: datetime | None = None
        self.period = self.issued_on = due_on.replace(day=1)


def test_what_a_page_reads_by_a_condition_of_an_index_is_written_out() -> None:
    """SQLite plans a statement anew each time a value is bound there, and a generic plan of PostgreSQL passes the index by."""
    compiled = str(STANDING.compile())

    assert compiled.count("state = 'paid'") == 2
    assert "acknowledged_at IS NULL" in compiled


def test_what_the_contract_publishes_of_the_ledgers_is_there() -> None:
    theirs = Ledger.__table__.c
    assert {each.name for each in LEDGERS.c} <= set(theirs.keys())
