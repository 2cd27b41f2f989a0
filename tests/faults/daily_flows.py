"""What a house and its billing do every month, written so that it can be begun again after a crash: sending readings, and taking
charges in by a file. How payers pay is in crash_flows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import select, text

from lkportal.app import Portal
from lkportal.core.unit import open_unit
from lkportal.modules.readings.models import Meter, Register
from tests.faults import crash_flows, importing

ROWS_A_BATCH = 4


def hang_meters(portal: Portal) -> None:
    """Live where two meters hang that were read in October."""
    crash_flows.move_in(portal)
    with open_unit(portal.database, portal.unit_context("test")) as db:
        account = db.execute(text("SELECT id FROM accounts_accounts")).scalar_one()
        for resource, last in (("cold_water", 412_000), ("hot_water", 238_000)):
            meter = Meter(account_id=account, resource=resource, unit="m3", serial=str(last))
            db.add(meter)
            db.flush()
            db.add(Register(meter_id=meter.id, last_milli=last, last_on=date(2026, 10, 18), usual_milli=4_000))


def send_readings(portal: Portal) -> None:
    """Send both meters by one form; the notice of it goes out."""
    with portal.database.reading() as connection:
        registers = connection.execute(select(Register.public_id).order_by(Register.id)).scalars().all()
    values = zip(registers, ("416,306", "241"), strict=True)
    crash_flows.post(portal, "readings", {f"readings[{register}]": value for register, value in values})
    portal.worker().run_once()


def write_charges(portal: Portal) -> None:
    """Live where billing has laid a file of ten charges, one of them for an account that is not there."""
    crash_flows.move_in(portal)
    with portal.database.reading() as connection:
        number = str(connection.execute(text("SELECT number FROM accounts_accounts")).scalar_one())
    charges = importing.write(_file(portal), [number], months=2)
    assert (charges.rows, charges.bad) == (10, 0)
    with _file(portal).open("a", encoding="cp1251", newline="") as out:
        out.write("999999999999;01.2024;Отопление;1,00\r\n")


def take_charges(portal: Portal) -> None:
    """Take the file in, some rows at a time, and do what follows."""
    importing.run(portal, _file(portal), ROWS_A_BATCH)
    portal.worker().run_once()


def _file(portal: Portal) -> Path:
    return portal.data_dir / "charges.csv"
