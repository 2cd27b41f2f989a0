"""Sending readings: all values of a form become facts, or none does, on both databases."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date

import pytest

from lkportal.modules.readings.service import Accepted, Refused, Submission, submit
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.tests.conftest import House
from lkportal.modules.readings.windows import window
from lkportal.testing.races import race
from lkportal.testing.world import rows

SETTINGS = ReadingsSettings()
TODAY = date(2026, 11, 22)


def send(house: House, values: dict[str, int], *confirmed: str, today: date = TODAY) -> Accepted:
    named = {house.registers.get(place, place): value for place, value in values.items()}
    data = Submission(named, frozenset(house.registers[place] for place in confirmed))
    with house.world.unit(house.owner) as db:
        return submit(db, house.account, data, window(today, SETTINGS), SETTINGS)


def stored(house: House) -> list[int]:
    return sorted(int(str(row[0])) for row in rows(house.world.database, "SELECT value_milli FROM readings_readings"))


def test_a_form_of_two_meters_becomes_two_facts_one_event_and_an_audit(house: House) -> None:
    accepted = send(house, {"bath": 416_306, "bath hot": 241_000})
    assert len(accepted.readings) == 2
    assert accepted.total_milli == {"cold_water": 4_306, "hot_water": 3_000}
    assert stored(house) == [241_000, 416_306]
    (name, body), *others = rows(house.world.database, "SELECT name, body FROM core_outbox")
    assert not others
    assert name == "readings.submitted"
    assert json.loads(str(body))["period"] == "2026-11-01"
    assert rows(house.world.database, "SELECT count(*) FROM audit_records WHERE action = 'readings.submitted'") == [
        (2,)
    ]


def test_one_wrong_value_keeps_the_whole_form_back(house: House) -> None:
    with pytest.raises(Refused) as refused:
        send(house, {"bath": 416_306, "bath hot": 237_000})
    assert set(refused.value.errors) == {house.registers["bath hot"]}
    assert stored(house) == []
    assert rows(house.world.database, "SELECT count(*) FROM core_outbox") == [(0,)]


def test_a_jump_waits_for_confirmation_and_is_remembered_as_confirmed(house: House) -> None:
    with pytest.raises(Refused) as refused:
        send(house, {"bath hot": 421_000})
    assert not refused.value.errors
    assert set(refused.value.doubts) == {house.registers["bath hot"]}
    send(house, {"bath hot": 421_000}, "bath hot")
    assert rows(house.world.database, "SELECT count(*) FROM readings_readings WHERE confirmed") == [(1,)]


def test_a_reading_after_the_last_day_counts_for_the_next_month(house: House) -> None:
    send(house, {"bath": 414_000}, today=date(2026, 11, 26))
    assert str(rows(house.world.database, "SELECT period FROM readings_readings")[0][0]) == "2026-12-01"


def test_a_company_may_refuse_late_readings(house: House) -> None:
    strict = ReadingsSettings(late="refuse")
    late = window(date(2026, 11, 26), strict)
    with pytest.raises(Refused), house.world.unit(house.owner) as db:
        submit(db, house.account, Submission({house.registers["bath"]: 414_000}), late, strict)


def test_a_form_sent_twice_is_one_fact(house: House) -> None:
    send(house, {"bath": 416_306})
    assert send(house, {"bath": 416_306}).readings == ()
    assert stored(house) == [416_306]
    assert rows(house.world.database, "SELECT count(*) FROM core_outbox") == [(1,)]


def test_a_register_of_another_account_is_unknown_here(house: House) -> None:
    stranger = House(house.world, house.world.account("777"), house.owner, house.registers)
    with pytest.raises(Refused):
        send(stranger, {"bath": 414_000})
    assert stored(house) == []


def test_of_values_sent_at_once_none_is_accepted_below_another_already_in(house: House) -> None:
    def give(value: int) -> None:
        with suppress(Refused):
            send(house, {"bath": value}, "bath")

    race(give, range(413_000, 421_000, 1_000))
    accepted = [
        int(str(row[0])) for row in rows(house.world.database, "SELECT value_milli FROM readings_readings ORDER BY id")
    ]
    assert accepted, "somebody must win"
    assert accepted == sorted(accepted)
    assert rows(
        house.world.database,
        "SELECT max(last_milli) FROM readings_registers WHERE last_milli < 430000 AND last_milli > 411000",
    ) == [(max(accepted),)]
    assert (
        sum(int(str(r[0])) for r in rows(house.world.database, "SELECT added_milli FROM readings_readings"))
        == max(accepted) - 412_000
    )
