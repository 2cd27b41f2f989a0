"""All threads of one account as a state machine: requests and the conversation, joined, turned and closed in any order. Only listed
steps happen, one conversation goes on, every word stands in exactly one thread that can be read."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text

from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.tickets import merging, module, service, states
from lkportal.modules.tickets.chat import talking
from lkportal.modules.tickets.models import Message, Ticket
from lkportal.testing.world import World

STEPS = {(before, after) for (_, before), ends in states.STEPS.items() for after in ends}
MOST = 5
WHICH = st.integers(0, MOST - 1)
RUNS = pytest.mark.parametrize("runs", [8, pytest.param(300, marks=pytest.mark.proof)])


class Threads(RuleBasedStateMachine):
    """What was said, by whom it was said first, beside the rows."""

    def __init__(self, portal: Portal, account: AccountRef, customer: int, staff: int, numbers: Any) -> None:
        super().__init__()
        self.portal, self.account, self.customer, self.staff, self.numbers = portal, account, customer, staff, numbers
        self.tickets: list[str] = []
        self.said: list[str] = []
        self.stood: dict[str, str] = {}

    def words(self, state: str = "") -> service.Words:
        number = f"{next(self.numbers):016}"
        return service.Words(f"words {number}", number, state)

    def tried(self, work: Any, said: str = "") -> Any:
        try:
            with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
                found = work(db)
        except service.MovedOn:
            return None
        self.said += [said] if said else []
        return found

    def any_of(self, which: int) -> str:
        return self.tickets[which % len(self.tickets)]

    @precondition(lambda self: len(self.tickets) < MOST)
    @rule()
    def customer_asks(self) -> None:
        words = self.words()
        draft = service.Draft("tickets.other", "Water", words.body, words.token)
        made = self.tried(lambda db: service.ask(db, self.account, self.customer, draft)[0].public_id, words.body)
        self.tickets.append(made)

    @precondition(lambda self: len(self.tickets) < MOST)
    @rule()
    def customer_chats(self) -> None:
        words = self.words()
        made, is_new = self.tried(lambda db: talking.talk(db, self.account, self.customer, words), words.body)
        assert is_new
        self.tickets += [] if made in self.tickets else [made]

    @precondition(lambda self: self.tickets)
    @rule(which=WHICH)
    def customer_writes(self, which: int) -> None:
        words = self.words()
        self.tried(lambda db: service.say(db, self.account, self.any_of(which), self.customer, words), words.body)

    @precondition(lambda self: self.tickets)
    @rule(which=WHICH, after=st.sampled_from(["", "open", "waiting", "solved"]))
    def company_answers(self, which: int, after: str) -> None:
        words = self.words(after)
        self.tried(lambda db: service.answer(db, self.account, self.any_of(which), self.staff, words), words.body)

    @precondition(lambda self: self.tickets)
    @rule(which=WHICH, who=st.sampled_from(["customer", "company", "portal"]), after=st.sampled_from(states.STATES))
    def somebody_moves(self, which: int, who: str, after: str) -> None:
        self.tried(lambda db: service.move(db, self.account, self.any_of(which), who, after))

    @precondition(lambda self: self.tickets)
    @rule(which=WHICH, other=WHICH)
    def company_joins(self, which: int, other: int) -> None:
        into, taken = self.any_of(which), self.any_of(other)
        fits = into != taken and self.stood[into] in states.ALIVE and self.stood[taken] not in states.OVER
        self.tried(lambda db: merging.merge(db, self.account, into, taken, self.staff))
        with self.portal.database.reading() as connection:
            now = connection.execute(select(Ticket.state).where(Ticket.public_id == taken)).scalar()
        assert (now == "merged") == (fits or self.stood[taken] == "merged")

    @precondition(lambda self: self.tickets)
    @rule(which=WHICH)
    def company_turns(self, which: int) -> None:
        self.tried(lambda db: talking.turn(db, self.account, self.any_of(which), "tickets.repair", self.staff))

    @invariant()
    def the_rows_hold(self) -> None:
        with self.portal.database.reading() as connection:
            rows = connection.execute(select(Ticket.__table__).where(Ticket.public_id.in_(self.tickets))).all()
            keys = {row.id: row for row in rows}
            said = connection.execute(
                select(Message.ticket_id, Message.body).where(Message.body != "", Message.ticket_id.in_(keys))
            ).all()
            for law in module.invariants:
                assert not connection.execute(text(law.statement)).all(), law.name
        for row in rows:
            before = self.stood.get(row.public_id, "new")
            assert row.state == before or (before, row.state) in STEPS, (before, row.state)
            assert (row.talk is not None) == (row.type == "tickets.chat" and row.state not in states.OVER)
        self.stood = {row.public_id: row.state for row in rows}
        assert sorted(each.body for each in said) == sorted(self.said)
        assert all(keys[each.ticket_id].state != "merged" for each in said)
        assert sum(1 for row in rows if row.talk) <= 1

    def teardown(self) -> None:
        """Leave no conversation to the next run."""
        with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
            db.execute(text("UPDATE tickets_tickets SET talk = NULL, type = 'tickets.other' WHERE talk IS NOT NULL"))


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@RUNS
def test_no_order_of_acts_loses_a_word_or_leads_where_it_should_not(portal: Portal, world: World, runs: int) -> None:
    home = world.account("1001")
    anna, olga = world.customer("anna@example.org", home), world.staff("olga@example.org", "operator")
    machine = partial(Threads, portal, home, anna.id or 0, olga.id or 0, count(1))

    run_state_machine_as_test(
        cast(type[RuleBasedStateMachine], machine),
        settings=settings(
            max_examples=runs, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
