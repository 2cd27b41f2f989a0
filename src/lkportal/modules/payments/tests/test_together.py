"""Several accounts in one payment: one payment at the provider, an entry for each account, all or none of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.paying import asking, cases, recording
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.tests.world import Fake, World
from lkportal.modules.payments.together import ordering


def begin(place: World, *amounts: int, token: str = "") -> tuple[AccountRef, str]:
    """Decide to pay for the first accounts at once; nobody is called yet."""
    parts = [
        ordering.Part(account, amount, f"Вода, {account.number}")
        for account, amount in zip(place.accounts, amounts, strict=False)
    ]
    order = ordering.JointOrder(parts, token or public_id(), "Вода", lambda a, p: f"http://127.0.0.1/{a.public_id}/{p}")
    with place.unit() as db:
        return ordering.start(db, order)


def test_one_payment_at_the_provider_becomes_an_entry_on_each_account(place: World, fake: Fake) -> None:
    _, payment = begin(place, 100_00, 250_50)
    place.ask(payment, at_once=True)
    assert [each.amount for each in fake.payments.values()] == [350_50]
    fake.take("p1")
    place.ask(payment)
    place.ask(payment)

    assert (place.balance(0), place.balance(1)) == (-100_00, -250_50)
    assert place.count("payment") == 2
    assert place.events().count("payments.payment_succeeded") == 2
    assert {target for action, target, _ in place.audit.rows if action == "payments.succeeded"} != {payment}
    assert place.broken_laws() == []


def test_the_receipt_has_a_line_for_each_account(place: World) -> None:
    _, payment = begin(place, 100_00, 250_50)
    lines = place.case(payment).intent.receipt
    assert [(line.description, line.amount) for line in lines] == [
        ("Вода, 0412778215", 100_00),
        ("Вода, 0530118846", 250_50),
    ]


def test_the_same_parts_go_on_with_the_payment_under_way_and_others_do_not(place: World) -> None:
    token = public_id()
    first = begin(place, 100_00, 250_50, token=token)
    assert begin(place, 100_00, 250_50, token=token) == first
    assert begin(place, 100_00, 250_50) == first
    assert begin(place, 100_00, 250_51, token=token) != first
    assert place.begin(100_00) != first[1]  # the account alone is another payment: its sum is another


def test_a_declined_payment_credits_nobody_and_is_not_tried_again_for_one_account(place: World, fake: Fake) -> None:
    _, payment = begin(place, 100_00, 250_50)
    place.ask(payment, at_once=True)
    fake.change("p1", status="canceled", reason="insufficient_funds")
    place.ask(payment)
    assert place.state(payment) == "declined"
    assert place.events().count("payments.payment_canceled") == 2
    with place.unit() as db:
        pay.again(db, place.accounts[0], payment)
    assert [state for state, _, _ in place.attempts()] == ["canceled"]
    assert (place.balance(0), place.balance(1)) == (0, 0)


def test_another_sum_than_was_asked_is_credited_to_nobody(place: World, fake: Fake) -> None:
    _, payment = begin(place, 100_00, 250_50)
    place.ask(payment, at_once=True)
    fake.take("p1")
    fake.change("p1", amount=100_00)
    place.ask(payment)
    assert place.state(payment) == "attention"
    assert place.count("payment") == 0


@pytest.mark.parametrize("steps", [(350_50,), (1, 100_00, 100_01, 350_50), (250_50, 350_50)])
def test_money_given_back_in_any_steps_ends_the_same_on_each_account(
    place: World, fake: Fake, steps: tuple[int, ...]
) -> None:
    _, payment = begin(place, 100_00, 250_50)
    place.ask(payment, at_once=True)
    fake.take("p1")
    place.ask(payment)
    for refunded in steps:
        fake.change("p1", refunded=refunded)
        asking.note(fake.name, place.ways, fake.payments["p1"])
        asking.note(fake.name, place.ways, fake.payments["p1"])
        assert place.balance(0) + place.balance(1) == refunded - 350_50
        assert place.broken_laws() == []
    assert (place.balance(0), place.balance(1)) == (0, 0)


def test_half_a_credit_never_stays(place: World, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    _, payment = begin(place, 100_00, 250_50)
    place.ask(payment, at_once=True)
    fake.take("p1")
    book, calls = ledger.book, []

    def dies(*args: object) -> bool:
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the process died")
        return book(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "book", dies)
        with pytest.raises(OSError, match="died"):
            place.ask(payment)
    assert (place.balance(0), place.balance(1)) == (0, 0)
    place.ask(payment)
    assert (place.balance(0), place.balance(1)) == (-100_00, -250_50)
    assert place.broken_laws() == []


def test_the_laws_see_a_part_that_was_not_credited(place: World, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    _, payment = begin(place, 100_00, 250_50)
    place.ask(payment, at_once=True)
    fake.take("p1")
    shares = cases.shares
    monkeypatch.setattr(cases, "shares", lambda *args: shares(*args)[:1])
    place.ask(payment)
    assert "payments.credited_once" in place.broken_laws()


def test_what_was_given_back_goes_over_the_parts_in_their_order() -> None:
    account = AccountRef(1, "a", "1", "", "Europe/Moscow", "RUB", "default")
    first = cases.Share(1, "p", 100, 40, "payment:k", account)
    second = replace(first, payment_id=2, refunded=0)
    assert recording.returned([first, second], 90) == [(first, 60), (second, 30)]
