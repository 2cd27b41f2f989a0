"""A signed link lets its holder do one thing, once: it shows nothing of whose it is, ends when told, and is never worth twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lkportal.accounts import service
from lkportal.accounts.contract import GuestLinks
from lkportal.accounts.guests import links
from lkportal.accounts.guests.links import LinkMaker, opened
from lkportal.accounts.models import Account, Membership, Premise, SignedLink
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.ids import token_hash
from lkportal.core.policy import AccountRef
from lkportal.testing import SandboxDriver, Visitor, World, utility
from lkportal.testing.races import race
from lkportal.testing.town import Town
from lkportal.testing.world import rows
from lkportal.web.trust.guard import LinkGone

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize(
    "portal_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
GUESTS = {"accounts": {"guest": {"on": True}}}


@pytest.fixture
def home(portal: Portal, world: World) -> AccountRef:
    """An account with bills, a meter, a holder and an address."""
    account = world.account()
    with world.unit() as db:
        premise = Premise(address="Lesnaya street, 7, flat 12")
        db.add(premise)
        db.flush()
        told = {"holder": "Anna Sergeeva", "title": "Lesnaya, 7-12", "premise_id": premise.id}
        db.execute(update(Account).where(Account.id == account.id).values(**told))
    town = Town(portal, world, accounts={"own": account})
    for put in utility.PLANTS.values():
        put(town, account)
    return account


def link(portal: Portal, world: World, account: AccountRef, purpose: str, target: str = "") -> str:
    """Return the path of a new link."""
    maker = portal.ports.get(GuestLinks)  # type: ignore[type-abstract]
    with world.unit() as db:
        return maker.make(db, purpose, account, target).removeprefix(portal.sites[0].public_url)


def private(page: str) -> list[str]:
    """Return what a page tells of the account's people."""
    words = ("Anna", "Sergeeva", "Lesnaya", "0412778215", "anna@example.org")
    return [word for word in words if word in page]


def test_readings_are_sent_once_through_a_link(
    portal: Portal, world: World, home: AccountRef, anonymous: Visitor
) -> None:
    path = link(portal, world, home, "readings.submit")
    page = anonymous.get(path)
    assert page.status_code == 200
    assert private(page.text) == []
    assert "•• 8215" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["cache-control"] == "no-store"
    name = re.findall(r'name="(readings\[\w+\])"', page.text)[0]

    assert anonymous.client.post(path, data={name: "2B"}).status_code == 422
    assert anonymous.client.post(path, data={}).status_code == 422, "a misfit spends nothing"
    assert anonymous.client.post(path, data={name: "416"}).status_code == 303
    again = anonymous.client.post(path, data={name: "417"})

    assert again.headers["location"] == path
    assert "The readings are in" in anonymous.get(path).text
    assert rows(portal.database, "SELECT value_milli, channel, actor FROM readings_readings ORDER BY id DESC LIMIT 1")[
        0
    ][:2] == (416_000, "link")
    assert not any("session" in name or "lk_s" in name for name in anonymous.client.cookies if "browser" not in name)
    assert not anonymous.is_signed_in


@ON_SQLITE
@pytest.mark.parametrize("whose", ["account", "organisation"])
def test_who_lost_an_account_keeps_no_link_to_it(
    portal: Portal, world: World, anonymous: Visitor, clock: MovableClock, work_off: Callable[[], int], whose: str
) -> None:
    """A letter lies in the mailbox of whoever it was sent to, long after they moved out."""
    company = world.organisation("Factory") if whose == "organisation" else None
    account, other = world.account("0412770001", organisation_id=company), world.account("0412770002")
    boris = world.customer("boris@example.org", *([] if company else [account]), organisation=company)
    letter, elsewhere = (link(portal, world, each, "readings.submit") for each in (account, other))
    assert anonymous.get(letter).status_code == 200
    clock.advance(timedelta(hours=1))

    with world.unit() as db:
        service.revoke(db, db.scalars(select(Membership.public_id).where(Membership.identity_id == boris.id)).one())
    work_off()

    assert anonymous.get(letter).status_code == 410
    assert anonymous.get(elsewhere).status_code == 200
    assert anonymous.get(link(portal, world, account, "readings.submit")).status_code == 200, "the next letter's is new"


@ON_SQLITE
def test_a_bill_is_paid_once_through_a_link(
    gateway: SandboxDriver, portal: Portal, world: World, home: AccountRef, anonymous: Visitor
) -> None:
    path = link(portal, world, home, "payments.pay")
    page = anonymous.get(path).text
    assert private(page) == []
    assert 'value="148260"' in page

    sent = anonymous.client.post(path, data={"choice": "148260", "contact": "guest@example.org"})
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(gateway.address)
    twice = anonymous.client.post(path, data={"choice": "100000"})

    assert twice.headers["location"] == path
    assert rows(portal.database, "SELECT amount FROM payments_payments WHERE actor LIKE 'guest:%'") == [(148_260,)]
    outcome = anonymous.get(path)
    assert outcome.status_code == 200
    assert "no need to pay again" in outcome.text
    assert private(outcome.text) == []


