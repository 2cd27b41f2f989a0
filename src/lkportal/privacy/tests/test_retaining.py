"""Rows whose time is over go, batch by batch; what still has time, or is proof, stays. A dry run changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from lkportal.accounts.models import Membership
from lkportal.app import Portal
from lkportal.audit.models import Record
from lkportal.core.clock import MovableClock
from lkportal.core.db import Base
from lkportal.core.jobs import enqueue
from lkportal.core.module import Module, PersonalTable
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.privacy import retaining
from lkportal.privacy.commands import privacy
from lkportal.privacy.settings import PrivacySettings
from lkportal.testing import World
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
YEARS = timedelta(days=366)


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {}


def night(portal: Portal, work_off: Callable[[], int]) -> None:
    with open_unit(portal.database, portal.unit_context("night")) as db:
        enqueue(db, retaining.RETAIN, {})
    work_off()


def holders(portal: Portal) -> list[tuple[object, ...]]:
    return list(rows(portal.database, "SELECT number, holder FROM accounts_accounts ORDER BY number"))


def test_an_account_loses_its_holder_five_years_after_closing(
    world: World, portal: Portal, clock: MovableClock, work_off: Callable[[], int]
) -> None:
    world.account("1", holder="Open", closed_at=None)
    world.account("2", holder="Closed lately", closed_at=clock.now() - 4 * YEARS)
    world.account("3", holder="Closed long ago", closed_at=clock.now() - 6 * YEARS)

    night(portal, work_off)
    night(portal, work_off)

    assert holders(portal) == [("1", "Open"), ("2", "Closed lately"), ("3", "")]


def test_rows_go_in_batches_and_those_with_time_stay(
    world: World,
    portal: Portal,
    clock: MovableClock,
    work_off: Callable[[], int],
    account: AccountRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retaining, "BATCH", 3)
    anna = world.customer("anna@example.org", account)
    with world.unit() as db:
        old, new = clock.now() - 4 * YEARS, clock.now() - 2 * YEARS
        for number, revoked in enumerate([old] * 10 + [new] * 2):
            shared = {"identity_id": anna.id, "account_id": account.id, "created_at": old, "revoked_at": revoked}
            db.execute(insert(Membership), {"public_id": f"m{number:015d}", "role": "reader", **shared})

    night(portal, work_off)

    assert rows(portal.database, "SELECT count(*) FROM accounts_memberships") == [(3,)]


def test_what_proves_stays_however_old(
    world: World, portal: Portal, clock: MovableClock, work_off: Callable[[], int], account: AccountRef
) -> None:
    with world.unit() as db:
        db.execute(
            insert(Record),
            {
                "public_id": "r" * 16,
                "at": clock.now() - 9 * YEARS,
                "actor": "customer:x",
                "action": "a",
                "outcome": "done",
            },
        )

    night(portal, work_off)

    assert (1,) in rows(portal.database, "SELECT count(*) FROM audit_records WHERE action = 'a'")


@ON_SQLITE
def test_rows_that_others_point_at_stay_and_it_is_told(
    world: World, portal: Portal, clock: MovableClock, account: AccountRef
) -> None:
    bills = import_module("lkportal.modules.payments.models")
    day = clock.now().date()
    with world.unit() as db:
        bill = bills.Bill(
            account_id=account.id, period=day, currency="RUB", total=1, posted=1, issued_on=day, due_on=day
        )
        db.add(bill)
        db.flush()
        db.add(bills.ChargeLine(bill_id=bill.id, position=1, kind="charge", service="Water", amount=1))
    clock.advance(10 * YEARS)
    payments = next(each for each in portal.known if each.name == "payments")
    only = [replace(payments, personal=(replace(payments.personal[0], retain="1 year", at_end="delete"),))]

    done = list(
        retaining.retain(
            only, PrivacySettings(), clock.now(), lambda: open_unit(portal.database, portal.unit_context("night"))
        )
    )

    assert [(each.table, each.rows, each.stuck) for each in done] == [("payments_bills", 0, True)]
    assert rows(portal.database, "SELECT count(*) FROM payments_bills") == [(1,)]


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"privacy": {"retain": {"accounts_accounts": "7 years after closing"}}}])
def test_the_company_may_keep_longer(
    world: World, portal: Portal, clock: MovableClock, work_off: Callable[[], int]
) -> None:
    world.account("1", holder="Kept", closed_at=clock.now() - 6 * YEARS)

    night(portal, work_off)

    assert holders(portal) == [("1", "Kept")]


@ON_SQLITE
def test_a_dry_run_tells_and_changes_nothing(world: World, portal: Portal, clock: MovableClock) -> None:
    world.account("1", holder="Gone", closed_at=clock.now() - 6 * YEARS)
    runner = CliRunner()

    dry = runner.invoke(privacy, ["retain", "--dry-run"], obj=lambda: portal)

    assert "Rows would be let go: 1" in dry.output
    assert holders(portal) == [("1", "Gone")]
    wet = runner.invoke(privacy, ["retain"], obj=lambda: portal)
    assert "Rows let go: 1" in wet.output
    assert holders(portal) == [("1", "")]
    assert "Rows let go: 0" in runner.invoke(privacy, ["retain"], obj=lambda: portal).output


@ON_SQLITE
def test_sealed_values_are_erased_once(world: World, portal: Portal, clock: MovableClock, account: AccountRef) -> None:
    models = import_module("lkportal.modules.payments.models")
    with world.unit() as db:
        paid = models.Payment(
            account_id=account.id,
            actor="x",
            token="t" * 16,
            amount=1,
            currency="RUB",
            state="paid",
            created_at=clock.now(),
        )
        db.add(paid)
        db.flush()
        shared = {"gateway": "g", "state": "succeeded", "created_at": clock.now() - 6 * YEARS}
        db.add(models.Attempt(payment_id=paid.id, key="k" * 36, intent='{"email": "anna@example.org"}', **shared))
    settings = PrivacySettings()

    def found() -> dict[str, int]:
        with portal.database.reading() as connection:
            return {
                each.table: each.rows
                for each in retaining.would_retain(connection, portal.known, settings, clock.now())
            }

    assert found()["payments_attempts"] == 1
    list(
        retaining.retain(
            portal.known, settings, clock.now(), lambda: open_unit(portal.database, portal.unit_context("n"))
        )
    )
    assert found()["payments_attempts"] == 0
    assert rows(portal.database, "SELECT intent FROM payments_attempts") == [("",)]


_LATE_TABLES = """
from sqlalchemy import Column, DateTime, Integer, String, Table
from lkportal.core.db import Base
Table("late_calls", Base.metadata, Column("id", Integer, primary_key=True), Column("phone", String(20)),
      Column("created_at", DateTime))
"""


def test_a_process_that_has_not_seen_a_module_lets_its_rows_go_too(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that is off is installed, but nothing in a fresh worker has imported its tables before the first night."""
    (tmp_path / "late_tables.py").write_text(_LATE_TABLES, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    calls = PersonalTable("late_calls", "phone", by="contact", retain="1 year")
    late = Module("late", "Late", "1", "late", models="late_tables", personal=(calls,))

    try:
        due = retaining.duties([late], PrivacySettings(), clock.now())
    finally:
        Base.metadata.remove(Base.metadata.tables["late_calls"])

    assert [(duty.personal.table, duty.act) for duty in due] == [("late_calls", "delete")]
