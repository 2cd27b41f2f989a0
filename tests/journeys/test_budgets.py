"""What a page may cost: the preset's dashboard nine statements, a card two; and reading never writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.testing import Mailbox, SandboxDriver, Statements, Visitor, World, counting, utility
from lkportal.testing.leaks import Prover, Visit
from lkportal.testing.rows import rows_of, written_tables
from lkportal.testing.town import Town, build
from lkportal.testing.verdicts import expected

DASHBOARD, CARD, DESK = 9, 2, 8
"""Statements of the dashboard whole, of a card or section at most, of a page of the desk beside its sections. Four modules have
cards there; that of requests, which tells who waits for whom, is one prepared look into an index."""
# Written after the answer: when and where a session was seen, that a notice was opened. Written with it: that staff looked.
AFTER: Mapping[str, frozenset[str]] = {
    "": frozenset({"auth_sessions"}),
    "accounts:first": frozenset({"accounts_first_visits", "accounts_first_steps"}),
    "notify:open": frozenset({"notify_messages"}),
    "tickets:ticket": frozenset({"tickets_seen"}),
    "tickets:now": frozenset({"tickets_seen"}),
    "tickets:chat": frozenset({"tickets_seen"}),
    "staff:customer": frozenset({"audit_records"}),
    "privacy:person": frozenset({"audit_records"}),
    "payments:export_file": frozenset({"audit_records"}),
    "audit:trail_csv": frozenset({"audit_records"}),
    "audit:trail_xlsx": frozenset({"audit_records"}),
    "staff:report_csv": frozenset({"audit_records"}),
    "staff:report_xlsx": frozenset({"audit_records"}),
    "payments:desk_payment": frozenset({"audit_records"}),
    "payments:desk_bill_paper": frozenset({"audit_records"}),
    "payments:desk_receipt": frozenset({"audit_records"}),
    "payments:desk_statement": frozenset({"audit_records"}),
    "payments:desk_act": frozenset({"audit_records"}),
}
# Calls of programs are counted against their limit, and a token is marked as used.
CALLED = frozenset({"core_rate_limits", "api_tokens"})


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    """The preset of a utility."""
    return {"modules": {"enabled": ["payments", "readings", "news", "tickets"]}}


@pytest.fixture
def lived_in(portal: Portal, world: World, account: AccountRef, mailbox: Mailbox) -> AccountRef:
    """The account of `customer` with bills, a payment, a meter, and notices about them."""
    town = Town(portal, world, accounts={"own": account})
    for put in utility.PLANTS.values():
        put(town, account)
    utility.speak(town)
    return account


def test_the_dashboard_keeps_to_its_statements(
    gateway: SandboxDriver,
    portal: Portal,
    customer: Visitor,
    lived_in: AccountRef,
    statements: Callable[[], AbstractContextManager[Statements]],
) -> None:
    home = customer.url("accounts:home")
    customer.get(home)  # the first visit of a session is noted once its answer is sent

    with statements() as seen:
        answer = customer.get(home)

    assert answer.status_code == 200
    assert all(f'id="{card}"' in answer.text for card in ("readings-meters", "readings-consumption"))
    assert len(seen) <= DASHBOARD, str(seen)
    assert seen.writes == []
    for card in portal.registry.cards:
        assert len(card.queries) <= CARD, card.name


def test_a_page_of_the_desk_keeps_to_its_statements(
    portal: Portal,
    staff: Visitor,
    lived_in: AccountRef,
    statements: Callable[[], AbstractContextManager[Statements]],
) -> None:
    path = f"/staff/accounts/{lived_in.public_id}"
    staff.get(path)
    with statements() as seen:
        assert staff.get(path).status_code == 200
    sections = portal.registry.sections["staff:customer"]
    assert len(seen) <= DESK + sum(len(section.queries) for section in sections), str(seen)
    for section in (each for slot in portal.registry.sections.values() for each in slot):
        assert len(section.queries) <= CARD, section.name


@pytest.fixture
def town(gateway: SandboxDriver, portal: Portal, clock: MovableClock, mailbox: Mailbox) -> Town:
    made = build(portal, clock, utility.PLANTS, utility.CODES)
    utility.speak(made)
    return made


@pytest.mark.parametrize(
    "portal_url",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.proof])],
    indirect=True,
)
def test_reading_never_writes(town: Town) -> None:
    prover = Prover(town, samples=utility.SAMPLES)
    before = {
        place: row
        for place, row in rows_of(town).items()
        if place[0] not in ("auth_sessions", "notify_messages", "tickets_seen", "api_tokens")
    }
    opened, problems = 0, []
    with prover.at_work():
        for visit in _welcome(prover, town):
            with counting(town.portal.database) as seen:
                status = prover.get(visit).status_code
            opened += status == 200
            written = written_tables(seen, own_books=True) - AFTER[""] - AFTER.get(visit.bound.name, frozenset())
            if "viewing" in visit.person.title:
                written -= {"audit_records"}  # the desk sees pages as a customer: each look is written
            if visit.bound.spec.kind == "api":
                written -= CALLED
            if written or status >= 500:
                problems.append(f"{visit.title(town, 'GET')} answers {status} and writes {sorted(written)}")
    assert not problems, "\n".join(problems)
    assert opened > 60
    after = rows_of(town)
    assert {place: after.get(place) for place in before} == before


def _welcome(prover: Prover, town: Town) -> Iterator[Visit]:
    """Every GET that should be let in, as the owner, as the company's accountant and as everybody at the desk."""
    readers = {"owner", "accountant of the company"}
    for bound in town.portal.edge.routes.by_name.values():
        if "GET" not in bound.spec.methods:
            continue
        for visit in prover.visits(bound):
            is_one = visit.person.title in readers or bool(visit.person.roles)
            if is_one and expected(town, visit.person, bound, visit.values) in ("pass", "open"):
                yield visit
