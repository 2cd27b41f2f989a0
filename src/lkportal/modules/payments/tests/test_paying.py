"""Paying as stories: what is credited, when, and how often, whatever the provider and the network do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.ids import public_id
from lkportal.core.policy import Actor
from lkportal.modules.payments.contract import GatewayPayment, PaymentStatus
from lkportal.modules.payments.paying import asking, cases, recording
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.paying.recording import Seen
from lkportal.modules.payments.tests.world import ANNA, BORIS, GUEST, Fake, World, owe

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_payment_is_credited_when_the_provider_has_the_money(place: World, fake: Fake) -> None:
    owe(place, 148_260)
    payment = place.started()
    assert (place.state(payment), place.balance()) == ("waiting", 148_260)

    fake.take("p1")
    case = place.ask(payment)

    assert (case.state, place.state(payment), place.balance()) == ("succeeded", "paid", 0)
    assert place.events() == ["payments.payment_started", "payments.payment_succeeded"]
    assert ("payments.succeeded", payment, "done") in place.audit.rows
    assert place.broken_laws() == []


def test_the_same_form_sent_twice_is_one_payment(place: World, fake: Fake) -> None:
    token = public_id()
    first, second = place.begin(token=token), place.begin(token=token)
    assert first == second
    place.ask(first, at_once=True)
    place.ask(second, at_once=True)
    assert len(fake.payments) == 1


def test_the_same_amount_in_another_window_goes_on_with_the_unfinished_payment(place: World, fake: Fake) -> None:
    first = place.started(5_000)
    assert place.begin(5_000) == first
    assert place.begin(6_000) != first
    assert place.begin(5_000, account=1) != first
    place.clock.advance(timedelta(minutes=31))
    assert place.begin(5_000) != first


@ON_SQLITE
def test_nobody_goes_on_with_a_payment_that_keeps_the_card_for_another(place: World, fake: Fake) -> None:
    """The tick "remember this card" is one person's consent for their own card."""
    first = begun(place, ANNA, save=True)
    assert begun(place, ANNA) == first
    assert begun(place, BORIS) != first
    assert begun(place, GUEST) != first


@ON_SQLITE
def test_who_pays_by_a_link_goes_on_with_nobody_s_payment_but_a_guest_s(place: World, fake: Fake) -> None:
    """At the provider stand the number and the address for the receipt of whoever began it."""
    hers = begun(place, ANNA)
    assert begun(place, BORIS) == hers
    by_link = begun(place, GUEST)
    assert by_link != hers
    assert begun(place, replace(GUEST, public_id="Guest00000000002")) == by_link


@ON_SQLITE
def test_another_s_second_attempt_does_not_keep_their_card(place: World, fake: Fake) -> None:
    payment = begun(place, ANNA, save=True)
    place.ask(payment, at_once=True)
    fake.change("p1", status="canceled", reason="insufficient_funds")
    place.ask(payment)
    with place.unit(BORIS) as db:
        pay.again(db, place.accounts[0], payment)
    assert place.case(payment).intent.save is False

    place.ask(payment, at_once=True)
    fake.change("p2", status="canceled", reason="insufficient_funds")
    place.ask(payment)
    with place.unit(ANNA) as db:
        pay.again(db, place.accounts[0], payment)
    assert place.case(payment).intent.save is False, "what was not agreed to for the last attempt is not for the next"


def begun(place: World, actor: Actor, *, save: bool = False) -> str:
    """Let somebody decide to pay 50 roubles; return the payment they were led to."""
    order = pay.Order(5_000, public_id(), "Вода", lambda p: f"http://127.0.0.1/{p}", save=save)
    with place.unit(actor) as db:
        return pay.start(db, place.accounts[0], order)


def test_a_declined_payment_costs_nothing_and_can_be_tried_again(place: World, fake: Fake) -> None:
    payment = place.started()
    fake.change("p1", status="canceled", reason="insufficient_funds")
    assert place.ask(payment).state == "canceled"
    assert place.state(payment) == "declined"
    assert "payments.payment_canceled" in place.events()

    for _ in range(2):  # a doubled click makes one attempt
        with place.unit() as db:
            pay.again(db, place.accounts[0], payment)
    place.ask(payment, at_once=True)
    fake.take("p2")
    assert place.ask(payment).state == "succeeded"
    assert (len(fake.payments), place.count("payment"), place.balance()) == (2, 1, -148_260)
    assert place.broken_laws() == []


def test_late_money_wins_over_a_decline(place: World, fake: Fake) -> None:
    payment = place.started()
    fake.change("p1", status="canceled", reason="expired_on_confirmation")
    place.ask(payment)
    fake.take("p1")
    assert asking.look(fake, place.ways, "p1")
    assert (place.state(payment), place.balance()) == ("paid", -148_260)


def test_two_attempts_that_both_took_money_are_both_credited(place: World, fake: Fake) -> None:
    payment = place.started(1_000)
    fake.change("p1", status="canceled")
    place.ask(payment)
    with place.unit() as db:
        pay.again(db, place.accounts[0], payment)
    place.ask(payment)
    fake.take("p1")
    fake.take("p2")
    asking.look(fake, place.ways, "p1")
    asking.look(fake, place.ways, "p2")
    assert (place.count("payment"), place.balance()) == (2, -2_000)
    assert place.broken_laws() == []


@pytest.mark.parametrize("mood", ["silent", "silent_after"])
def test_an_unknown_outcome_is_asked_about_until_it_is_known(place: World, fake: Fake, mood: str) -> None:
    fake.mood = mood
    payment = place.started()
    assert place.case(payment).state == "unknown"
    fake.mood = ""
    place.work(minutes=2)
    assert (place.case(payment).state, len(fake.payments)) == ("pending", 1)
    fake.take("p1")
    place.work(minutes=5)
    assert (place.state(payment), place.count("payment")) == ("paid", 1)


