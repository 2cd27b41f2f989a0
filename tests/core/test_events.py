"""An event says what happened in ids, whole numbers and codes; its envelope says who did it, where and in which request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from lkportal.core.clock import MovableClock
from lkportal.core.db import Database
from lkportal.core.events import Event, emit, envelope_of
from lkportal.core.money import Money, Volume
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.ports import Ports
from lkportal.core.tables import outbox
from lkportal.core.unit import UnitContext, open_unit
from tests.core.jobs_kit import ANNA, START, Happened, make_tables


class Way(StrEnum):
    CARD = "card"


@dataclass(frozen=True)
class Paid(Event):
    name: ClassVar[str] = "test.paid"
    version: ClassVar[int] = 2
    amount: Money
    volume: Volume
    due: date
    at: datetime
    ways: tuple[Way, ...]
    extra: Any = None


def paid(extra: Any = None) -> Paid:
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    return Paid(Money(148260, "RUB"), Volume(11_100, "m3"), date(2026, 3, 10), at, (Way.CARD,), extra)


def test_a_body_is_plain_json_with_exact_numbers() -> None:
    assert paid({"paid": True, 3: None}).body() == {
        "amount": {"minor": 148260, "currency": "RUB"},
        "volume": {"milli": 11100, "unit": "m3"},
        "due": "2026-03-10",
        "at": "2026-03-01T12:30:00Z",
        "ways": ["card"],
        "extra": {"paid": True, "3": None},
    }


@pytest.mark.parametrize("value", [0.5, Decimal("1.5"), object(), [1.0], {"deep": {"er": 2.5}}, b"bytes"])
def test_what_is_not_exact_or_not_plain_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=r"test\.paid\.extra is a .*: an event carries ids"):
        paid(value).body()


def test_long_text_is_refused() -> None:
    with pytest.raises(ValueError, match=r"test\.paid\.extra holds 201 characters"):
        paid("x" * 201).body()


def test_the_envelope_tells_who_where_and_when_and_comes_back_as_it_was_written(database: Database) -> None:
    make_tables(database)
    account = AccountRef(5, "Account000000001", "100-1", "Flat", "Europe/Moscow", "RUB", "south")
    circumstances = UnitContext(
        MovableClock(START), Actor("staff", 1, "Olga000000000000"), "req-9", Ports(), ANNA.label, "x", "Org1", "north"
    )
    with open_unit(database, circumstances) as db:
        first = emit(db, paid(), account=account)
        second = emit(db, Happened(1))
    with database.reading() as connection:
        envelopes = [envelope_of(row) for row in connection.execute(select(outbox).order_by(outbox.c.id))]
    assert [each.id for each in envelopes] == [first, second]
    assert envelopes[0].as_dict() == {
        "id": first,
        "name": "test.paid",
        "version": 2,
        "occurred_at": "2026-03-02T09:00:00Z",
        "actor": "staff:Olga000000000000",
        "on_behalf_of": "customer:Anna000000000000",
        "account": "Account000000001",
        "organisation": "Org1",
        "brand": "south",
        "request_id": "req-9",
        "body": paid().body(),
        "number": 0,
    }
    assert (envelopes[1].account, envelopes[1].brand) == ("x", "north"), "the unit's own where the act names no other"
    assert envelopes[0].occurred_at == START


def test_ids_of_events_grow_with_time(database: Database) -> None:
    make_tables(database)
    clock = MovableClock(START)
    found = []
    for _ in range(3):
        with open_unit(database, UnitContext(clock, ANNA, "", Ports())) as db:
            found.append(emit(db, Happened(1)))
        clock.advance(timedelta(milliseconds=1))
    assert found == sorted(found)
