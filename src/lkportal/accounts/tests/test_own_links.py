"""An owner sees the signed links of the account, what became of each, and takes them back; no page tells a link itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from lkportal.accounts.contract import GuestLinks
from lkportal.accounts.guests.models import SignedLink
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World, utility
from lkportal.testing.town import Town
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
pytestmark = ON_SQLITE


@pytest.fixture
def home(portal: Portal, world: World) -> AccountRef:
    """An account with bills and a meter."""
    account = world.account()
    for put in utility.PLANTS.values():
        put(Town(portal, world, accounts={"own": account}), account)
    return account


@pytest.fixture
def anna(portal: Portal, world: World, home: AccountRef) -> Visitor:
    return Visitor(portal).enter(world.customer("anna@example.org", home))


@pytest.fixture
def made(portal: Portal, world: World, home: AccountRef) -> Callable[[str], str]:
    """Make a link of a purpose; return its path."""

    def make(purpose: str) -> str:
        maker = portal.ports.get(GuestLinks)  # type: ignore[type-abstract]
        with world.unit() as db:
            return maker.make(db, purpose, home).removeprefix(portal.sites[0].public_url)

    return make


def test_an_owner_sees_what_opens_and_takes_it_back(
    portal: Portal, home: AccountRef, anna: Visitor, made: Callable[[str], str], clock: MovableClock
) -> None:
    page = f"/home/{home.public_id}/links"
    assert "No link works now" in anna.get(page).text
    assert page in anna.get(f"/home/{home.public_id}/people").text
    paths = [made("readings.submit"), made("payments.pay"), made("readings.submit")]
    shown = anna.get(page).text
    assert shown.count("Send readings") >= 2
    assert "Pay a bill" in shown
    assert all(path.rpartition("/")[2] not in shown for path in paths), "the secret is nowhere"
    first, second, third = [
        one for (one,) in rows(portal.database, "SELECT public_id FROM accounts_guest_links ORDER BY id")
    ]

    stranger = Visitor(portal)
    assert stranger.get(paths[0]).status_code == 200
    assert anna.post(f"{page}/{first}/revoke", page=page).status_code == 303
    assert stranger.get(paths[0]).status_code == 410
    assert "taken back" in anna.get(page).text
    again = anna.post(f"{page}/{first}/revoke", page=page)
    assert "used or ran out before" in anna.get(again.headers["location"]).text

    assert anna.post(f"{page}/revoke", page=page).status_code == 303
    assert "2 links are taken back" in anna.get(page).text
    assert [stranger.get(path).status_code for path in paths] == [410, 410, 410]
    made("readings.submit")
    clock.advance(timedelta(days=60))
    anna.enter(anna.actor)  # type: ignore[arg-type]
    over = anna.get(page).text
    assert over.count("ran out") == 1
    assert over.count("taken back") == 3
    assert "/revoke" not in over
    assert {second, third} & set(over.split("/")) == set()


def test_nobody_else_sees_or_takes_back_the_links_of_an_account(
    portal: Portal, world: World, home: AccountRef, anna: Visitor, made: Callable[[str], str]
) -> None:
    path, page = made("readings.submit"), f"/home/{home.public_id}/links"
    ((link,),) = rows(portal.database, "SELECT public_id FROM accounts_guest_links")
    other = world.account("0412770000")
    boris = Visitor(portal).enter(world.customer("boris@example.org", other))
    vera = Visitor(portal).enter(world.customer("vera@example.org", home, role="reader"))
    own = f"/home/{other.public_id}/links"

    assert [boris.get(page).status_code, vera.get(page).status_code] == [404, 403]
    assert boris.post(f"{page}/{link}/revoke", page="/settings").status_code == 404
    assert boris.post(f"{own}/{link}/revoke", page="/settings").status_code == 404, "through an account of his own"
    assert boris.post(f"{page}/revoke", page="/settings").status_code == 404
    assert vera.post(f"{page}/{link}/revoke", page="/settings").status_code == 403
    assert boris.post(f"{own}/revoke", page="/settings").status_code == 303
    assert Visitor(portal).get(path).status_code == 200


def test_a_link_that_was_used_says_so(
    portal: Portal, home: AccountRef, anna: Visitor, made: Callable[[str], str], world: World
) -> None:
    made("payments.pay")
    with world.unit() as db:
        db.execute(update(SignedLink).values(used_at=world.clock.now()))

    shown = anna.get(f"/home/{home.public_id}/links").text
    assert "No link works now" in shown
    assert "used" in shown
