"""Erasure: asked with time to change one's mind, done by the declarations, resumed after a crash; what stays is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from lkportal.accounts.models import Membership
from lkportal.app import Portal
from lkportal.audit import sealer
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.privacy import erasing, erasure, exports
from lkportal.privacy.collecting import person_of
from lkportal.privacy.models import Erasure
from lkportal.privacy.office import Office
from lkportal.privacy.settings import PrivacySettings
from lkportal.testing import NOON, CrashPoints, Mailbox, Point, Visitor, World
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
WEEK = timedelta(days=7, minutes=1)
EMAIL = "anna@example.org"


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {}


def ask(visitor: Visitor) -> Any:
    return visitor.post(visitor.url("privacy:ask_erasure"), page=visitor.url("privacy:erasure"))


def everything(portal: Portal) -> str:
    """Return all rows of all tables as text, but what is still on its way and the journal of jobs."""
    with portal.database.reading() as connection:
        kind = connection.dialect.name
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if kind == "postgresql":
            named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [str(row[0]) for row in connection.execute(text(named))]
        kept = [name for name in names if not name.startswith(("sqlite", "core_", "procrastinate"))]
        return "\n".join(str(row) for name in kept for row in connection.execute(text(f"SELECT * FROM {name}")))


def test_a_person_is_erased_when_the_days_are_over(
    customer: Visitor, portal: Portal, clock: MovableClock, work_off: Callable[[], int], mailbox: Mailbox, world: World
) -> None:
    boris = world.customer("boris@example.org", customer.account)  # type: ignore[arg-type]
    assert ask(customer).status_code == 303
    assert "will be erased on" in customer.get(customer.url("privacy:home")).text
    work_off()
    assert EMAIL in everything(portal)

    clock.advance(WEEK)
    work_off()
    work_off()

    assert EMAIL not in everything(portal)
    assert customer.get(customer.url("accounts:home")).headers["location"].startswith("/login")
    states = rows(portal.database, "SELECT state FROM privacy_erasures")
    assert states == [("done",)]
    gone = rows(portal.database, "SELECT login, email, name, password_hash FROM auth_identities WHERE id = 1")
    assert gone == [("gone-1", "", "", "")]
    assert rows(portal.database, f"SELECT login FROM auth_identities WHERE id = {boris.id}") == [("boris@example.org",)]
    living = select(Membership.identity_id).where(Membership.revoked_at.is_(None))
    with portal.database.reading() as connection:
        assert list(connection.scalars(living)) == [boris.id]
    last = [letter for letter in mailbox.letters if letter.subject == "Your data are erased"]
    assert len(last) == 1
    assert "Your rights to accounts" in last[0].text


def test_the_audit_keeps_its_seals_and_names_nobody(
    customer: Visitor, portal: Portal, clock: MovableClock, work_off: Callable[[], int]
) -> None:
    ask(customer)
    with open_unit(portal.database, portal.unit_context("seal")) as db:
        enqueue(db, "audit.seal", {})
    work_off()
    clock.advance(WEEK)
    work_off()
    with open_unit(portal.database, portal.unit_context("seal")) as db:
        enqueue(db, "audit.seal", {})
    work_off()

    with portal.database.reading() as connection:
        assert sealer.broken_seals(connection) == []
    acts = [row[0] for row in rows(portal.database, "SELECT action FROM audit_records ORDER BY id")]
    for act in ("privacy.erasure_asked", "privacy.erasure_begun", "accounts.membership_revoked", "privacy.erased"):
        assert acts.count(act) == 1, acts


@ON_SQLITE
def test_the_wish_can_be_taken_back(
    customer: Visitor, portal: Portal, clock: MovableClock, work_off: Callable[[], int]
) -> None:
    ask(customer)
    assert ask(customer).status_code == 303
    assert rows(portal.database, "SELECT count(*) FROM privacy_erasures") == [(1,)]
    page = customer.url("privacy:erasure")

    done = customer.post(customer.url("privacy:cancel_erasure"), page=page)

    assert done.headers["location"] == customer.url("privacy:home")
    clock.advance(WEEK)
    work_off()
    assert rows(portal.database, "SELECT state FROM privacy_erasures") == [("cancelled",)]
    assert EMAIL in everything(portal)
    assert ask(customer.enter(customer.actor, customer.account)).status_code == 303  # type: ignore[arg-type]


@ON_SQLITE
def test_the_page_tells_what_stays_and_who_else_is_concerned(customer: Visitor, world: World) -> None:
    world.customer("boris@example.org", customer.account, role="payer")  # type: ignore[arg-type]

    shown = customer.get(customer.url("privacy:erasure")).text

    for said in (
        "1 more person uses this account",
        "Accounts",
        "Your rights to accounts",
        "5 years after the account is closed",
    ):
        assert said in shown
    assert shown.count("5 years after the account is closed") < 4, "what stays for one reason is told once"


@ON_SQLITE
def test_two_people_may_be_erased_one_after_another(
    world: World, portal: Portal, account: AccountRef, clock: MovableClock, work_off: Callable[[], int]
) -> None:
    for name in ("anna", "boris"):
        actor = world.customer(f"{name}@example.org", account)
        with world.unit(actor) as db:
            erasure.ask(db, actor, "en", "main", PrivacySettings())
    clock.advance(WEEK)
    work_off()

    assert rows(portal.database, "SELECT login FROM auth_identities ORDER BY id") == [("gone-1",), ("gone-2",)]


def prepare(portal: Portal) -> None:
    """A person with rows everywhere, who wanted to be erased a week ago."""
    world = World(portal.database, MovableClock(NOON - WEEK), portal.ports)
    account = world.account()
    anna = world.customer(EMAIL, account)
    visitor = Visitor(portal).enter(anna, account)
    visitor.get(visitor.url("accounts:home"))
    with world.unit(anna) as db:
        exports.ask(db, anna, "en", "main", PrivacySettings())
    portal.worker().run_once()
    with world.unit(anna) as db:
        erasure.ask(db, anna, "en", "main", PrivacySettings())


def flow(portal: Portal) -> None:
    """The work of one worker."""
    portal.worker().run_once()


def whole(portal: Portal) -> None:
    """Nothing of the person is left, and everything was done once."""
    with portal.database.reading() as connection:
        states = connection.execute(select(Erasure.state)).scalars().all()
        office: Office = portal.ports.get(Office)  # type: ignore[type-abstract]
        person = person_of(connection, 1)
        assert person is not None
        left = erasing.remaining(connection, person, office, PrivacySettings())
        identity = connection.execute(select(Identity.login, Identity.disabled_at)).one()
        broken = sealer.broken_seals(connection)
    assert list(states) == ["done"]
    assert left == {}
    assert identity.login == "gone-1"
    assert identity.disabled_at is not None
    assert broken == []
    acts = [row[0] for row in rows(portal.database, "SELECT action FROM audit_records")]
    assert acts.count("privacy.erased") == acts.count("privacy.erasure_begun") == 1
    letters = rows(portal.database, "SELECT count(*) FROM notify_letters WHERE kind = 'privacy.erased'")
    assert letters == [(1,)]


def later(portal: Portal) -> None:
    """Work on after the lease of the dead worker is over."""
    portal.clock.advance(timedelta(minutes=3))  # type: ignore[attr-defined]
    for _ in range(3):
        portal.worker().run_once()
        portal.clock.advance(timedelta(minutes=3))  # type: ignore[attr-defined]


def midway(point: Point) -> bool:
    """In the middle of the tables: the long proof dies at every moment."""
    return point.moment == "before_statement" and point.what.startswith("DELETE FROM notify_messages")


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(crash_points: CrashPoints) -> None:
    explored = crash_points.explore(flow, whole, prepare=prepare, recover=later, wanted=midway)

    assert explored.crashed == 1


@pytest.mark.proof
def test_it_may_die_at_any_moment(crash_points: CrashPoints) -> None:
    explored = crash_points.explore(flow, whole, prepare=prepare, recover=later)

    assert explored.crashed > 30
