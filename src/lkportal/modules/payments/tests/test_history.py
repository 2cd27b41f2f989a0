"""The history tells of every operation in what state it is, in words; filters narrow it, pages lead through it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from lkportal.app import Portal
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.history import reads
from lkportal.modules.payments.history.showing import Operation, merged, of_entry, state_of
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.tests.test_pages import billed
from lkportal.testing import Visitor, World

__all__ = ["billed"]
STATES = [
    ("waiting", "intended", 0, "the bank is not asked yet"),
    ("waiting", "pending", 0, "Waiting for the bank"),
    ("waiting", "unknown", 0, "The bank is silent"),
    ("waiting", "authorized", 0, "Set aside by the bank"),
    ("paid", "succeeded", 0, "Paid"),
    ("paid", "succeeded", 40, "a part was given back"),
    ("paid", "succeeded", 100, "Given back in whole"),
    ("declined", "canceled", 0, "Declined, no money was taken"),
    ("declined", "failed", 0, "Did not reach the bank"),
    ("attention", "attention", 0, "A person is checking it"),
]


@pytest.mark.parametrize(("state", "attempt", "refunded", "words"), STATES)
def test_every_state_has_its_own_words(state: str, attempt: str, refunded: int, words: str) -> None:
    row = SimpleNamespace(state=state, attempt_state=attempt, refunded=refunded, amount=100)
    assert words in state_of(row)[1].english


def test_pages_of_operations_leave_nothing_out_and_tell_nothing_twice() -> None:
    found = [
        of_entry(SimpleNamespace(occurred_on=date(2026, 1, day), kind="charge", change=day)) for day in range(1, 31)
    ]
    seen: list[Operation] = []
    number, more = 0, True
    while more:
        shown, more = merged(found, number * 7, 7)
        seen += shown
        number += 1
    assert seen == sorted(found, key=lambda each: each.day, reverse=True)


@pytest.fixture
def lived(portal: Portal, world: World, billed: AccountRef) -> AccountRef:
    """An account with a payment in every state, each of its own sum, one an hour."""
    with world.unit() as db:
        for place, (state, attempt, refunded, _) in enumerate(STATES, 1):
            moment = datetime(2026, 11, 20, place, tzinfo=UTC)
            row = {
                "account_id": billed.id, "public_id": public_id(), "actor": "system", "token": public_id(), "currency": "RUB",
                "amount": place * 100, "state": state, "refunded": refunded * place, "created_at": moment,
                "paid_at": moment if state == "paid" else None,
            }  # fmt: skip
            key = db.execute(insert(Payment).values(row).returning(Payment.id)).scalar_one()
            tried = {
                "payment_id": key,
                "gateway": "cash" if place == 5 else "yookassa",
                "key": public_id(),
                "intent": "{}",
            }
            db.execute(insert(Attempt).values(**tried, state=attempt, created_at=moment))
    return billed


def test_the_history_shows_all_and_its_filters_narrow_it(portal: Portal, lived: AccountRef, customer: Visitor) -> None:
    url = customer.url("payments:history")
    whole = customer.get(url)
    assert whole.status_code == 200
    for *_, words in STATES:
        assert words in whole.text
    assert "Charged" in whole.text
    assert "Paid in cash" in whole.text
    with portal.database.reading() as connection:
        paid = connection.scalars(select(Payment.public_id).where(Payment.state == "paid").limit(1)).one()
    assert customer.url("payments:payment", payment=paid) in whole.text

    declined = customer.get(f"{url}?kind=payments&state=declined").text
    assert "Declined, no money" in declined
    assert "Waiting for the bank" not in declined
    charges = customer.get(f"{url}?kind=charges").text
    assert "Charged" in charges
    assert "Declined, no money" not in charges
    assert "Nothing of that kind" in customer.get(f"{url}?kind=payments&since=2020-01-01&until=2020-02-01").text
    assert "Show everything" in declined


@pytest.mark.parametrize(
    "query", ["since=2026-13-01", "since=2026-02-01&until=2026-01-01", "kind=all", "page=x", "since=9999-12-31"]
)
def test_a_filter_that_makes_no_sense_is_told_and_kept(lived: AccountRef, customer: Visitor, query: str) -> None:
    answer = customer.get(f"{customer.url('payments:history')}?{query}")
    assert answer.status_code in (200, 422)
    assert answer.status_code == 422 or query == "since=9999-12-31"


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_the_history_reads_by_indexes(portal: Portal, lived: AccountRef) -> None:
    # Tables this small are read whole on PostgreSQL, whatever stands on them.
    for statement in (reads.PAYMENTS, reads.BY_STATE["declined"]):
        compiled = str(statement.compile(portal.database.engine))
        with portal.database.reading() as connection:
            plan = str(
                connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (1,) * compiled.count("?")).fetchall()
            )
        assert "payments_payments_account_id_created_at" in plan
        assert "SCAN payments" not in plan
    with portal.database.reading() as connection:
        zone = ZoneInfo("Europe/Moscow")
        rows = reads.entries(connection, lived.id, ["charge"], date(2020, 1, 1), date(2030, 1, 1), 100)
        assert sum(row.change for row in rows) == 202796
        start = datetime(2026, 11, 20, tzinfo=zone)
        assert len(reads.payments(connection, lived.id, start, start, "", 5)) == 0
