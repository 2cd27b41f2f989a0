"""The auditor finds what one person did on one account within some days, takes it as a file, and sees whether the seals hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.audit import sealer
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef, Actor, AuditLog
from lkportal.core.ports import port
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World


def note(world: World, who: Actor, action: str, account: AccountRef, target: str = "") -> None:
    with world.unit(who) as db:
        port(db, AuditLog).record(db, action, account=account, target=target)  # type: ignore[type-abstract]


@pytest.fixture
def world(portal: Portal, clock: MovableClock) -> World:
    return World(portal.database, clock, portal.ports)


@pytest.fixture
def auditor(visit: Callable[..., Visitor], world: World) -> Visitor:
    return visit(world.staff("auditor@example.org", "auditor"))


def test_the_trail_is_narrowed_and_taken_as_a_file(
    world: World, account: AccountRef, clock: MovableClock, visit: Callable[..., Visitor]
) -> None:
    anna, boris = world.customer("anna@example.org", account), world.customer("boris@example.org", account)
    note(world, anna, "readings.submitted", account)
    note(world, boris, "accounts.left", account)
    with world.unit() as db:
        sealer.seal(db)
    clock.advance(timedelta(days=5))
    note(world, anna, "staff.module_switched", account, "readings")
    auditor = visit(world.staff("auditor@example.org", "auditor"))

    def found(query: str) -> str:
        answer = auditor.get(f"/staff/audit/?{query}")
        assert answer.status_code == 200, answer.text
        return str(answer.text).partition("<tbody>")[2]

    assert found("").count("<tr") == 3
    assert found("who=anna@example.org").count("<tr") == 2
    assert found("who=nobody").count("<tr") == 0
    assert found(f"account={account.number}&action=accounts.left").count("<tr") == 1
    assert found("days_from=2026-11-25").count("<tr") == 1
    assert found("days_to=2026-11-24").count("<tr") == 2
    assert f"/staff/accounts/{account.public_id}" in found("")
    assert auditor.get("/staff/audit/?days_from=soon").status_code == 422

    table = auditor.get("/staff/audit/trail.csv?who=anna@example.org").text
    assert table.count("\n") == 3
    assert "readings.submitted" in table
    assert "audit.exported" in found("action=audit.exported") + auditor.get("/staff/audit/trail.csv").text


def test_a_record_changed_behind_the_back_shows(
    portal: Portal, world: World, account: AccountRef, auditor: Visitor
) -> None:
    note(world, world.customer("anna@example.org", account), "readings.submitted", account)
    with world.unit() as db:
        sealer.seal(db)
    assert "newest seals hold" in auditor.get("/staff/audit/seals").text

    with portal.database.unit() as db:
        db.execute(text("UPDATE audit_records SET action = 'readings.forged'"))

    assert "1 seal does not hold" in auditor.get("/staff/audit/seals").text
