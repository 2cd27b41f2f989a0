"""Services paid in advance, as their customer lives them: charged from what is in hand, standing still without money, going on with
it; the promised payment. And the law beside them: whatever happens in whatever order, rows tell what a slow simple telling tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.events import Envelope
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.payments.books import ledger
from lkportal.modules.tariffs.models import Service
from lkportal.modules.tariffs.prepaid import jobs, promising, reads
from lkportal.modules.tariffs.prepaid.models import Charge, Promise
from lkportal.modules.tariffs.prepaid.settling import settle
from lkportal.modules.tariffs.tests.conftest import House, Load, filled, link, ordered, said
from lkportal.testing import Mailbox
from lkportal.testing.world import World

Work = Callable[[], int]
pytestmark = [
    pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        "portal_overrides",
        [
            {
                "modules": {"enabled": ["payments", "tariffs"]},
                "tariffs": {
                    "charges": "portal", "automatic": ["connect", "disconnect", "change", "freeze", "resume"],
                    "grace_days": 2, "end_days": 40,
                    "promised": {"on": True, "amount": 40_000, "days": 3, "fee": 1_000},
                },
            }
        ],
    ),
]  # fmt: skip
MOBILE = """code;kind;family;title;price;months;prepaid;connect_price
m10;plan;Mobile;Toucan 10;390,00;1;1;0,00
film;addon;Mobile;Films;199,00;1;1;0,00
"""
PRICES = {"m10": 39_000, "film": 19_900}
numbers = count(1)


def pay(portal: Portal, account: AccountRef, amount: int) -> None:
    """Let money come: the books hold it, the listener is told."""
    with open_unit(portal.database, portal.unit_context("test")) as db:
        mine = ledger.customer(db, account.id, "RUB")
        bank = ledger.shared(db, "provider", "test", "RUB")
        today = portal.clock.now().date()
        ledger.book(db, f"payment:test{next(numbers)}", "payment", bank, mine, amount, "RUB", today)
        jobs.paid(db, envelope(account, "payments.payment_succeeded"))


def envelope(account: AccountRef, name: str) -> Envelope:
    return Envelope(
        "x", name, 1, datetime(2026, 1, 1, tzinfo=UTC), "system", None, account.public_id, None, None, "", {}
    )


def run(portal: Portal, job: str) -> None:
    with open_unit(portal.database, portal.unit_context("test")) as db:
        enqueue(db, job, {})
    portal.worker().run_once()


def in_hand(portal: Portal, account: AccountRef) -> int:
    with portal.database.reading() as connection:
        found: int | None = connection.exec_driver_sql(
            f"SELECT -balance FROM payments_ledgers WHERE account_id = {account.id}"
        ).scalar()
    return found or 0


def test_a_plan_is_connected_charged_stopped_and_goes_on_with_the_payment(
    house: House, portal: Portal, clock: MovableClock, load: Load, work_off: Work, mailbox: Mailbox
) -> None:
    load("offerings", MOBILE)
    offer = link(house.boris, house.boris.url("tariffs:catalogue"), "Connect Toucan 10")
    form = filled(house.boris, offer)
    assert "There is not enough in hand: 390,00" in house.boris.post(offer, form, page=offer).text.replace(
        "\u00a0", " "
    )

    pay(portal, house.other, 50_000)
    page = ordered(house.boris, offer)
    assert "Done" in said(house.boris, page)
    shown = said(house.boris, house.boris.url("tariffs:services"))
    assert "110<" in shown, "390 of 500 were taken"
    assert "22 December" in shown, "the next charge"
    assert "Toucan 10" in said(house.boris, house.boris.url("tariffs:charges"))

    clock.set(datetime.combine(date(2026, 12, 19), time(10), UTC))
    run(portal, jobs.SOON)
    work_off()
    assert "«Toucan 10» оплачена до 22 декабря" in [each.subject.replace("\u00a0", " ") for each in mailbox.letters]
    clock.set(datetime.combine(date(2026, 12, 23), time(10), UTC))
    house.come_back()
    run(portal, jobs.SETTLE)
    assert "Stopped" not in said(house.boris, house.boris.url("tariffs:services")), "two days of grace"
    clock.set(datetime.combine(date(2026, 12, 24), time(10), UTC))
    run(portal, jobs.SETTLE)
    assert "Stopped" in said(house.boris, house.boris.url("tariffs:services"))
    home = said(house.boris, house.boris.url("accounts:home"))
    assert "390,00 ₽ is needed" in home
    work_off()
    assert "Toucan 10" in mailbox.last.text

    pay(portal, house.other, 30_000)
    shown = said(house.boris, house.boris.url("tariffs:services"))
    assert "Stopped" not in shown
    assert "24 January" in shown, "nobody pays for days without service"
    assert in_hand(portal, house.other) == 50_000 - 39_000 + 30_000 - 39_000


def test_a_promised_payment_has_its_terms_first_and_is_one_at_a_time(
    house: House, portal: Portal, clock: MovableClock, load: Load
) -> None:
    load("offerings", MOBILE)
    load("services", "account;code;since;charge_on\n1002;m10;01.01.2026;22.11.2026\n")
    clock.advance(timedelta(days=3))
    run(portal, jobs.SETTLE)
    services = house.boris.url("tariffs:services")
    assert "Stopped" in said(house.boris, services)

    promise = link(house.boris, services, "Promised payment")
    terms = said(house.boris, promise)
    assert "400,00" in terms
    assert "10,00" in terms
    assert "28 November" in terms
    form = {**filled(house.boris, promise), "amount": "40000", "fee": "1000"}
    assert house.boris.post(promise, {**form, "fee": "0"}, page=promise).status_code == 303
    assert "Stopped" in said(house.boris, services), "other terms than were shown"
    for _ in range(2):
        assert house.boris.post(promise, form, page=promise).headers["location"] == services
    shown = said(house.boris, services)
    assert "Stopped" not in shown
    assert in_hand(portal, house.other) == -40_000, "390 for the plan, 10 for the promise, once"
    assert "One promised payment is open already" in said(house.boris, promise)

    clock.advance(timedelta(days=4))
    run(portal, jobs.SETTLE)
    assert "Stopped" in said(house.boris, services), "it was not paid"
    pay(portal, house.other, 40_000)
    assert "Stopped" not in said(house.boris, services)


def test_leaving_takes_as_few_steps_as_joining(house: House, portal: Portal, clock: MovableClock, load: Load) -> None:
    load("offerings", MOBILE)
    pay(portal, house.other, 100_000)
    ordered(house.boris, link(house.boris, house.boris.url("tariffs:catalogue"), "Connect Toucan 10"))
    service = link(house.boris, house.boris.url("tariffs:services"), "Toucan 10")
    house.boris.post(f"{service}renewal", {"renews": "0"}, page=service)
    assert "unless you renew it" in said(house.boris, service)
    clock.set(datetime.combine(date(2026, 12, 25), time(10), UTC))
    house.come_back()
    run(portal, jobs.SETTLE)
    assert in_hand(portal, house.other) == 61_000, "nothing is taken that was not asked for"
    assert "Stopped" in said(house.boris, service)
    house.boris.post(f"{service}renew", {}, page=service)
    assert "25 January" in said(house.boris, service)
    assert in_hand(portal, house.other) == 22_000
    assert house.anna.post(f"{service}renew", {}, page=house.anna.url("tariffs:services")).status_code == 404


@dataclass
class Told:
    """An account by the simplest telling there is: day by day, one rule after the other, nothing kept but what is seen."""

    money: int = 0
    promised: int = 0
    promised_until: date = date.min
    state: dict[str, str] = field(default_factory=dict)
    paid_until: dict[str, date] = field(default_factory=dict)
    anchor: dict[str, int] = field(default_factory=dict)
    charged: int = 0

    def on(self, day: date, prices: dict[str, int], *, paid: bool = False) -> None:
        if self.promised and day > self.promised_until:
            self.promised = 0
        for name, price in prices.items():
            if self.state[name] in ("ended", "frozen"):
                continue
            while self.paid_until[name] <= day and price <= self.money + self.promised:
                if self.state[name] == "suspended":
                    self.paid_until[name], self.anchor[name] = day, day.day
                self.money, self.charged = self.money - price, self.charged + price
                self.paid_until[name] = self.following(self.paid_until[name], self.anchor[name])
                self.state[name] = "active"
            if self.paid_until[name] > day:
                self.state[name] = "active" if self.money + self.promised >= 0 else "suspended"
            elif self.state[name] == "active" and (day - self.paid_until[name]).days >= 2:
                self.state[name] = "suspended"
            elif self.state[name] == "suspended" and (day - self.paid_until[name]).days >= 40:
                self.state[name] = "ended"
        if paid and self.promised and self.money >= 0:
            self.promised = 0

    @staticmethod
    def following(day: date, anchor: int) -> date:
        """The same day of the next month, or its last one: by walking."""
        first = day.replace(day=1) + timedelta(days=32)
        found = first.replace(day=1)
        while found.day < anchor and (found + timedelta(days=1)).month == found.month:
            found += timedelta(days=1)
        return found


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.sampled_from([10_000, 19_900, 39_000, 58_900, 120_000])),
        st.tuples(st.just("days"), st.sampled_from([1, 1, 2, 3, 7, 28, 45])),
        st.tuples(st.just("promise"), st.just(0)),
        st.tuples(st.just("bill"), st.sampled_from([5_000, 30_000])),
    ),
    max_size=14,
)
RUNS = pytest.mark.parametrize("runs", [12, pytest.param(300, marks=pytest.mark.proof)])


@RUNS
def test_rows_tell_what_a_slow_simple_telling_tells(
    world: World, portal: Portal, clock: MovableClock, load: Load, runs: int
) -> None:
    load("offerings", MOBILE)
    start = clock.now()

    @settings(max_examples=runs, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ACTS, st.sampled_from([date(2026, 11, 22), date(2026, 10, 31), date(2026, 12, 1)]))
    def lives(acts: list[tuple[str, int]], first: date) -> None:
        clock.set(start)
        account = world.account(f"7{next(numbers)}")
        load(
            "services",
            f"account;code;key;since;charge_on\n{account.number};m10;a;{first};{first}\n{account.number};film;b;{first};{first}\n",
        )
        told = Told(state=dict.fromkeys(("m10", "film"), "active"), paid_until=dict.fromkeys(("m10", "film"), first))
        told.anchor = dict.fromkeys(("m10", "film"), first.day)
        for act, much in [*acts, ("days", 1)]:
            _happens(portal, clock, account, told, act, much)
            _compare(portal, account, told)

    lives()


def _happens(portal: Portal, clock: MovableClock, account: AccountRef, told: Told, act: str, much: int) -> None:
    today = clock.now().date()
    if act == "pay":
        told.money += much
        told.on(today, PRICES, paid=True)
        pay(portal, account, much)
    elif act == "bill":
        told.money -= much
        _bill(portal, account, much)
    elif act == "promise":
        fits = not told.promised and told.money + 39_000 >= 0 and today > told.promised_until
        assert _promise(portal, account) == fits
        if fits:
            told.money, told.promised, told.promised_until = told.money - 1_000, 40_000, today + timedelta(days=3)
            told.charged += 1_000
            told.on(today, PRICES)
    else:
        for _ in range(much):
            clock.advance(timedelta(days=1))
            told.on(clock.now().date(), PRICES)
            _night(portal, account)


def _night(portal: Portal, account: AccountRef) -> None:
    """What the hourly job does to one account: it is looked at only where the job's statement finds it."""
    today = portal.clock.now().date()
    rules = portal.settings_of("tariffs")
    with portal.database.reading() as connection:
        given_up = today - timedelta(days=rules.end_days)
        found = reads.accounts(connection, today, given_up + timedelta(days=1), rules.below, account.id - 1, 1)
    if [row.id for row in found] == [account.id]:
        with open_unit(portal.database, portal.unit_context("test")) as db:
            settle(db, account, today)


