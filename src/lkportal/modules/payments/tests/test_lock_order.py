"""Whoever acts on several accounts at once takes them in one order, so imports and joint payments never wait for each other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.tests.test_imports import HEADER, load
from lkportal.modules.payments.tests.world import World, owe

on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
_WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
FILES = {
    "registry": ("0530118846;Б;200,00\n0412778215;А;100,00\n", "7700000000_ABONENT_1_1026.txt"),
    "charges": (
        HEADER + "0530118846;10.2026;Вода;;;;200,00;;\n0412778215;10.2026;Вода;;;;100,00;;\n",
        "charges.csv",
    ),
}


@on_postgresql
@pytest.mark.parametrize("kind", FILES)
def test_an_import_waits_for_a_joint_payment_and_never_the_other_way_round(
    place: World, tmp_path: Path, kind: str
) -> None:
    for account in (1, 0):  # so that a plain walk over the table meets the second one first
        owe(place, 1_000, account=account)
    content, name = FILES[kind]
    with ThreadPoolExecutor(1) as pool:
        with place.unit() as db:
            ledger.hold(db, ledger.customer(db, place.accounts[0].id, "RUB"))
            loading = pool.submit(load, place, tmp_path, content, name)
            _until_somebody_waits(place)
            ledger.hold(db, ledger.customer(db, place.accounts[1].id, "RUB"))
        assert loading.result(20).rejected == 0
    assert place.broken_laws() == []


def _until_somebody_waits(place: World) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with place.database.reading() as connection:
            if connection.execute(_WAITS).scalar():
                return
        time.sleep(0.02)
    raise AssertionError("the import does not wait")
