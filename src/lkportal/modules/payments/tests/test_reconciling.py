"""Reconciliation as stories: each way in which a provider and the books may differ is found, told what to do about, and stays until
it is gone by itself or a person has dealt with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from lkportal.core.errors import PortalError
from lkportal.core.policy import Actor
from lkportal.modules.payments.contract import GatewayPayment, Rejected
from lkportal.modules.payments.reconciling import service
from lkportal.modules.payments.tests.world import START, Fake, World, owe
from lkportal.testing.world import rows

BUH = Actor("staff", 9, "Vera000000000000", "Вера", "accountant@example.org")
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_FOUND = "SELECT kind, state, theirs, ours FROM payments_differences ORDER BY id"


def paid(place: World, fake: Fake, amount: int = 10_000) -> str:
    """Somebody pays, and it is in the books; return the provider's id."""
    payment = place.started(amount)
    name = str(place.case(payment).provider_id)
    fake.take(name)
    place.ask(payment)
    return name


def compare(place: World) -> list[tuple[Any, ...]]:
    """Compare the day the stories are of; return its differences."""
    with place.unit(BUH) as db:
        service.ask(db, "fake", START.date())
    place.work()
    return [tuple(row) for row in rows(place.database, _FOUND)]


def unbook(place: World, fake: Fake, name: str) -> None:
    """Let the books know nothing of a payment, as if it had been made past the portal."""
    fake.payments[f"x{name}"] = GatewayPayment(f"x{name}", "succeeded", 7_000, "RUB", paid=True)
    fake.made_at[f"x{name}"] = fake.now()


@one_database
def test_a_day_on_which_both_agree(place: World, fake: Fake) -> None:
    paid(place, fake)
    place.started(5_000)  # begun, never paid: no difference
    assert compare(place) == []
    day = rows(place.database, "SELECT theirs_count, theirs, ours_count, ours, listed FROM payments_reconciliations")
    assert [tuple(row) for row in day] == [(1, 10_000, 1, 10_000, True)]


def test_every_way_to_differ_is_found_once_and_goes_when_it_is_put_right(place: World, fake: Fake) -> None:
    gone, other, back, canceled = (paid(place, fake, amount) for amount in (1_000, 2_000, 3_000, 4_000))
    unbook(place, fake, gone)
    lost = fake.payments.pop(gone)
    del fake.made_at[gone]
    fake.change(other, amount=2_500)
    fake.change(back, status="unknown")
    fake.change(canceled, status="canceled", paid=False)
    expected = {
        ("missing_here", "open", 7_000, 0),
        ("missing_there", "open", 0, 1_000),
        ("other_amount", "open", 2_500, 2_000),
        ("other_state", "open", 0, 3_000),
        ("other_state", "open", 0, 4_000),
    }
    assert set(compare(place)) == expected
    assert len(compare(place)) == len(expected), "the same difference is kept once"

    fake.payments[gone] = lost
    fake.change(other, amount=2_000)
    states = {(kind, state) for kind, state, *_ in compare(place)}
    assert states == {
        ("missing_here", "open"),
        ("missing_there", "gone"),
        ("other_amount", "gone"),
        ("other_state", "open"),
    }
    assert place.broken_laws() == []


@one_database
def test_what_no_notice_told_is_booked_before_it_is_compared(place: World, fake: Fake) -> None:
    owe(place, 10_000)
    payment = place.started(10_000)
    fake.take(str(place.case(payment).provider_id))
    assert compare(place) == []
    assert (place.state(payment), place.balance()) == ("paid", 0)


@one_database
def test_money_given_back_at_the_provider_is_booked_too(place: World, fake: Fake) -> None:
    name = paid(place, fake)
    fake.change(name, refunded=4_000, status="refunded_part")
    assert compare(place) == []
    assert place.balance() == -6_000
    fake.change(name, refunded=1_000)  # a provider that takes a refund back: the books never do
    assert compare(place) == [("other_refund", "open", 1_000, 4_000)]


@one_database
def test_a_person_deals_with_a_difference_once_and_it_stays_so_until_it_changes(place: World, fake: Fake) -> None:
    unbook(place, fake, "1")
    compare(place)
    key, public = rows(place.database, "SELECT id, public_id FROM payments_differences")[0]
    difference = (int(str(key)), str(public))
    with place.unit(BUH) as db:
        service.resolve(db, *difference, "returned", "given back at the provider")
    with pytest.raises(PortalError, match="difference_done"), place.unit(BUH) as db:
        service.resolve(db, *difference, "other", "once more")
    assert [row[1] for row in compare(place)] == ["resolved"]
    told = rows(place.database, "SELECT resolved_by, how, note FROM payments_differences")[0]
    assert tuple(told) == ("Вера", "returned", "given back at the provider")
    assert ("payments.difference_resolved", difference[1], "done") in place.audit.rows
    fake.change("x1", amount=8_000)
    assert [row[1] for row in compare(place)] == ["open"]


@one_database
def test_a_provider_that_lists_nothing_is_asked_one_by_one(
    place: World, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "abilities", Fake.abilities - {"list"})
    names = [paid(place, fake, amount) for amount in (1_000, 2_000)]
    del fake.payments[names[0]]
    assert compare(place) == [("missing_there", "open", 0, 1_000)]
    assert [bool(row[0]) for row in rows(place.database, "SELECT listed FROM payments_reconciliations")] == [False]

    def locked(self: Fake, provider_id: str) -> GatewayPayment:
        raise Rejected("wrong_key")

    monkeypatch.setattr(Fake, "fetch", locked)
    paid_before = rows(place.database, "SELECT compared_at FROM payments_reconciliations")
    place.clock.advance(timedelta(minutes=1))
    place.begin(1)
    with place.unit() as db:  # a third payment, so that refusals of all of them look like a wrong key
        db.execute(text("UPDATE payments_attempts SET provider_id = 'p9' WHERE provider_id IS NULL"))
    compare(place)
    assert rows(place.database, "SELECT compared_at FROM payments_reconciliations") == paid_before


@one_database
def test_the_last_days_are_compared_every_morning(place: World, fake: Fake) -> None:
    paid(place, fake)
    place.work()
    place.clock.advance(timedelta(days=1))
    place.work()
    place.work()
    days = rows(place.database, "SELECT day, theirs FROM payments_reconciliations ORDER BY day")
    assert [str(row[0])[:10] for row in days] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert [row[1] for row in days] == [0, 0, 10_000]
