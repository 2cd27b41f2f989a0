"""A number that accounts of two brands have names neither: no import shows one brand's customer what another's owns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, update

from lkportal.accounts.models import Account, Brand
from lkportal.core.clock import MovableClock
from lkportal.core.db import Base, Database
from lkportal.core.imports import run_import
from lkportal.testing.portals import Recipe
from lkportal.testing.world import World
from tests.journeys.whole_house import settings

NUMBER = "0412778215"
ROWS = {
    "proof_codes": "account;code\n{number};9274018365\n",
    "invitations": "account;email\n{number};boris@example.org\n",
    "charges": "account;period;service;amount\n{number};10.2026;Water;100,00\n",
    "registry": "account;name;amount\n{number};Anna;100,00\n",
    "meters": "account;serial;resource\n{number};S1;cold_water\n",
    "homes": "account;residents\n{number};2\n",
    "equipment": "account;key;kind;model;state\n{number};1;router;R1;works\n",
    "services": "account;code;since\n{number};fly100;12.03.2024\n",
    "segments": "account;segment\n{number};gold\n",
    "managers": "account;manager\n{number};\n",
}
"""A row of every kind that is about an account by its number. Of the others: `accounts` makes them, `readings` knows meters, and the
account of `bank_operations` is the company's own at its bank."""
OTHERS = {"accounts", "readings", "bank_operations"}


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_number_of_two_brands_is_nobodys(portal_url: str, tmp_path: Path) -> None:
    clock = MovableClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    with Recipe(settings(portal_url, tmp_path)).running(clock) as portal:
        kinds = portal.registry.import_kinds
        assert {name for name, kind in kinds.items() if "account" in {each.name for each in kind.columns}} == {
            *ROWS,
            *OTHERS,
        }
        world = World(portal.database, clock, portal.ports)
        world.account(NUMBER)
        twin = world.account("1")
        with portal.database.unit() as db:
            db.add(Brand(key="north", name="North"))
            db.flush()
            north = db.scalars(select(Brand.id).where(Brand.key == "north")).one()
            db.execute(update(Account).where(Account.id == twin.id).values(brand_id=north, number=NUMBER))
        for name, rows in ROWS.items():
            file = tmp_path / f"{name}.csv"
            file.write_text(rows.format(number=NUMBER), encoding="utf-8")
            before = counted(portal.database)
            parameters = {"as_of": "2026-11-01"} if name == "registry" else {}
            report = run_import(portal.database, portal.unit_context("test"), kinds[name], file, parameters=parameters)

            assert report.rejected == 1, f"{name} takes a row whose account is not known: {report}"
            assert counted(portal.database) == before, f"{name} wrote something"


def counted(database: Database) -> dict[str, int]:
    """Return how many rows each table has, those of imports aside."""
    with database.reading() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
            if name in there and not name.startswith(("core_", "audit_"))
        }
