"""`kill -9` at any moment of an import, on both databases: the next run goes on, and every row is counted once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lkportal.core.db import Database
from lkportal.core.importing.tables import imports, rejects
from lkportal.core.tables import outbox
from tests.core.imports.world import create, totals, write_file

ROOT = Path(__file__).parents[3]
BAD_EVERY = 40


def start(url: str, file: Path, batch_rows: int) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    program = [sys.executable, "-m", "tests.core.imports.world", url, str(file), str(batch_rows)]
    return subprocess.Popen(
        program, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}
    )


def kill_somewhere(process: subprocess.Popen[str], after_batches: int, dice: random.Random) -> None:
    """Kill the process in the middle of the batch that follows `after_batches` of this run."""
    assert process.stdout is not None
    for _ in range(after_batches):
        if not process.stdout.readline().strip().isdigit():
            break
    time.sleep(dice.random() * 0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def prove(url: str, file: Path, rows: int, batch_rows: int, kills: int) -> None:
    """Kill, go on, count."""
    write_file(file, rows, BAD_EVERY)
    database = Database.connect(url, pool_size=2)
    create(database, rows // 8)
    dice = random.Random(7)
    for _ in range(kills):
        kill_somewhere(start(url, file, batch_rows), dice.randrange(1, 4), dice)
    process = start(url, file, batch_rows)
    told, _ = process.communicate(timeout=120)
    rejected = rows // BAD_EVERY
    assert process.returncode == 0
    assert told.splitlines()[-1] == f"accepted={rows - rejected} rejected={rejected} resumed=True"
    assert totals(database)[0] == rows - rejected
    with database.reading() as connection:
        run = connection.execute(select(imports)).one()
        assert connection.execute(select(func.count()).select_from(rejects)).scalar_one() == rejected
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == run.batch
        assert (run.state, run.counts) == ("done", {"batches": run.batch})
    database.close()


def test_an_import_killed_twice_counts_every_row_once(database_url: str, tmp_path: Path) -> None:
    prove(database_url, tmp_path / "charges.csv", rows=20_000, batch_rows=1_500, kills=2)


@pytest.mark.proof
def test_an_import_killed_fifty_times_counts_every_row_once(database_url: str, tmp_path: Path) -> None:
    prove(database_url, tmp_path / "charges.csv", rows=400_000, batch_rows=1_500, kills=50)
