"""An order as a state machine: its customer, the company and the clock in any order. Only listed steps happen to the order and to its
service, and the rows tell what a simple telling tells."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.tariffs import jobs, service
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.models import Offering, Order, Service
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.orders.quotes import Unfit
from lkportal.modules.tariffs.orders.quoting import Asked, quoted
from lkportal.modules.tariffs.states import Kind
from lkportal.modules.tariffs.tests.conftest import CATALOGUE, Load
from lkportal.testing.world import NOON, World

RUNS = pytest.mark.parametrize("runs", [3, pytest.param(300, marks=pytest.mark.proof)])
BY_ITSELF = ["connect", "disconnect", "freeze", "change"]
FITS = {"freeze": ("active",), "resume": ("frozen",), "change": ("active",), "disconnect": ("active", "frozen")}
BECOMES = {"freeze": "frozen", "resume": "active", "change": "active", "disconnect": "ended"}
PLANS = ("fly100", "fly300")


class Life(RuleBasedStateMachine):
    """One plan of one account, and the orders about it."""

    def __init__(self, portal: Portal, world: World, load: Load, by_itself: bool, numbers: Any) -> None:
        super().__init__()
        self.portal, self.by_itself, self.numbers = portal, by_itself, numbers
        self.clock.set(NOON)
        self.account: AccountRef = world.account(f"8{next(numbers)}")
        load("services", f"account;code;key;since\n{self.account.number};fly100;a;01.01.2026\n")
        self.state, self.plan, self.frozen_until = "active", "fly100", date.max
        self.orders: list[dict[str, Any]] = []
        self.service = self.read(select(Service.public_id).where(Service.account_id == self.account.id))
        self.offerings = {
            plan: self.read(select(Offering.public_id).where(Offering.source_key == plan)) for plan in PLANS
        }

    @property
    def clock(self) -> MovableClock:
        assert isinstance(self.portal.clock, MovableClock)
        return self.portal.clock

    @property
    def today(self) -> date:
        return local_day(self.clock.now(), self.account.time_zone)

    @property
    def waiting(self) -> dict[str, Any] | None:
        return next((each for each in self.orders if each["state"] == "waiting"), None)

    def read(self, statement: Any) -> Any:
        with self.portal.database.reading() as connection:
            return connection.execute(statement).scalar()

    def act(self, work: Any) -> Any:
        with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
            return work(db)

    @rule(kind=st.sampled_from(sorted(FITS)), ahead=st.sampled_from([0, 1, 3]))
    def customer_orders(self, kind: Kind, ahead: int) -> None:
        first = self.today if self.by_itself and kind in BY_ITSELF else self.today + timedelta(days=1)
        day = first + timedelta(days=ahead)
        other = next(plan for plan in PLANS if plan != self.plan)
        asked = Asked(
            kind, self.offerings[other] if kind == "change" else "", self.service, day, day + timedelta(days=5)
        )
        fits = self.state in FITS[kind]
        try:
            made = self.act(lambda db: self.placed(db, asked))
        except Unfit:
            assert not fits, f"{kind} refused while {self.state}"
            return
        except service.MovedOn:
            assert self.waiting is not None, "nothing waits, and it was called busy"
            return
        assert fits, f"{kind} ordered while {self.state}"
        self.orders.append({"id": made, "kind": kind, "state": "waiting", "day": day, "plan": other})
        if self.by_itself and kind in BY_ITSELF and day <= self.today:
            self.done(self.orders[-1])

    def placed(self, db: Any, asked: Asked) -> str:
        rules = self.portal.ports.get(Office).settings
        _, quote = quoted(db.connection(), self.account, asked, rules, self.today)
        draft = service.Draft(asked, f"{next(self.numbers):016}", (quote.price, quote.monthly))
        return service.place(db, self.account, 0, draft)[0].public_id

    def done(self, order: dict[str, Any]) -> None:
        day = max(order["day"], self.today)
        order["state"], self.state = "processed", BECOMES[order["kind"]]
        self.frozen_until = order["day"] + timedelta(days=5) if order["kind"] == "freeze" else self.frozen_until
        self.plan = order["plan"] if order["kind"] == "change" else self.plan
        assert day >= order["day"]

    @rule(which=st.integers(0, 3))
    def customer_takes_back(self, which: int) -> None:
        self.stepped(which, "canceled", lambda db, order: service.cancel(db, self.account, order))

    @rule(which=st.integers(0, 3))
    def company_refuses(self, which: int) -> None:
        self.stepped(which, "rejected", lambda db, order: service.reject(db, self.account, order, "No"))

    @rule(which=st.integers(0, 3))
    def company_carries_out(self, which: int) -> None:
        self.stepped(which, "processed", lambda db, order: service.carry_out(db, self.account, order, "company"))

    def stepped(self, which: int, after: str, step: Any) -> None:
        """Try a step on one of the orders, whether it still waits or not."""
        if which >= len(self.orders):
            return
        order = self.orders[-1 - which]
        fits = order["state"] == "waiting" and (after != "processed" or self.state in FITS[order["kind"]])
        try:
            self.act(lambda db: step(db, order["id"]))
        except service.MovedOn:
            assert not fits, f"{after} refused: {order}, {self.state}"
            return
        assert fits, f"{after} happened: {order}, {self.state}"
        if after == "processed":
            self.done(order)
        order["state"] = after

    @rule(hours=st.sampled_from([1, 25, 75]))
    def night_comes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.act(lambda db: [enqueue(db, name, {}) for name in (jobs.CARRY_OUT, jobs.THAW)])
        self.portal.worker().run_once()
        order = self.waiting
        if order is not None and self.by_itself and order["kind"] in BY_ITSELF and order["day"] <= self.today:
            self.done(order)
        if self.state == "frozen" and self.frozen_until <= self.today:
            self.state = "active"

    @invariant()
    def the_rows_tell_the_same(self) -> None:
        mine = Order.account_id == self.account.id
        with self.portal.database.reading() as connection:
            told = connection.execute(select(Order.public_id, Order.state).where(mine).order_by(Order.id)).all()
            row = connection.execute(
                select(Service.state, Service.ended_on, Offering.source_key)
                .join(Offering, Offering.id == Service.offering_id)
                .where(Service.account_id == self.account.id)
            ).one()
            waiting = connection.execute(select(func.count()).where(mine, Order.state == "waiting")).scalar()
        assert [tuple(each) for each in told] == [(each["id"], each["state"]) for each in self.orders]
        assert (row.state, row.source_key) == (self.state, self.plan)
        assert (row.ended_on is not None) == (self.state == "ended")
        assert (waiting or 0) <= 1


def _settings(kinds: list[str]) -> dict[str, Any]:
    return {"modules": {"enabled": ["payments", "tariffs"]}, "tariffs": {"automatic": kinds}}


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("portal_overrides", "by_itself"), [(_settings([]), False), (_settings(BY_ITSELF), True)], ids=["desk", "portal"]
)
@RUNS
def test_no_order_of_acts_leads_where_it_should_not(
    portal: Portal, world: World, load: Load, runs: int, by_itself: bool
) -> None:
    load("offerings", CATALOGUE)
    machine = cast(type[RuleBasedStateMachine], partial(Life, portal, world, load, by_itself, count(1)))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
