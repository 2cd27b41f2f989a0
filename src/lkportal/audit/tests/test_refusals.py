"""Refusals: who asked for what is not theirs stands in the trail, briefly, and never in a stranger's history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.app import Portal
from lkportal.audit.service import REFUSALS_A_MINUTE
from lkportal.core.clock import MovableClock
from lkportal.testing.portals import Recipe, settings
from lkportal.testing.schemas import bring_up
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World, rows


@pytest.fixture
def portal(database_url: str, tmp_path: Path) -> Iterator[Portal]:
    recipe = Recipe(settings(database_url, str(tmp_path)))
    first = recipe.portal()
    bring_up(first.database, first.known)
    first.database.close()
    with recipe.running() as made:
        yield made


@pytest.fixture
def world(portal: Portal) -> World:
    assert isinstance(portal.clock, MovableClock)
    return World(portal.database, portal.clock, portal.ports)


def refusals(portal: Portal) -> list[tuple[object, ...]]:
    return list(
        rows(
            portal.database,
            "SELECT action, target, account, detail FROM audit_records WHERE outcome = 'refused' ORDER BY id",
        )
    )


def test_a_foreign_account_is_refused_and_recorded_with_the_one_who_asked(portal: Portal, world: World) -> None:
    mine, theirs = world.account("1"), world.account("2")
    anna = world.customer("anna@example.org", mine)
    browser = Visitor(portal).enter(anna, mine)

    assert browser.get(f"/readings/{theirs.public_id}/").status_code == 404

    assert refusals(portal) == [("readings.view", theirs.public_id, None, '{"status":404}')]
    assert rows(portal.database, "SELECT actor FROM audit_records WHERE outcome = 'refused'") == [(anna.label,)]


def test_a_right_that_a_role_lacks_is_recorded_on_the_account(portal: Portal, world: World) -> None:
    account = world.account("1")
    signer = world.customer("signer@example.org", account, role="signer")
    browser = Visitor(portal).enter(signer, account)
    path = f"/readings/{account.public_id}/"

    assert browser.post(path, {}, page="/notices").status_code in (403, 422)
    assert refusals(portal) == [("readings.submit", account.public_id, account.public_id, '{"status":403}')]


def test_a_staff_page_without_the_permission_is_recorded(portal: Portal, world: World) -> None:
    cashier = Visitor(portal).enter(world.staff("cashier@example.org", "cashier"))
    assert cashier.get("/staff/audit/").status_code == 403
    assert refusals(portal) == [("audit.view", "", None, '{"status":403}')]


def test_what_was_typed_into_the_address_is_kept_only_when_it_is_an_id(portal: Portal, world: World) -> None:
    account = world.account("1")
    browser = Visitor(portal).enter(world.customer("anna@example.org", account), account)
    for typed in ("%D0%90%D0%BD%D0%BD%D0%B0", "a%20b", "x" * 61, "%3Cscript%3E"):
        assert browser.get(f"/readings/{typed}/").status_code == 404
    assert {target for _, target, _, _ in refusals(portal)} == {""}


def test_strangers_and_addresses_that_are_no_page_leave_nothing(portal: Portal, world: World) -> None:
    account = world.account("1")
    assert Visitor(portal).get(f"/readings/{account.public_id}/").status_code == 303
    anna = Visitor(portal).enter(world.customer("anna@example.org", account), account)
    assert anna.get("/no-such-page").status_code == 404
    assert anna.get(f"/readings/{account.public_id}/").status_code == 200
    assert refusals(portal) == []


def test_a_flood_fills_no_disk(portal: Portal, world: World) -> None:
    account = world.account("1")
    browser = Visitor(portal).enter(world.customer("anna@example.org", account), account)
    for _ in range(REFUSALS_A_MINUTE + 10):
        assert browser.get("/readings/AnotherAccount01/").status_code == 404
    assert len(refusals(portal)) == REFUSALS_A_MINUTE