def _bill(portal: Portal, account: AccountRef, amount: int) -> None:
    with open_unit(portal.database, portal.unit_context("test")) as db:
        mine = ledger.customer(db, account.id, "RUB")
        income = ledger.shared(db, "charged", "test", "RUB")
        ledger.book(db, f"line:{next(numbers)}", "charge", mine, income, amount, "RUB", portal.clock.now().date())


def _promise(portal: Portal, account: AccountRef) -> bool:
    try:
        with open_unit(portal.database, portal.unit_context("test")) as db:
            promising.promise(db, account, 0, f"{next(numbers):016}", (40_000, 1_000))
    except promising.NoPromise:
        return False
    return True


def _compare(portal: Portal, account: AccountRef, told: Told) -> None:
    mine: Any = Service.account_id == account.id
    with portal.database.reading() as connection:
        rows = connection.execute(select(Service.source_key, Service.state, Service.charge_on).where(mine)).all()
        charged = sum(connection.execute(select(Charge.amount).where(Charge.account_id == account.id)).scalars())
        is_open = connection.execute(
            select(Promise.id).where(Promise.account_id == account.id, Promise.state == "open")
        ).first()
    names = {f"{account.number}/a": "m10", f"{account.number}/b": "film"}
    assert {names[row.source_key or ""]: row.state for row in rows} == told.state
    until = {names[row.source_key or ""]: row.charge_on for row in rows if row.state != "ended"}
    assert until == {name: day for name, day in told.paid_until.items() if told.state[name] != "ended"}
    assert charged == told.charged
    assert (is_open is not None) == bool(told.promised)
    assert in_hand(portal, account) == told.money
