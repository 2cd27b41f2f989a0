"""Autopay as stories, and its law over random months: never more than was agreed, never twice for one thing."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound
from lkportal.core.ids import public_id
from lkportal.core.work.worker import Worker, choose_engine
from lkportal.modules.payments import handlers
from lkportal.modules.payments.methods import agreeing, jobs, keeping
from lkportal.modules.payments.methods.agreeing import Agreement
from lkportal.modules.payments.methods.models import Autopay, Method, Run
from lkportal.modules.payments.models import Payment
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.tests.world import BORIS, World, owe, world
from lkportal.testing.providers.purse import Purse, PurseGateway

CAP = 200_000
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def home(database: Any, purse: Purse) -> World:
    return world(database, PurseGateway(purse))


def save_a_card(home: World, purse: Purse) -> str:
    """Pay one rouble and let the method be kept; return its public id."""
    with home.unit() as db:
        payment = pay.start(db, home.accounts[0], _order())
    home.ask(payment, at_once=True)
    purse.pay(list(purse.payments)[-1])
    home.ask(payment)
    return str(_one(home, select(Method.public_id).order_by(Method.id.desc())))


def agree(home: World, method: str, **changes: Any) -> None:
    known: dict[str, Any] = {"mode": "bill", "day": 10, "cap": CAP, "words": "I agree", "about": "Autopay"}
    with home.unit() as db:
        agreeing.switch_on(db, home.accounts[0], Agreement(method, **(known | changes)))


def live(home: World, days: int) -> None:
    """Let days pass; the worker comes by at noon and at midnight."""
    worker = _worker(home)
    for _ in range(days * 2):
        home.clock.advance(timedelta(hours=12))
        worker.run_once()


def test_what_is_due_is_told_before_and_taken_once_on_its_day(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    owe(home, 148_360)  # one rouble of it was paid ahead
    home.clock.set(datetime(2026, 12, 1, 12, tzinfo=UTC))
    agree(home, method)
    live(home, 5)
    assert runs(home) == []
    live(home, 2)
    assert runs(home) == [("2026-12", 148_260, "planned")]
    assert "payments.autopay_planned" in home.events()
    live(home, 6)
    assert runs(home) == [("2026-12", 148_260, "paid")]
    assert home.balance() == 0
    live(home, 3)
    assert len(purse.payments) == 2
    assert home.broken_laws() == []


@ON_SQLITE
def test_nothing_is_taken_when_the_bill_was_paid_meanwhile(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    owe(home, 50_100)
    home.clock.set(datetime(2026, 12, 7, 12, tzinfo=UTC))
    agree(home, method)
    live(home, 1)
    assert runs(home) == [("2026-12", 50_000, "planned")]
    payment = home.started(50_000)
    purse.pay(list(purse.payments)[-1])
    home.ask(payment)
    live(home, 5)
    assert runs(home) == [("2026-12", 50_000, "skipped")]
    assert len(purse.payments) == 2


@ON_SQLITE
def test_a_refusal_is_told_and_tried_three_times_on_the_days_set(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    purse.turn_saved(next(iter(purse.methods)), "no_money")
    owe(home, 50_100)
    home.clock.set(datetime(2026, 12, 7, 12, tzinfo=UTC))
    agree(home, method)
    live(home, 12)
    assert runs(home) == [("2026-12", 50_000, "failed")]
    assert home.events().count("payments.autopay_failed") == 3
    refused = [each for each in purse.payments.values() if each["state"] == "over"]
    assert len(refused) == 3
    assert home.broken_laws() == []


@ON_SQLITE
def test_a_revoked_card_is_let_go_and_autopay_with_it(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    purse.turn_saved(next(iter(purse.methods)), "revoked")
    owe(home, 50_100)
    home.clock.set(datetime(2026, 12, 7, 12, tzinfo=UTC))
    agree(home, method)
    live(home, 8)
    assert runs(home) == [("2026-12", 50_000, "failed")]
    assert _one(home, select(Autopay.ended_why)) == "method_revoked"
    assert (_one(home, select(Method.state)), _one(home, select(Method.token))) == ("revoked", "")


@ON_SQLITE
def test_switching_off_is_one_step_and_drops_what_was_planned(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    owe(home, 50_100)
    home.clock.set(datetime(2026, 12, 7, 12, tzinfo=UTC))
    agree(home, method)
    live(home, 1)
    with home.unit() as db:
        assert agreeing.switch_off(db, home.accounts[0], "switched_off")
    live(home, 10)
    assert runs(home) == [("2026-12", 50_000, "dropped")]
    assert len(purse.payments) == 1


@ON_SQLITE
def test_a_removed_card_is_never_charged_and_another_s_cannot_be_used(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    agree(home, method)
    with home.unit() as db, pytest.raises(NotFound):
        keeping.remove(db, home.accounts[1], method)
    with home.unit() as db:
        gateway, token = keeping.remove(db, home.accounts[0], method)
    assert (gateway, token) == ("purse", next(iter(purse.methods)))
    assert _one(home, select(Autopay.ended_why)) == "method_removed"
    with home.unit() as db, pytest.raises(NotFound):
        agreeing.switch_on(db, home.accounts[0], Agreement(method, "bill", 10, CAP, "", ""))


@ON_SQLITE
def test_a_card_pays_only_as_whoever_saved_it_agrees(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    wish = Agreement(method, "bill", 10, CAP, "I agree", "Autopay")
    with home.unit(BORIS) as db, pytest.raises(NotFound):
        agreeing.switch_on(db, home.accounts[0], wish)
    with home.unit(BORIS) as db:  # whoever pays for the account may end it, nobody else begin it
        assert keeping.remove(db, home.accounts[0], method)


@ON_SQLITE
def test_who_may_no_longer_pay_for_an_account_is_not_charged_for_it(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)
    owe(home, 50_100)
    home.clock.set(datetime(2026, 12, 7, 12, tzinfo=UTC))
    agree(home, method)
    live(home, 1)
    assert runs(home) == [("2026-12", 50_000, "planned")]
    home.ports.get(Accounts).payers.clear()  # type: ignore[type-abstract,attr-defined]
    live(home, 40)
    assert runs(home) == [("2026-12", 50_000, "dropped")]
    assert _one(home, select(Autopay.ended_why)) == "no_access"
    assert len(purse.payments) == 1


@ON_SQLITE
def test_little_in_hand_is_topped_up(home: World, purse: Purse) -> None:
    method = save_a_card(home, purse)  # one rouble is in hand
    agree(home, method, mode="balance", below=10_000, top_up=30_000)
    live(home, 8)
    assert [(amount, state) for _, amount, state in runs(home)] == [(30_000, "paid")]
    assert home.balance() == -30_100


@ON_SQLITE
@pytest.mark.parametrize("seed", range(2))
def test_never_more_than_the_cap_and_never_twice_a_period(home: World, purse: Purse, seed: int) -> None:
    _months_of_chance(home, purse, seed)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(100, 140))
def test_never_more_than_the_cap_in_many_months(home: World, purse: Purse, seed: int) -> None:
    _months_of_chance(home, purse, seed)


def _months_of_chance(home: World, purse: Purse, seed: int) -> None:
    dice = random.Random(seed)
    method = save_a_card(home, purse)
    token = next(iter(purse.methods))
    for _ in range(14):
        act = dice.randrange(7)
        if act == 0:
            owe(home, dice.choice((20_000, 90_000, 350_000)))
        elif act == 1:
            mode = dice.choice(("bill", "balance"))
            agree(home, method, mode=mode, day=dice.randint(1, 28), below=50_000, top_up=dice.choice((30_000, 150_000)))
        elif act == 2:
            with home.unit() as db:
                agreeing.switch_off(db, home.accounts[0], "switched_off")
        elif act == 3:
            purse.methods[token] = dice.choice(("", "empty"))
        elif act == 4:
            dice.choice((purse.lose_answer, purse.fail_after))("create")
        live(home, dice.randint(1, 6))
        assert home.broken_laws() == []
    purse.methods[token] = ""
    live(home, 2)
    with home.database.reading() as connection:
        told = connection.execute(
            select(Run.month, Run.amount).where(Run.state.in_(("charging", "paid", "planned")))
        ).all()
    by_month: dict[str, int] = {}
    for month, amount in told:
        by_month[month] = by_month.get(month, 0) + amount
    assert all(taken <= CAP for taken in by_month.values())
    taken_there = sum(each["amount"] for each in purse.payments.values() if each["state"] == "done")
    paid_here = _one(home, select(Payment.amount).where(Payment.state == "paid"), every=True)
    assert taken_there == sum(paid_here)
    periods = _one(home, select(Run.period).where(Run.state == "paid"), every=True)
    assert len(periods) == len(set(periods))


def runs(home: World) -> list[tuple[str, int, str]]:
    """Return what autopay did: (period, amount, state)."""
    with home.database.reading() as connection:
        return [
            (row[0], row[1], row[2])
            for row in connection.execute(select(Run.period, Run.amount, Run.state).order_by(Run.id))
        ]


def _order() -> pay.Order:
    return pay.Order(100, public_id(), "Water", lambda p: f"http://127.0.0.1/{p}", save=True, payer="one")


def _one(home: World, statement: Any, *, every: bool = False) -> Any:
    with home.database.reading() as connection:
        found = connection.execute(statement).scalars().all()
    return found if every else found[0]


def _worker(home: World) -> Worker:
    return Worker(
        home.database,
        home.clock,
        {},
        {spec.name: spec for spec in (*handlers.JOBS, *jobs.JOBS)},
        (*handlers.SCHEDULES, *jobs.SCHEDULES),
        home.ports,
        choose_engine("table", home.database),
        home.desk.zone,
    )
