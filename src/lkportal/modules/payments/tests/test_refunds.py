"""Giving money back as stories: never beyond what was taken, once, and whatever the provider and the network do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.errors import PortalError
from lkportal.core.ids import grouped, public_id
from lkportal.core.policy import Actor
from lkportal.modules.payments.contract import ReceiptLine
from lkportal.modules.payments.fiscal.lines import parts_of
from lkportal.modules.payments.refunds import service
from lkportal.modules.payments.refunds.models import Refund
from lkportal.modules.payments.refunds.service import Wish
from lkportal.modules.payments.tests.test_pages import laws, pay, payments, provider_id
from lkportal.modules.payments.tests.world import Fake, World, owe
from lkportal.testing import Mailbox, SandboxDriver, Visitor
from lkportal.testing.world import World as People

OLGA = Actor("staff", 7, "Olga000000000000", "Ольга", "accountant@example.org")
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def paid(place: World, fake: Fake) -> str:
    """A payment of 1 482,60 that the provider took."""
    owe(place, 148_260)
    payment = place.started()
    fake.take("p1")
    place.ask(payment)
    return payment


def begin(place: World, payment: str, amount: int, token: str = "") -> str:
    with place.unit(OLGA) as db:
        return service.start(db, payment, Wish(amount, "paid twice", token or public_id()))


def states(place: World) -> list[tuple[str, str]]:
    with place.database.reading() as connection:
        return [
            (row.state, row.why) for row in connection.execute(select(Refund.state, Refund.why).order_by(Refund.id))
        ]


@one_database
def test_a_part_and_then_the_rest_go_back(place: World, fake: Fake, paid: str) -> None:
    begin(place, paid, 48_260)
    place.work()
    assert (states(place), place.balance(), place.case(paid).refunded) == ([("succeeded", "")], 48_260, 48_260)

    begin(place, paid, 100_000)
    place.work()

    assert (place.balance(), fake.payments["p1"].refunded, place.count("refund")) == (148_260, 148_260, 2)
    assert place.events()[2:] == ["payments.payment_refunded"] * 2
    assert place.broken_laws() == []


@one_database
def test_two_small_refunds_at_once_are_no_large_one_without_a_second_person(
    place: World, fake: Fake, paid: str
) -> None:
    """Both forms were judged while nothing was given back yet."""
    with place.unit(OLGA) as db:
        service.start(db, paid, Wish(60_000, "paid twice", public_id(), alone=100_000))
    place.work()
    with place.unit(OLGA) as db, pytest.raises(PortalError, match="refund_too_much"):
        service.start(db, paid, Wish(60_000, "paid twice", public_id(), alone=100_000))
    place.work()
    assert (place.count("refund"), fake.payments["p1"].refunded) == (1, 60_000)


@one_database
def test_never_more_than_is_left(place: World, fake: Fake, paid: str) -> None:
    with pytest.raises(PortalError, match="refund_too_much"):
        begin(place, paid, 148_261)
    begin(place, paid, 148_260)
    with pytest.raises(PortalError, match="refund_too_much"):
        begin(place, paid, 1)
    place.work()
    with pytest.raises(PortalError, match="refund_too_much"):
        begin(place, paid, 1)
    assert fake.payments["p1"].refunded == 148_260


@one_database
def test_the_same_form_sent_twice_is_one_refund(place: World, fake: Fake, paid: str) -> None:
    token = public_id()
    assert begin(place, paid, 10_000, token) == begin(place, paid, 10_000, token)
    place.work()
    assert begin(place, paid, 10_000, token)
    place.work()
    assert fake.payments["p1"].refunded == 10_000


def test_of_eight_people_at_once_one_gives_it_back(place: World, fake: Fake, paid: str) -> None:
    def try_it(_number: int) -> bool:
        try:
            return bool(begin(place, paid, 100_000))
        except PortalError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(8))) == 1
    place.work()
    assert fake.payments["p1"].refunded == 100_000
    assert place.broken_laws() == []


@one_database
@pytest.mark.parametrize("mood", ["silent", "silent_after"])
def test_an_answer_that_never_came_is_asked_about_again(place: World, fake: Fake, paid: str, mood: str) -> None:
    fake.mood = mood
    begin(place, paid, 20_000)
    place.work()
    assert states(place) == [("unknown", "")]
    assert place.balance() == 0

    fake.mood = ""
    place.work(minutes=3)

    assert (states(place), fake.payments["p1"].refunded, place.balance()) == ([("succeeded", "")], 20_000, 20_000)
    assert len(fake.refunds) == 1
    assert place.broken_laws() == []


@one_database
@pytest.mark.parametrize(("mood", "ends", "given"), [("silent", "failed", 0), ("silent_after", "succeeded", 20_000)])
def test_after_a_day_of_silence_the_payment_tells_what_happened(
    place: World, fake: Fake, paid: str, mood: str, ends: str, given: int
) -> None:
    fake.mood = mood
    begin(place, paid, 20_000)
    place.work()
    place.clock.advance(timedelta(hours=24))
    fake.mood = ""
    place.work(minutes=1)

    assert states(place)[0][0] == ends
    assert (fake.payments["p1"].refunded, place.balance(), len(fake.refunds)) == (given, given, bool(given))
    assert place.broken_laws() == []


@one_database
def test_a_refused_refund_frees_the_money_for_another(place: World, fake: Fake, paid: str) -> None:
    fake.refund_status = "canceled"
    begin(place, paid, 20_000)
    place.work()
    assert states(place) == [("canceled", "canceled")]
    fake.refund_status = "succeeded"
    begin(place, paid, 148_260)
    place.work()
    assert place.balance() == 148_260
    assert place.broken_laws() == []


@one_database
def test_a_slow_refund_is_booked_when_it_is_done(place: World, fake: Fake, paid: str) -> None:
    fake.refund_status = "pending"
    begin(place, paid, 20_000)
    place.work()
    assert (states(place), place.balance()) == ([("pending", "")], 0)
    fake.settle("r1", "succeeded")
    place.work(minutes=2)
    assert (states(place), place.balance()) == ([("succeeded", "")], 20_000)


@one_database
def test_what_was_given_back_at_the_provider_counts(place: World, fake: Fake, paid: str) -> None:
    fake.change("p1", refunded=140_000)
    begin(place, paid, 20_000)  # nobody has told us yet
    place.work()
    assert states(place)[0] == ("attention", "another_amount")
    assert place.broken_laws() == []


@pytest.mark.parametrize("amount", [1, 2, 99, 100, 333, 1_000])
def test_a_part_is_shared_out_to_the_last_kopeck(amount: int) -> None:
    lines = [ReceiptLine("water", 333), ReceiptLine("heat", 667)]
    made = parts_of(lines, amount)
    assert sum(line.amount for line in made) == amount
    assert all(0 < line.amount <= whole.amount for line, whole in zip(made, lines[-len(made) :], strict=True))


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"payments": {"refund_alone": 50_000}}


@pytest.fixture
def taken(gateway: SandboxDriver, portal: Portal, customer: Visitor, clock: MovableClock) -> str:
    """A payment of 1 482,60 that the sandbox took and the portal knows of."""
    pay(customer, amount="1482,60")
    gateway.pay(provider_id(portal))
    (payment,) = payments(portal)
    clock.advance(timedelta(seconds=5))
    customer.get(customer.url("payments:payment", payment=payment))
    return payment


@ON_SQLITE
def test_a_large_refund_waits_for_a_second_person(
    gateway: SandboxDriver,
    taken: str,
    portal: Portal,
    people: People,
    visit: Callable[..., Visitor],
    mailbox: Mailbox,
    work_off: Callable[[], int],
) -> None:
    olga = visit(people.staff("olga@example.org", "accountant"))
    boris = visit(people.staff("boris@example.org", "accountant"))
    page = olga.url("payments:desk_payment", payment=taken)

    assert send(olga, page, "400,00", "a part was paid twice").headers["location"].endswith(page)
    work_off()
    assert gateway.given_back(taken) == 40_000
    back = re.search(r'href="(/staff/accounts/\w+)"', olga.get(page).text)
    assert back is not None
    card = olga.get(back[1]).text
    assert "a part was paid twice" in card, "the card tells of refunds"
    assert "Paid, a part was given back" in card
    assert grouped(taken) in card, "as it is read out"

    too_much = send(olga, page, "1082,61", "all the rest")
    assert (too_much.status_code, "At most" in too_much.text, "all the rest" in too_much.text) == (422, True, True)

    assert "What this does" in send(olga, page, "1082,60", "all the rest").text
    waits = send(olga, page, "1082,60", "all the rest", approval_reason="the customer moved away").headers["location"]
    work_off()
    assert gateway.given_back(taken) == 40_000
    seen = re.search(r'name="seen" value="([^"]+)"', boris.get(waits).text)
    assert seen is not None
    assert boris.post(f"{waits}/approve", {"seen": seen[1]}, page=waits).status_code == 303
    work_off()
    assert gateway.given_back(taken) == 148_260
    assert laws(portal) == []
    subjects = [letter.subject for letter in mailbox.to("anna@example.org")]
    assert len([each for each in subjects if "озвращ" in each]) == 2, subjects


@ON_SQLITE
def test_a_cashier_sees_a_payment_and_cannot_give_it_back(
    taken: str, people: People, visit: Callable[..., Visitor]
) -> None:
    cashier = visit(people.staff("cashier@example.org", "cashier"))
    page = cashier.get(cashier.url("payments:desk_payment", payment=taken))
    assert page.status_code == 200
    assert 'name="reason"' not in page.text


@pytest.fixture
def people(world: People) -> People:
    return world


def send(visitor: Visitor, page: str, amount: str, reason: str, **more: str) -> Any:
    token = re.search(r'name="once" value="([^"]+)"', visitor.get(page).text)
    assert token is not None
    return visitor.post(f"{page}/refund", {"once": token[1], "amount": amount, "reason": reason, **more}, page=page)