@ON_SQLITE
def test_a_link_is_for_its_purpose_its_time_and_until_it_is_taken_back(
    portal: Portal, world: World, home: AccountRef, anonymous: Visitor, clock: MovableClock
) -> None:
    path = link(portal, world, home, "readings.submit")
    token = path.rpartition("/")[2]
    gone = anonymous.get("/readings/guest/" + "x" * 43)
    assert gone.status_code == 410
    assert anonymous.get(f"/payments/guest/{token}").status_code == 410, "another purpose"
    assert anonymous.get(f"/readings/{home.public_id}/").status_code == 303, "the account itself stays closed"
    with portal.database.reading() as connection:
        stored = connection.execute(SignedLink.__table__.select()).mappings().one()
        assert stored["token_hash"] == token_hash(token)
        (living,) = links.living(connection, home.id, clock.now())
    other = world.account("0412770000")
    with pytest.raises(Exception, match="not here any more"), world.unit() as db:
        links.revoke(db, other, living.public_id)
    assert anonymous.get(path).status_code == 200
    with world.unit() as db:
        links.revoke(db, home, living.public_id)
    taken_back = anonymous.get(path)
    assert taken_back.status_code == 410
    assert taken_back.headers["referrer-policy"] == "no-referrer"

    second = link(portal, world, home, "readings.submit")
    clock.advance(timedelta(days=31))
    assert anonymous.get(second).status_code == 410
    with pytest.raises(LookupError):
        link(portal, world, home, "nobody.knows")


@pytest.mark.parametrize("portal_overrides", [GUESTS])
@ON_SQLITE
def test_number_and_proof_are_enough_where_the_company_says_so(
    portal: Portal, world: World, home: AccountRef, anonymous: Visitor, visit: Callable[..., Visitor]
) -> None:
    assert "/without-signing-in" in anonymous.get("/login").text
    form = {"purpose": "readings.submit", "number": home.number, "by": "payments.amount", "proof": "1482,60"}

    opened_at = anonymous.post("/without-signing-in", form)
    assert opened_at.status_code == 303
    page = anonymous.get(opened_at.headers["location"])
    assert page.status_code == 200
    assert private(page.text) == []
    assert not anonymous.is_signed_in

    wrong = anonymous.post("/without-signing-in", {**form, "proof": "1,00"})
    unknown = visit().post("/without-signing-in", {**form, "number": "7" * 10})
    assert wrong.status_code == unknown.status_code == 422
    assert "do not fit" in wrong.text
    assert "accounts.paper" not in wrong.text, "codes that work once are not spent on a glance"
    assert anonymous.post("/without-signing-in", {**form, "by": "accounts.paper"}).status_code == 422
    for guess in range(4):
        anonymous.post("/without-signing-in", {**form, "proof": f"{guess + 2},00"})
    assert anonymous.post("/without-signing-in", form).status_code == 429


@ON_SQLITE
def test_without_the_setting_the_public_page_is_nowhere(portal: Portal, anonymous: Visitor) -> None:
    assert anonymous.get("/without-signing-in").status_code == 404
    assert "without-signing-in" not in anonymous.get("/login").text


def second_uses(portal: Portal, world: World, account: AccountRef, rounds: int) -> int:
    """Let eight spend each of `rounds` links at once; return how many second uses there were."""
    maker, second = portal.ports.get(LinkMaker), 0
    for _ in range(rounds):
        with world.unit() as db:
            token = maker.token(db, "readings.submit", account)
        with portal.database.reading() as connection:
            found = opened(connection, token, world.clock.now(), maker.purposes)
        assert found is not None

        def spend(number: int, found=found) -> bool:  # type: ignore[no-untyped-def]
            try:
                with world.unit() as db:
                    maker.spend(db, found[2], found[1], f"result{number}")
            except LinkGone:
                return False
            return True

        second += sum(race(spend, range(8))) - 1
    return second


@ON_POSTGRES
def test_of_eight_at_once_one_wins(portal: Portal, world: World, home: AccountRef) -> None:
    assert second_uses(portal, world, home, 63) == 0


@pytest.mark.proof
@ON_POSTGRES
def test_of_eight_at_once_one_wins_ten_thousand_times(portal: Portal, world: World, home: AccountRef) -> None:
    assert second_uses(portal, world, home, 1_250) == 0
