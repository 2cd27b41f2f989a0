"""Claims, codes, letters and guests when something is missing: half-filled forms, what was used, refused or is not taken here."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from lkportal.accounts.claims import claiming, codes
from lkportal.accounts.claims.models import NotHere
from lkportal.accounts.desk import levels
from lkportal.accounts.guests import links
from lkportal.accounts.tests.test_claims import AMOUNT, claim, home, memberships, newcomer
from lkportal.accounts.tests.test_guest_links import GUESTS, link
from lkportal.app import Portal
from lkportal.auth.contract import Registered
from lkportal.core.errors import NotFound
from lkportal.core.events import emit
from lkportal.core.policy import AccountRef, GuestLink
from lkportal.testing import Mailbox, Visitor, World
from lkportal.testing.world import rows
from lkportal.web.trust.guard import LinkGone

__all__ = ["home", "newcomer"]
pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def test_a_half_filled_claim_comes_back(newcomer: Visitor, home: AccountRef, portal: Portal) -> None:
    for typed in (
        {"number": "", "proof": "", "by": "payments.amount"},
        {"number": home.number, "proof": AMOUNT, "by": "nobody.knows"},
        {"number": "№!?", "proof": AMOUNT, "by": "payments.amount"},
    ):
        answer = newcomer.post("/claim", typed)
        assert answer.status_code == 422, typed
        assert typed["number"] in answer.text
    assert newcomer.post("/claim/letter", {"number": ""}).status_code == 422
    assert memberships(portal) == []


def test_refusing_nobody_changes_nothing(
    newcomer: Visitor, home: AccountRef, world: World, visit: Callable[..., Visitor]
) -> None:
    owner = visit(world.customer("owner@example.org", home), home)
    claim(newcomer, home.number, AMOUNT)
    page = f"/home/{home.public_id}/newcomers"
    found = re.search(r'name="claim" value="(\w+)"', owner.get(page).text)
    assert found is not None

    assert owner.post(page, {}).status_code == 404
    assert owner.post(page, {"claim": found[1]}).status_code == 303
    assert owner.post(page, {"claim": found[1]}, page="/claim").status_code == NotHere().status
    with pytest.raises(NotHere), world.unit() as db:
        claiming.refuse(db, home, "nobody")


def test_owners_hear_nothing_of_who_was_refused_before_the_letter_went(
    newcomer: Visitor,
    home: AccountRef,
    world: World,
    visit: Callable[..., Visitor],
    work_off: Callable[[], int],
    mailbox: Mailbox,
) -> None:
    owner = visit(world.customer("owner@example.org", home), home)
    claim(newcomer, home.number, AMOUNT)
    page = f"/home/{home.public_id}/newcomers"
    found = re.search(r'name="claim" value="(\w+)"', owner.get(page).text)
    assert found is not None
    owner.post(page, {"claim": found[1]})

    work_off()

    assert not [letter for letter in mailbox.to("owner@example.org") if "refuse" in letter.text.lower()]


@pytest.mark.parametrize("portal_overrides", [{"accounts": {"claim": {"proofs": {"payments.amount": 0}}}}])
def test_where_no_letters_are_sent_there_is_no_page_for_them(newcomer: Visitor, home: AccountRef) -> None:
    assert newcomer.get("/claim").status_code == 200
    assert newcomer.get("/claim/letter").status_code == 404


@pytest.mark.parametrize(
    "portal_overrides", [{"accounts": {"claim": {"proofs": {"accounts.paper": 1}}, "guest": {"on": True}}}]
)
def test_where_only_codes_prove_nothing_is_done_without_signing_in(anonymous: Visitor, home: AccountRef) -> None:
    assert anonymous.get("/without-signing-in").status_code == 404


@pytest.mark.parametrize("portal_overrides", [GUESTS])
def test_a_half_filled_form_of_a_guest_comes_back(anonymous: Visitor, home: AccountRef) -> None:
    assert anonymous.post("/without-signing-in", {"number": home.number}).status_code == 422


def test_a_link_is_spent_once(portal: Portal, world: World, home: AccountRef, anonymous: Visitor) -> None:
    token = link(portal, world, home, "readings.submit").rpartition("/")[2]
    maker = portal.ports.get(links.LinkMaker)
    with portal.database.reading() as connection:
        found = links.opened(connection, token, world.clock.now(), maker.purposes)
    assert found is not None
    held: GuestLink = found[2]
    with world.unit() as db:
        maker.spend(db, held, home)

    with pytest.raises(LinkGone), world.unit() as db:
        maker.spend(db, held, home)
    assert anonymous.get("/readings/guest/" + "x" * 101).status_code == 410


def test_the_same_code_twice_is_one_and_a_letter_nobody_asked_for_is_not_printed(
    world: World, portal: Portal, home: AccountRef
) -> None:
    code = codes.new_code()
    with world.unit() as db:
        codes.put_paper(db, home.id, code)
        codes.put_paper(db, home.id, code)
        with pytest.raises(NotFound):
            codes.print_letter(db, "nothing", 30)
        with pytest.raises(NotHere):
            levels.set_level(db, home, "nobody", 2, "passport")

    assert rows(portal.database, "SELECT count(*) FROM accounts_proof_codes") == [(1,)]


@pytest.mark.parametrize("portal_overrides", [{"accounts": {"claim": {"levels": {"payments.view": 1}}}}])
def test_what_is_owed_is_not_told_beside_addresses_where_it_waits_for_a_proof(
    home: AccountRef, world: World, visit: Callable[..., Visitor]
) -> None:
    anna = world.customer("anna@example.org", home, world.account("0412778299"))

    assert "1 482,60" not in visit(anna).get("/accounts").text


def test_a_clerk_who_registers_is_not_led_by_the_hand(
    world: World, portal: Portal, work_off: Callable[[], int]
) -> None:
    clerk = world.staff("operator@example.org", "operator")
    with world.unit() as db:
        emit(db, Registered(clerk.public_id))
    work_off()

    assert rows(portal.database, "SELECT count(*) FROM accounts_first_visits") == [(0,)]


def test_the_step_that_must_be_taken_is_not_skipped(newcomer: Visitor, portal: Portal) -> None:
    newcomer.post("/welcome", {"step": "accounts.account", "do": "skip"})

    assert rows(portal.database, "SELECT count(*) FROM accounts_first_steps WHERE skipped_at IS NOT NULL") == [(0,)]
