"""A newcomer finds their account by its number and a proof; nobody else learns anything, and strangers lock nobody out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from lkportal.accounts.claims.codes import ProofKey, new_code, put_paper
from lkportal.accounts.models import ProofCode
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.imports import ImportReport, run_import
from lkportal.core.policy import AccountRef
from lkportal.testing import Mailbox, Visitor, World, utility
from lkportal.testing.town import Town
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
AMOUNT, SERIAL = "1 482,60", "serial"


@pytest.fixture
def home(portal: Portal, world: World) -> AccountRef:
    """An account with bills and a meter, and nobody in it."""
    account = world.account()
    town = Town(portal, world, accounts={"own": account})
    for put in utility.PLANTS.values():
        put(town, account)
    return account


@pytest.fixture
def newcomer(world: World, visit: Callable[..., Visitor]) -> Visitor:
    """Somebody who is signed in and has no account."""
    return visit(world.customer("new@example.org"))


def claim(visitor: Visitor, number: str, proof: str, by: str = "payments.amount", status: int = 303) -> str:
    """Send the claim and return the page that came."""
    answer = visitor.post("/claim", {"number": number, "proof": proof, "by": by})
    assert answer.status_code == status, answer.text
    return answer.headers.get("location", answer.text)


def paper_code(world: World, account: AccountRef) -> str:
    """Return a code that stands on a paper bill of the account."""
    code = new_code()
    with world.unit() as db:
        put_paper(db, account.id, code)
    return code


def memberships(portal: Portal) -> list[tuple[object, ...]]:
    """Return (role, level) of everybody, in order."""
    return [*rows(portal.database, "SELECT role, level FROM accounts_memberships WHERE revoked_at IS NULL ORDER BY id")]


def test_the_amount_of_the_last_bill_opens_the_account(newcomer: Visitor, home: AccountRef, portal: Portal) -> None:
    page = newcomer.get("/").text
    assert "/claim" in page

    where = claim(newcomer, " 0412 778215 ", AMOUNT)

    assert where == f"/home/{home.public_id}/"
    assert newcomer.get(where).status_code == 200
    assert memberships(portal) == [("owner", 0)]
    assert ("accounts.claimed", "done") in rows(portal.database, "SELECT action, outcome FROM audit_records")


@ON_SQLITE
def test_a_meter_and_a_paper_code_prove_more(
    newcomer: Visitor, home: AccountRef, portal: Portal, world: World, visit: Callable[..., Visitor]
) -> None:
    claim(newcomer, home.number, "SERIAL", "readings.serial")
    assert memberships(portal) == [("owner", 1)]

    code = paper_code(world, home)
    claim(visit(world.customer("second@example.org")), home.number, code.lower().replace("-", " "), "accounts.paper")
    assert memberships(portal) == [("owner", 1), ("reader", 1)]

    late = visit(world.customer("third@example.org"))
    assert "do not fit" in claim(late, home.number, code, "accounts.paper", 422), "a code works once"


@ON_SQLITE
def test_who_proves_more_than_the_owner_becomes_one(
    newcomer: Visitor, home: AccountRef, portal: Portal, world: World, visit: Callable[..., Visitor]
) -> None:
    claim(newcomer, home.number, AMOUNT)
    stranger = newcomer
    rightful = visit(world.customer("rightful@example.org"))

    claim(rightful, home.number, SERIAL, "readings.serial")

    assert memberships(portal) == [("owner", 0), ("owner", 1)]
    assert stranger.get(f"/home/{home.public_id}/newcomers").status_code == 403, "managing people waits for level 1"
    assert "Prove it now" in stranger.get(f"/home/{home.public_id}/newcomers").text
    assert rightful.get(f"/home/{home.public_id}/newcomers").status_code == 200


@ON_SQLITE
def test_a_better_proof_raises_what_one_has(newcomer: Visitor, home: AccountRef, portal: Portal) -> None:
    claim(newcomer, home.number, AMOUNT)

    claim(newcomer, home.number, SERIAL, "readings.serial")

    assert memberships(portal) == [("owner", 1)]
    assert newcomer.get(f"/home/{home.public_id}/newcomers").status_code == 200


@ON_SQLITE
def test_owners_hear_of_a_newcomer_and_may_refuse_them(
    newcomer: Visitor,
    home: AccountRef,
    world: World,
    portal: Portal,
    visit: Callable[..., Visitor],
    work_off: Callable[[], int],
    mailbox: Mailbox,
    clock: MovableClock,
) -> None:
    owner = visit(world.customer("owner@example.org", home), home)
    claim(newcomer, home.number, AMOUNT)
    assert memberships(portal) == [("owner", 2), ("reader", 0)]
    work_off()
    (letter,) = mailbox.to("owner@example.org")
    assert "new" in letter.text
    page = f"/home/{home.public_id}/newcomers"
    assert newcomer.get(page).status_code == 403

    found = re.search(r'name="claim" value="(\w+)"', owner.get(page).text)
    assert found is not None
    assert owner.post(page, {"claim": found[1]}).status_code == 303

    assert newcomer.get(f"/home/{home.public_id}/").status_code == 404
    assert "Nobody came lately" in owner.get(page).text
    claim(newcomer, home.number, AMOUNT)
    clock.advance(timedelta(days=15))
    fresh = visit(world.customer("owner2@example.org", home), home)
    assert "Nobody came lately" in fresh.get(page).text, "their time to refuse is over"


@pytest.mark.parametrize("portal_overrides", [{"accounts": {"claim": {"next_role": ""}}}])
@ON_SQLITE
def test_where_an_account_is_claimed_once_a_taken_one_looks_like_none(
    newcomer: Visitor, home: AccountRef, world: World
) -> None:
    world.customer("owner@example.org", home)

    taken, unknown = claim(newcomer, home.number, AMOUNT, status=422), claim(newcomer, "999", AMOUNT, status=422)

    assert without_noise(taken, home.number) == without_noise(unknown, "999")


def without_noise(page: str, number: str) -> str:
    """Return a page without what differs in every answer: the token of the form, the nonce, and what was typed."""
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    page = re.sub(r'nonce="[^"]+"', "", page)
    return page.replace(number, "NUMBER")


@ON_SQLITE
def test_nobody_learns_which_numbers_exist(
    home: AccountRef, world: World, visit: Callable[..., Visitor], portal: Portal
) -> None:
    """Bytes and headers are the same for an unknown number, a known one with a wrong proof, a closed and a taken one."""
    closed = world.account("0412778299", closed_at=world.clock.now())
    seen = []
    for place, (number, proof) in enumerate(
        [("7" * 10, "1,00"), (home.number, "1,00"), (closed.number, "1,00"), ("7" * 10, AMOUNT)]
    ):
        visitor = visit(world.customer(f"guesser{place}@example.org"))
        typed = {"number": number, "proof": proof, "by": "payments.amount"}
        answer = visitor.post("/claim", typed, accept_encoding="identity")
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("x-request-id", "content-security-policy", "date")
        }
        seen.append((answer.status_code, headers, without_noise(answer.text, number)))
    told = [each[2].replace(f"guesser{place}", "guesser") for place, each in enumerate(seen)]
    assert len(set(told)) == 1
    assert all(each[:2] == seen[0][:2] for each in seen)
    letters = [
        visit(world.customer(f"asker{place}@example.org")).post("/claim/letter", {"number": number})
        for place, number in enumerate((home.number, "7" * 10))
    ]
    assert {answer.status_code for answer in letters} == {200}
    assert len({without_noise(answer.text, "-").replace(f"asker{n}", "asker") for n, answer in enumerate(letters)}) == 1


@ON_SQLITE
def test_guessing_ends_soon_and_locks_nobody_out(
    home: AccountRef, world: World, visit: Callable[..., Visitor], portal: Portal, clock: MovableClock
) -> None:
    owner = visit(world.customer("owner@example.org", home), home)
    for place in range(5):
        guesser = visit(world.customer(f"guesser{place}@example.org"))
        claim(guesser, home.number, f"{place},00", status=422)
    sixth = visit(world.customer("sixth@example.org"))

    answer = sixth.post("/claim", {"number": home.number, "proof": AMOUNT, "by": "payments.amount"})

    assert answer.status_code == 429, "even the right amount is not looked at any more"
    assert int(answer.headers["retry-after"]) > 0
    assert owner.get(f"/home/{home.public_id}/").status_code == 200
    claim(visit(world.customer("rightful@example.org")), home.number, paper_code(world, home), "accounts.paper")
    other = world.account("0412778216")
    claim(visit(world.customer("neighbour@example.org")), other.number, AMOUNT, status=422)
    clock.advance(timedelta(days=2))
    claim(visit(world.customer("later@example.org")), home.number, AMOUNT)


@ON_SQLITE
def test_one_person_may_not_walk_through_numbers(newcomer: Visitor, home: AccountRef) -> None:
    for number in range(5):
        claim(newcomer, f"9000{number}", "1,00", status=422)

    claim(newcomer, home.number, AMOUNT, status=429)


@ON_SQLITE
def test_a_letter_asked_for_waits_at_the_desk_once(
    newcomer: Visitor, home: AccountRef, portal: Portal, work_off: Callable[[], int]
) -> None:
    for number in (home.number, "7" * 10, home.number):
        assert newcomer.post("/claim/letter", {"number": number}).status_code == 200
    work_off()

    assert rows(portal.database, "SELECT account_id, kind, code_hash FROM accounts_proof_codes") == [
        (home.id, "post", None)
    ]
    assert newcomer.post("/claim/letter", {"number": home.number}).status_code == 429


@pytest.mark.parametrize("portal_overrides", [{"accounts": {"claim": {"proofs": {}}}}])
@ON_SQLITE
def test_what_is_off_leaves_no_trace(newcomer: Visitor, home: AccountRef) -> None:
    assert "/claim" not in newcomer.get("/").text
    assert newcomer.get("/claim").status_code == 404
    assert newcomer.get("/claim/letter").status_code == 404


@ON_SQLITE
def test_codes_are_kept_as_hashes_of_this_portal(world: World, portal: Portal, home: AccountRef) -> None:
    code = paper_code(world, home)

    with portal.database.reading() as connection:
        kept = connection.execute(ProofCode.__table__.select()).mappings().one()

    assert kept["code_hash"] == portal.ports.get(ProofKey).hash(home.id, "paper", code)
    assert kept["code_hash"] != ProofKey.of("another secret").hash(home.id, "paper", code)


@ON_SQLITE
def test_codes_come_from_a_file_and_newer_ones_void_older(
    world: World, portal: Portal, home: AccountRef, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    def load(*lines: str) -> ImportReport:
        file = tmp_path / "codes.csv"
        file.write_text("\n".join(("account;code", *lines)) + "\n", "utf-8")
        kind = portal.registry.import_kinds["proof_codes"]
        return run_import(portal.database, portal.unit_context("import"), kind, file, again=True)

    load(f"{home.number};OLD2-OLD2-77")
    told = load(f"{home.number};NEW3-NEW3-999", "7777777777;NEW3-NEW3-888", f"{home.number};1234567")

    assert (told.accepted, told.rejected) == (1, 2), "no such account; a code that could be guessed"
    late = visit(world.customer("late@example.org"))
    assert claim(late, home.number, "old2old277", "accounts.paper", 422)
    assert claim(late, home.number, "new3 new3 999", "accounts.paper") == f"/home/{home.public_id}/"
    assert "NEW3" not in str(rows(portal.database, "SELECT * FROM accounts_proof_codes"))
