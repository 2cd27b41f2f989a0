"""`kill -9` in the middle of an import of charges: the next run goes on, every row is taken or refused once, bills add up."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lkportal.app import Portal
from lkportal.testing import Recipe, World
from tests.faults import importing, laws
from tests.faults.processes import ROOT

_SUMS = "SELECT count(*), coalesce(sum(amount), 0) FROM payments_charge_lines"
_OWED = "SELECT coalesce(sum(balance), 0) FROM payments_ledgers"


def killed_somewhere(settings: Path, charges: importing.Charges, batch_rows: int, dice: random.Random) -> None:
    """Begin or go on with the import in a process, and kill it in the middle of one of its first batches."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    command = [sys.executable, "-m", "tests.faults.importing", str(settings), str(charges.file), str(batch_rows)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}
    ) as process:
        assert process.stdout is not None
        for _ in range(dice.randint(1, 3)):
            assert process.stdout.readline().strip().isdigit(), "the import ended before it could be killed"
        time.sleep(dice.random() * 0.1)
        process.kill()


def prove(portal: Portal, recipe: Recipe, folder: Path, accounts: int, months: int, kills: int) -> None:
    world = World(portal.database, portal.clock, portal.ports)  # type: ignore[arg-type]
    numbers = [world.account(f"03{number:08}").number for number in range(accounts)]
    charges = importing.write(folder / "charges.csv", numbers, months)
    settings = folder / "settings.json"
    settings.write_text(json.dumps(recipe.overrides), "utf-8")
    batch_rows = charges.rows // (kills * 5)
    dice = random.Random(3)
    for _ in range(kills):
        killed_somewhere(settings, charges, batch_rows, dice)
    report = importing.run(portal, charges.file, batch_rows)
    assert report.resumed
    assert (report.accepted, report.rejected) == (charges.rows - charges.bad, charges.bad)
    with portal.database.reading() as connection:
        assert tuple(connection.exec_driver_sql(_SUMS).one()) == (report.accepted, charges.total)
        assert connection.exec_driver_sql(_OWED).scalar() == charges.total
    assert laws.books_broken(portal) == []


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_an_import_of_charges_killed_twice_takes_every_row_once(
    portal: Portal, portal_recipe: Recipe, tmp_path: Path
) -> None:
    prove(portal, portal_recipe, tmp_path, accounts=100, months=40, kills=2)


@pytest.mark.proof
def test_an_import_of_two_hundred_thousand_charges_killed_ten_times(
    portal: Portal, portal_recipe: Recipe, tmp_path: Path
) -> None:
    prove(portal, portal_recipe, tmp_path, accounts=1_000, months=40, kills=10)
