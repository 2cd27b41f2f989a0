"""A document as a state machine: its customer, the company and the clock in any order. Only listed steps happen, nobody agrees with their
own words, no version is lost or changed, and the chain of the history holds to its end."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from io import BytesIO
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
from lkportal.core.storage import Storage
from lkportal.core.unit import open_unit
from lkportal.modules.documents import service
from lkportal.modules.documents.evidence import chain
from lkportal.modules.documents.files.checking import Checked
from lkportal.modules.documents.files.keeping import Kept, keep
from lkportal.modules.documents.jobs import EXPIRE
from lkportal.modules.documents.models import Document, Happening, Version
from lkportal.testing.world import NOON, World

RUNS = pytest.mark.parametrize("runs", [5, pytest.param(300, marks=pytest.mark.proof)])
ENDS = ("agreed", "signed", "withdrawn")


class Life(RuleBasedStateMachine):
    """One document: what it is now by the simplest telling there is, beside the rows."""

    def __init__(self, portal: Portal, account: AccountRef, people: tuple[int, int], asks: str, numbers: Any) -> None:
        super().__init__()
        self.portal, self.account, self.numbers = portal, account, numbers
        self.customer, self.staff = people
        self.clock.set(NOON)
        self.asks, self.state, self.side, self.bytes = asks, "waiting" if asks else "issued", "company", [self.body()]
        self.table, self.accepted, self.happened = 1, False, 1
        self.due = NOON + timedelta(days=3) if asks else None
        draft = service.Draft(
            "documents.act", "Act", self.token(), self.kept(self.bytes[0]), asks=asks, due_at=self.due
        )
        self.document = self.act(lambda db: service.publish(db, account, self.staff, draft)[0].public_id)
        self.sides = ["company"]

    @property
    def clock(self) -> MovableClock:
        assert isinstance(self.portal.clock, MovableClock)
        return self.portal.clock

    def token(self) -> str:
        return f"{next(self.numbers):016}"

    def body(self) -> bytes:
        return f"bytes {next(self.numbers)}".encode()

    def kept(self, body: bytes) -> Kept:
        storage = self.portal.ports.get(Storage)  # type: ignore[type-abstract]
        return keep(storage, Checked("act.txt", "text/plain", BytesIO(body), ()))

    def act(self, work: Any) -> Any:
        with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
            return work(db)

    def stands(self) -> bool:
        """Whether the company stands behind the version on the table."""
        return self.sides[self.table - 1] == "company" or self.accepted

    def tried(self, who: str, act: str, *, fits: bool, after: str, **more: Any) -> bool:
        person = self.customer if who == "customer" else self.staff
        step = service.Step(who, act, person if who != "portal" else None, self.token(), **more)
        try:
            self.act(lambda db: service.take(db, self.account, self.document, step))
        except service.MovedOn:
            assert not fits, f"{who} {act} refused in {self.state}"
            return False
        assert fits, f"{who} {act} happened in {self.state}"
        self.happened += 1
        if self.state == "expired" and after == "waiting":
            self.due = None
        self.state = after
        return True

    @rule()
    def customer_agrees(self) -> None:
        fits = self.state == "waiting" and self.asks == "agree" and self.stands()
        self.tried("customer", "agree", fits=fits, after="agreed")

    @rule()
    def customer_signs(self) -> None:
        fits = self.state == "waiting" and self.asks == "sign" and self.stands()
        if self.tried("customer", "certify", fits=fits, after="signed"):
            self.accepted = False

    @rule()
    def customer_remarks(self) -> None:
        if self.tried("customer", "remark", fits=self.state in ("waiting", "review"), after="review", remark="Why?"):
            self.accepted = False

    @rule()
    def customer_proposes(self) -> None:
        body = self.body()
        fits = self.state in ("waiting", "review")
        if self.tried("customer", "propose", fits=fits, after="review", kept=self.kept(body)):
            self.put(body, "customer")

    @rule()
    def customer_declines(self) -> None:
        self.tried("customer", "decline", fits=self.state in ("waiting", "review"), after="declined", remark="No")

    @rule()
    def company_puts_a_version(self) -> None:
        body = self.body()
        fits = self.state not in ENDS
        after = "issued" if self.state == "issued" else "waiting"
        if self.tried("company", "version", fits=fits, after=after, kept=self.kept(body)):
            self.put(body, "company")

    @rule(number=st.integers(1, 4))
    def company_restores(self, number: int) -> None:
        if number > len(self.bytes):
            return
        fits = self.state not in ENDS
        after = "issued" if self.state == "issued" else "waiting"
        if self.tried("company", "restore", fits=fits, after=after, restores=number):
            self.put(self.bytes[number - 1], "company")

    @rule()
    def company_answers(self) -> None:
        fits = self.state in ("waiting", "review", "expired")
        stood = self.stands()
        if self.tried("company", "answer", fits=fits, after="waiting", remark="So it is") and not stood:
            self.table = max(place for place, side in enumerate(self.sides, 1) if side == "company")
            self.accepted = False

    @rule()
    def company_agrees(self) -> None:
        fits = self.state == "review" and self.asks == "agree" and not self.stands()
        self.tried("company", "agree", fits=fits, after="agreed")

    @rule()
    def company_accepts(self) -> None:
        fits = self.state == "review" and self.asks == "sign" and not self.stands()
        if self.tried("company", "accept", fits=fits, after="waiting"):
            self.accepted = True

    @rule()
    def company_withdraws(self) -> None:
        self.tried("company", "withdraw", fits=self.state not in ENDS, after="withdrawn")

    @rule(hours=st.sampled_from([1, 25, 80]))
    def night_comes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.act(lambda db: enqueue(db, EXPIRE, {}))
        self.portal.worker().run_once()
        if self.state == "waiting" and self.due is not None and self.due < self.clock.now():
            self.state, self.happened, self.accepted = "expired", self.happened + 1, False

    def put(self, body: bytes, side: str) -> None:
        self.bytes.append(body)
        self.sides.append(side)
        self.table, self.accepted = len(self.bytes), False

    @invariant()
    def the_rows_tell_the_same(self) -> None:
        with self.portal.database.reading() as connection:
            row = connection.execute(select(Document.__table__).where(Document.public_id == self.document)).one()
            versions = connection.execute(
                select(Version.__table__).where(Version.document_id == row.id).order_by(Version.number)
            ).all()
            events = connection.execute(
                select(Happening.__table__).where(Happening.document_id == row.id).order_by(Happening.seq)
            ).all()
        assert (row.state, row.version, row.seq) == (self.state, self.table, self.happened)
        if row.state in ("waiting", "review"):
            assert row.approved == self.stands()
        storage = self.portal.ports.get(Storage)  # type: ignore[type-abstract]
        assert [each.sha256 for each in versions] == [hashlib.sha256(each).hexdigest() for each in self.bytes]
        assert all(
            storage.get(each.file_key) == body for each, body in zip(versions[-2:], self.bytes[-2:], strict=True)
        )
        head = chain.START
        for place, each in enumerate(events, 1):
            head = chain.linked(head, each.facts)
            assert (each.seq, each.hash) == (place, head)
            assert chain.sha256(chain.canonical(each.private)) == each.facts["private"]
        assert (len(events), row.head) == (self.happened, head)


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("asks", ["agree", "sign", ""])
@RUNS
def test_no_order_of_acts_leads_where_it_should_not(portal: Portal, world: World, runs: int, asks: str) -> None:
    home = world.account("1001")
    anna, olga = world.customer("anna@example.org", home), world.staff("olga@example.org", "specialist")
    people = (anna.id or 0, olga.id or 0)

    machine = cast(type[RuleBasedStateMachine], partial(Life, portal, home, people, asks, count(1)))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
