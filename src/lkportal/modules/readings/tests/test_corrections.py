"""What is put right later: corrections and replaced meters are new facts, sums stay right, nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from lkportal.core.errors import PortalError
from lkportal.modules.readings.corrections import correct
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.replacement import NewMeter, replace_meter
from lkportal.modules.readings.service import Submission, submit
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.tests.conftest import House
from lkportal.modules.readings.windows import window
from lkportal.testing.world import rows

SETTINGS = ReadingsSettings()
DAYS = window(date(2026, 11, 22), SETTINGS)


def send(house: House, place: str, value: int) -> str:
    with house.world.unit(house.owner) as db:
        data = Submission({house.registers[place]: value}, frozenset(house.registers.values()))
        return submit(db, house.account, data, DAYS, SETTINGS).readings[0]


def put_right(house: House, reading: str, value: int) -> str:
    with house.world.unit(house.owner) as db:
        return correct(db, house.account, reading, value)


def test_a_correction_is_a_new_fact_and_the_old_one_stays(house: House) -> None:
    first = send(house, "bath", 446_306)
    again = put_right(house, put_right(house, first, 416_306), 415_000)
    said = rows(house.world.database, "SELECT value_milli, added_milli FROM readings_readings ORDER BY id")
    assert said == [(446_306, 34_306), (416_306, -30_000), (415_000, -1_306)]
    assert rows(house.world.database, "SELECT last_milli FROM readings_registers ORDER BY last_milli DESC")[0] == (
        415_000,
    )
    assert rows(house.world.database, "SELECT count(*) FROM core_outbox WHERE name = 'readings.corrected'") == [(2,)]
    assert rows(house.world.database, f"SELECT count(*) FROM audit_records WHERE target = '{again}'") == [(1,)]


@pytest.mark.parametrize("value", [411_999, 100_000_000])
def test_a_correction_outside_the_dial_is_refused(house: House, value: int) -> None:
    first = send(house, "bath", 446_306)
    with pytest.raises(PortalError):
        put_right(house, first, value)
    assert rows(house.world.database, "SELECT count(*) FROM readings_readings") == [(1,)]


def test_only_the_newest_reading_is_corrected(house: House) -> None:
    first = send(house, "bath", 416_000)
    send(house, "bath", 417_000)
    with pytest.raises(PortalError) as refused:
        put_right(house, first, 415_000)
    assert refused.value.status == 409


def test_a_replaced_meter_leaves_its_closing_value_and_the_new_one_starts_its_own(house: House) -> None:
    register = house.registers["bath"]
    (meter,) = rows(
        house.world.database,
        f"SELECT m.public_id FROM readings_meters m JOIN readings_registers r ON r.meter_id = m.id WHERE r.public_id = '{register}'",
    )[0]
    new = NewMeter("77-1", 6, 3, {"T1": 12_000}, coefficient=20)
    with house.world.unit(house.owner) as db:
        heir = replace_meter(db, house.account, str(meter), {register: 413_000}, new, DAYS, Rules(SETTINGS))
    said = rows(
        house.world.database,
        "SELECT m.serial, r.last_milli, r.id FROM readings_registers r JOIN readings_meters m ON m.id = r.meter_id"
        f" WHERE m.public_id = '{heir}'",
    )
    assert said[0][:2] == ("77-1", 12_000)
    assert rows(house.world.database, "SELECT value_milli, added_milli FROM readings_readings") == [(413_000, 1_000)]
    (dial,) = rows(house.world.database, f"SELECT public_id FROM readings_registers WHERE id = {said[0][2]}")[0]
    house.registers["new"] = str(dial)
    send(house, "new", 12_500)
    assert rows(house.world.database, "SELECT added_milli FROM readings_readings ORDER BY id DESC")[0] == (10_000,)
    with pytest.raises(PortalError), house.world.unit(house.owner) as db:
        replace_meter(db, house.account, str(meter), {}, new, DAYS, Rules(SETTINGS))