def test_a_process_that_died_before_the_call_is_taken_over(place: World, fake: Fake) -> None:
    payment = place.begin()
    place.work(minutes=2)
    assert place.case(payment).state == "pending"
    assert len(fake.payments) == 1


def test_a_payment_nobody_tells_us_of_is_found_within_a_quarter_of_an_hour(place: World, fake: Fake) -> None:
    payment = place.started()
    place.clock.advance(timedelta(hours=2))
    place.work()
    fake.take("p1")
    place.work(minutes=15)
    assert place.state(payment) == "paid"


def test_an_old_key_is_not_used_again_but_its_payment_is_found(place: World, fake: Fake) -> None:
    fake.mood = "silent_after"
    payment = place.started()
    fake.mood = ""
    fake.take("p1")
    place.clock.advance(timedelta(hours=30))
    place.work(minutes=1)
    assert (place.state(payment), len(fake.payments), fake.calls.count("create")) == ("paid", 1, 1)


def test_an_attempt_that_never_reached_the_provider_fails_without_a_trace_of_money(place: World, fake: Fake) -> None:
    fake.mood = "silent"
    payment = place.started()
    fake.mood = ""
    place.clock.advance(timedelta(hours=30))
    place.work(minutes=1)
    assert [(a.state, a.reason, a.next_ask_at) for a in place.attempts()] == [("failed", "never_reached", None)]
    assert (place.state(payment), place.balance()) == ("declined", 0)
    assert "payments.payment_failed" in place.events()


def test_a_refusal_at_once_is_final_and_a_later_one_is_not(place: World, fake: Fake) -> None:
    fake.mood = "refuse"
    assert place.state(place.started(1_000)) == "declined"
    fake.mood = "silent_after"
    lost = place.started(2_000)
    fake.mood = "refuse"
    place.work(minutes=3)
    assert place.state(lost) == "waiting"
    fake.mood = ""
    fake.take("p1")
    place.work(minutes=15)
    assert place.state(lost) == "paid"


STORY: tuple[PaymentStatus, ...] = ("pending", "succeeded", "refunded_part", "refunded", "canceled")


def test_answers_in_any_order_end_the_same(place: World, fake: Fake) -> None:
    given = {"refunded_part": 300, "refunded": 1_000}
    for number, order in enumerate(permutations(STORY), 1):
        payment = place.started(1_000)
        base = fake.payments[f"p{number}"]
        for status in order:
            for _ in range(2):
                _record(place, payment, replace(base, status=status, refunded=given.get(status, 0)))
        assert (place.state(payment), place.count("payment"), place.balance()) == ("paid", number, 0), order
    assert place.broken_laws() == []


def _record(place: World, payment: str, told: GatewayPayment) -> None:
    with place.unit() as db:
        recording.record(db, place.case(payment), Seen(told))


FORGERIES: dict[str, dict[str, Any]] = {
    "amount": {"amount": 1},
    "currency": {"currency": "USD"},
    "payment": {"metadata": {"payment_id": "x", "attempt": "y"}},
}


@pytest.mark.parametrize("what", FORGERIES)
def test_what_does_not_fit_is_never_credited_and_is_shown_to_staff(place: World, fake: Fake, what: str) -> None:
    payment = place.started()
    fake.take("p1")
    genuine = fake.payments["p1"]
    fake.change("p1", **FORGERIES[what])
    place.ask(payment)
    assert (place.state(payment), place.balance(), place.count("payment")) == ("attention", 0, 0)
    assert ("payments.doubted", payment, "refused") in place.audit.rows
    fake.payments["p1"] = genuine  # when the truth comes out, the money is credited after all
    asking.look(fake, place.ways, "p1")
    assert (place.state(payment), place.balance()) == ("paid", -148_260)


def test_a_hint_about_a_stranger_changes_nothing(place: World, fake: Fake) -> None:
    assert asking.look(fake, place.ways, "nobody") is False


def test_a_hint_that_comes_before_our_own_record_finds_the_attempt(place: World, fake: Fake) -> None:
    fake.mood = "silent_after"
    payment = place.started()
    fake.mood = ""
    fake.take("p1")
    assert asking.look(fake, place.ways, "p1")
    assert place.state(payment) == "paid"


def test_the_nightly_comparison_finds_what_every_hint_missed(place: World, fake: Fake) -> None:
    payment = place.started()
    fake.change("p1", status="canceled")
    place.ask(payment)
    fake.take("p1")
    place.work()
    place.clock.advance(timedelta(hours=20))
    place.work()
    assert place.state(payment) == "paid"


def test_a_payment_belongs_to_its_account(place: World, fake: Fake) -> None:
    payment = place.started()
    with place.database.reading() as connection:
        assert cases.last_of(connection, payment, place.accounts[1].id) is None
    with pytest.raises(NotFound), place.unit() as db:
        pay.again(db, place.accounts[1], payment)


def test_without_a_gateway_paying_is_refused_in_words(place: World) -> None:
    closed = type(place.desk)(place.desk.settings, (), place.desk.zone, place.clock)
    with pytest.raises(PortalError) as caught:
        _ = closed.open_gateway
    assert caught.value.code == "payments.closed"


def test_money_of_no_payment_known_here_is_told_and_not_credited(place: World, fake: Fake) -> None:
    known = GatewayPayment("p-other", "succeeded", 700, "RUB", paid=True, metadata={"attempt": "of another shop"})
    fake.payments["p-other"], fake.made_at["p-other"] = known, place.clock.now()
    place.work()
    place.clock.advance(timedelta(hours=24))
    place.work()
    assert ("payments.stranger", "", "refused") in place.audit.rows
    assert place.count("payment") == 0
