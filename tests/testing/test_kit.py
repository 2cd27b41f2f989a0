"""The testing kit does what it promises: real databases, real sign-in, real letters, crashes that are found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import text

from lkportal.accounts.models import Organisation
from lkportal.app import Portal
from lkportal.core.asked.letters import Letters
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.testing import PASSWORD, CrashPoints, Logs, Mailbox, SandboxDriver, Statements, Visitor, World

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def test_a_portal_stands_on_both_databases(portal: Portal, portal_url: str, clock: MovableClock) -> None:
    assert portal.database.is_sqlite == portal_url.startswith("sqlite")
    assert portal.registry.is_on("readings")
    assert portal.clock is clock
    before = portal.clock.now()
    clock.advance(timedelta(days=1))
    assert portal.clock.now() - before == timedelta(days=1)


def test_the_plugin_loads_where_there_is_only_sqlite() -> None:
    source = "import sys; sys.modules['psycopg'] = sys.modules['procrastinate'] = None; import lkportal.testing.plugin"
    subprocess.run([sys.executable, "-c", source], check=True)


@pytest.mark.parametrize("_again", [1, 2])
def test_each_test_has_a_database_of_its_own(world: World, _again: int) -> None:
    world.customer("once@example.org", world.account("1"))


class TestVisitors:
    def test_a_customer_is_signed_in_and_owns_an_account(self, customer: Visitor, account: AccountRef) -> None:
        assert customer.get(customer.url("accounts:home")).status_code == 200
        assert account.public_id in customer.url("readings:list")
        assert customer.get("/staff/").status_code == 404

    def test_staff_reach_the_desk(self, staff: Visitor) -> None:
        assert staff.get("/staff/").status_code == 200

    def test_a_stranger_is_sent_to_sign_in(self, anonymous: Visitor, account: AccountRef) -> None:
        answer = anonymous.get(f"/home/{account.public_id}/")
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")
        assert not anonymous.is_signed_in

    def test_people_sign_in_through_the_form(self, anonymous: Visitor, world: World, account: AccountRef) -> None:
        world.customer("anna@example.org", account)
        assert anonymous.sign_in("anna@example.org", PASSWORD + "!").status_code == 422
        assert anonymous.sign_in("anna@example.org").status_code == 303
        assert anonymous.is_signed_in

    def test_a_session_made_the_short_way_ends_like_any_other(self, customer: Visitor) -> None:
        assert customer.post("/logout", page="/settings").status_code == 303
        assert not customer.is_signed_in

    def test_two_browsers_keep_their_cookies_apart(
        self, customer: Visitor, visit: Callable[..., Visitor], world: World
    ) -> None:
        other = visit(world.customer("boris@example.org", world.account("2")))
        assert other.get(customer.url("accounts:home")).status_code == 404
        assert customer.get(customer.url("accounts:home")).status_code == 200

    def test_a_page_without_a_form_is_named(self, anonymous: Visitor) -> None:
        with pytest.raises(AssertionError, match=r"The page /health/live \(200\) has no form"):
            anonymous.post("/health/live")


@ON_SQLITE
def test_statements_are_counted_with_their_texts(
    portal: Portal, world: World, statements: Callable[[], AbstractContextManager[Statements]]
) -> None:
    with statements() as seen:
        with portal.database.reading() as connection:
            connection.execute(text("SELECT 1"))
        world.organisation("Water & Sons")
    assert (seen.texts[0], seen.commits) == ("SELECT 1", 1)
    assert [sql.split()[0] for sql in seen.writes] == ["INSERT"]
    with portal.database.reading() as connection:
        connection.execute(text("SELECT 2"))
    assert "SELECT 2" not in str(seen)


@ON_SQLITE
def test_letters_arrive_over_smtp(
    portal: Portal, mailbox: Mailbox, anonymous: Visitor, work_off: Callable[[], int]
) -> None:
    anonymous.post("/register", {"name": "Vera", "email": "vera@example.org"})
    assert len(mailbox) == 0
    assert work_off() > 0
    (letter,) = mailbox.to("vera@example.org")
    assert letter.subject
    assert any(link.startswith(portal.settings.portal.public_url + "/confirm/") for link in letter.links)


@ON_SQLITE
def test_logs_are_collected(logs: Logs, anonymous: Visitor) -> None:
    anonymous.get("/login")
    assert [line["route"] for line in logs.events("request")] == ["/login"]


@ON_SQLITE
def test_a_portal_may_take_payments_through_the_sandbox(gateway: SandboxDriver, portal: Portal) -> None:
    assert portal.settings_of("payments").takes_payments
    assert gateway.address in portal.origins


def name_two(portal: Portal) -> None:
    """Write two names in two units: a crash between them leaves one."""
    for name in ("first", "second"):
        with open_unit(portal.database, portal.unit_context()) as db:
            db.add(Organisation(name=name))


def name_and_write(portal: Portal) -> None:
    """Write a name and queue a letter about it, in one unit, then send the letter."""
    with open_unit(portal.database, portal.unit_context()) as db:
        db.add(Organisation(name="only"))
        letters = portal.ports.get(Letters)  # type: ignore[type-abstract]
        letters.send(
            db,
            to="a@example.org",
            template="auth/letters/password_changed",
            values={},
            locale="en",
            brand="",
            kind="auth.password_changed",
        )
    portal.worker().run_once()


def names(portal: Portal) -> list[str]:
    with portal.database.reading() as connection:
        return list(connection.execute(text("SELECT name FROM accounts_organisations ORDER BY id")).scalars())


class TestCrashPoints:
    @ON_SQLITE
    def test_every_moment_of_a_flow_is_a_point(self, crash_points: CrashPoints) -> None:
        moments = [point.moment for point in crash_points.points(name_two)]
        once = ["before_statement", "after_statement", "before_commit", "after_commit"]
        assert moments == once * 2

    @ON_SQLITE
    def test_a_crash_leaves_what_was_committed_and_nothing_else(self, crash_points: CrashPoints) -> None:
        found = []
        explored = crash_points.explore(name_two, lambda portal: found.append(names(portal)))
        assert explored.crashed == 8
        assert found == [[]] * 3 + [["first"]] * 4 + [["first", "second"]]

    @ON_SQLITE
    def test_a_state_that_a_crash_breaks_is_found_and_named(self, crash_points: CrashPoints) -> None:
        def both_or_none(portal: Portal) -> None:
            assert len(names(portal)) in (0, 2)

        with pytest.raises(AssertionError) as caught:
            crash_points.explore(name_two, both_or_none)
        said = str(caught.value)
        assert said.startswith("4 of 8 crashes leave a wrong state:\n4 after_commit")

    @ON_SQLITE
    def test_letters_are_points_too(self, crash_points: CrashPoints, mailbox: Mailbox) -> None:
        seen = [point.moment for point in crash_points.points(name_and_write)]
        assert "before_mail" in seen
        assert "after_mail" in seen
        left = []
        explored = crash_points.explore(
            name_and_write,
            lambda portal: left.append(len(mailbox)),
            wanted=lambda point: point.moment.endswith("_mail"),
            recover=lambda portal: None,
        )
        # Two runs without a crash sent one each; the letter of the crash before sending was not sent.
        assert (explored.crashed, left) == (2, [2, 3])
