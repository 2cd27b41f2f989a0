"""A ticket as a state machine: its customer, the company and the clock in any order. Only listed steps happen, nothing is lost of what
was written, the promised term is what counting minutes one by one gives, whoever waited for whom."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.jobs import CLOSE
from lkportal.modules.tickets.models import Message, Ticket
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.tests.test_life import worked
from lkportal.testing.world import NOON, World

TOTAL = 40 * 60
"""Working minutes until a request of this type is solved."""
MINUTES = st.sampled_from([1, 7, 59, 60, 480, 1440, 2881, 3 * 1440, 8 * 1440])
RUNS = pytest.mark.parametrize("runs", [25, pytest.param(500, marks=pytest.mark.proof)])


class Life(RuleBasedStateMachine):
    """One ticket: what it is now by the simplest telling there is, beside the rows."""

    def __init__(self, portal: Portal, account: AccountRef, customer: int, staff: int, numbers: Any) -> None:
        super().__init__()
        self.portal, self.account, self.customer, self.staff, self.numbers = portal, account, customer, staff, numbers
        self.clock.set(NOON)
        self.state, self.said, self.inner, self.worked, self.rated = "new", 1, 0, 0, False
        self.solved_at = self.changed_at = NOON
        self.kept_late = False
        draft = service.Draft("tickets.other", "Water", "Brown water", self.token())
        self.ticket = self.act(lambda db: service.ask(db, account, customer, draft)[0].public_id)

    @property
    def clock(self) -> MovableClock:
        assert isinstance(self.portal.clock, MovableClock)
        return self.portal.clock

    def token(self) -> str:
        return f"{next(self.numbers):016}"

    def act(self, work: Any) -> Any:
        with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
            return work(db)

    def tried(self, work: Any, *, fits: bool) -> bool:
        """Do what somebody tries; True when it happened, which must be when it `fits`."""
        try:
            self.act(work)
        except service.MovedOn:
            assert not fits, f"refused in {self.state}"
            return False
        assert fits, f"happened in {self.state}"
        return True

    def came_to(self, state: str) -> None:
        if state == "solved" and self.state != "solved":
            self.solved_at = self.clock.now()
        if state == "waiting" and self.state != "waiting":
            self.kept_late = self.worked >= TOTAL
        self.state, self.changed_at = state, self.clock.now()

    @rule()
    def customer_writes(self) -> None:
        words = service.Words("Still brown", self.token())
        fits = self.state in ("new", "open", "waiting", "solved")
        if self.tried(lambda db: service.say(db, self.account, self.ticket, self.customer, words), fits=fits):
            self.said += 1
            self.came_to("new" if self.state == "new" else "open")

    @rule(after=st.sampled_from(["", "open", "waiting", "solved"]))
    def company_answers(self, after: str) -> None:
        words = service.Words("We look", self.token(), state=after)
        comes_to = after or ("open" if self.state == "new" else self.state)
        fits = self.state in ("new", "open", "waiting") or (self.state == "solved" and comes_to in ("open", "solved"))
        if self.tried(lambda db: service.answer(db, self.account, self.ticket, self.staff, words), fits=fits):
            self.said += 1
            self.came_to(comes_to)

    @rule()
    def company_notes(self) -> None:
        words = service.Words("Ask the master", self.token(), state="solved")
        self.act(lambda db: service.note(db, self.ticket, self.staff, words))
        self.inner += 1

    @rule(who=st.sampled_from(["customer", "company"]), after=st.sampled_from(states.STATES))
    def somebody_moves(self, who: str, after: str) -> None:
        fits = (self.state, after) in {
            ("new", "withdrawn"), ("open", "withdrawn"), ("waiting", "withdrawn"), ("waiting", "open"),
            ("solved", "open"), ("solved", "closed"),
        } if who == "customer" else self.state != after and after in {
            "new": ("open", "waiting", "solved"), "open": ("waiting", "solved"), "waiting": ("open", "solved"),
            "solved": ("open",),
        }.get(self.state, ())  # fmt: skip
        if self.tried(lambda db: service.move(db, self.account, self.ticket, who, after), fits=fits):
            self.came_to(after)

    @rule()
    def customer_rates(self) -> None:
        soon = self.clock.now() - self.solved_at < timedelta(days=30)
        fits = self.state in ("solved", "closed") and not self.rated and soon
        if self.tried(lambda db: service.rate(db, self.account, self.ticket, 4, "Fine"), fits=fits):
            self.rated = True

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: int) -> None:
        calendar, now = self.portal.ports.get(Office).calendar, self.clock.now()
        if self.state in ("new", "open") or (self.state == "waiting" and self.kept_late):
            self.worked += sum(worked(calendar, now + timedelta(minutes=each)) for each in range(minutes))
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def night_comes(self) -> None:
        self.act(lambda db: enqueue(db, CLOSE, {}))
        self.portal.worker().run_once()
        if self.state == "solved" and self.clock.now() - self.changed_at > timedelta(days=7):
            self.came_to("closed")

    @invariant()
    def the_rows_tell_the_same(self) -> None:
        with self.portal.database.reading() as connection:
            row = connection.execute(select(Ticket.__table__).where(Ticket.public_id == self.ticket)).one()
            said = connection.execute(select(Message.inner, Message.body).where(Message.ticket_id == row.id)).all()
        assert row.state == self.state
        assert sum(1 for each in said if each.body and not each.inner) == self.said
        assert sum(1 for each in said if each.inner) == self.inner
        assert (row.rating is not None) == self.rated
        if self.state in ("new", "open") and self.worked < TOTAL:
            left = self.portal.ports.get(Office).minutes_left(self.clock.now(), row.solve_due)
            assert left == TOTAL - self.worked
            assert row.paused is None
        if self.state == "waiting" and not self.kept_late:
            assert (row.paused, row.solve_due) == (TOTAL - self.worked, None)


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@RUNS
def test_no_order_of_acts_leads_where_it_should_not(portal: Portal, world: World, runs: int) -> None:
    home = world.account("1001")
    anna, olga = world.customer("anna@example.org", home), world.staff("olga@example.org", "operator")

    machine = cast(type[RuleBasedStateMachine], partial(Life, portal, home, anna.id or 0, olga.id or 0, count(1)))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
