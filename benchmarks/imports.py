"""The import engine beside the database's own `INSERT ... SELECT` from a loaded staging table into the same tables; its memory
at two sizes; and five kills. `python -m benchmarks.imports [--rows N] [--database sqlite|postgresql] [--rounds N]`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from benchmarks.subjects import cpu_of
from lkportal.core import imports as engine
from lkportal.core.db import Database
from lkportal.core.importing.read import Block, blocks
from lkportal.core.importing.stage import NAME, packed, stage
from lkportal.testing.databases import fresh_postgres, start_postgres
from tests.core.imports import world

BAD_EVERY = 1000
KILLS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one database: seconds of each round, megabytes at a quarter and at all of the rows."""

    database: str
    rows: int
    selects: list[float]
    engines: list[float]
    memory_small: float
    memory_full: float
    kills: int

    @property
    def ratio(self) -> float:
        """The engine's speed as a share of INSERT ... SELECT: the median of the rounds' own ratios."""
        return median(select / ours for select, ours in zip(self.selects, self.engines, strict=True))

    def __str__(self) -> str:
        ours, theirs = median(self.engines), median(self.selects)
        return (
            f"{self.database}: {self.rows:,} rows; INSERT ... SELECT {theirs:.2f} s ({self.rows / theirs:,.0f}/s), import "
            f"{ours:.2f} s ({self.rows / ours:,.0f}/s), ratio {self.ratio:.2f} (goal 0.5); memory {self.memory_small:.0f} MB "
            f"at a quarter, {self.memory_full:.0f} MB at all; killed {self.kills} times, accepted + rejected = rows"
        )


def measure(database: str, rows: int, rounds: int, folder: Path) -> Figures:
    """Measure one database, the two ways in turn."""
    file = world.write_file(folder / f"{rows}.csv", rows, BAD_EVERY)
    quarter = world.write_file(folder / f"{rows // 4}.csv", rows // 4, BAD_EVERY)
    selects, engines = [], []
    for _ in range(rounds):
        with _fresh(database, folder, rows) as (_url, opened):
            selects.append(insert_select(opened, file)[0])
        with _fresh(database, folder, rows) as (_url, opened):
            engines.append(_import(opened, file, rows))
    small, full = (_memory(database, folder, path, rows) for path in (quarter, file))
    kills = kill_and_go_on(database, folder, file, rows, KILLS)
    return Figures(database, rows, selects, engines, small, full, kills)


def kill_and_go_on(database: str, folder: Path, file: Path, rows: int, kills: int) -> int:
    """Kill an import `kills` times, evenly over the file, let it end, and hold rows against rows. Return the kills."""
    batch = rows // (4 * kills)
    with _fresh(database, folder, rows) as (url, opened):
        for number in range(1, kills + 1):
            _kill_after(_program(url, file, batch), rows * number // (kills + 1))
        told = subprocess.run(
            _program(url, file, batch), check=True, capture_output=True, text=True
        ).stdout.splitlines()[-1]
        found = dict(part.split("=") for part in told.split())
        accepted, rejected = int(found["accepted"]), int(found["rejected"])
        count, _sum = world.totals(opened)
        if accepted + rejected != rows or count != accepted or found["resumed"] != "True":
            raise SystemExit(f"{database}: {told}, {count} lines in the books, {rows} rows in the file")
    return kills


def _program(url: str, file: Path, batch_rows: int = 0) -> list[str]:
    return [sys.executable, "-m", "tests.core.imports.world", url, str(file), str(batch_rows)]


def _kill_after(program: list[str], rows: int) -> None:
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip().isdigit() and int(line) >= rows:
                os.kill(process.pid, signal.SIGKILL)
                break


@contextmanager
def _fresh(database: str, folder: Path, rows: int) -> Iterator[tuple[str, Database]]:
    with ExitStack() as stack:
        if database == "sqlite":
            place = stack.enter_context(tempfile.TemporaryDirectory(dir=folder))
            url = f"sqlite:///{place}/portal.db"
        else:
            url = stack.enter_context(fresh_postgres(start_postgres()))
        opened = Database.connect(url, pool_size=4, statement_timeout=600)
        stack.callback(opened.close)
        world.create(opened, rows // 8 + 1)
        yield url, opened


def cpu_of_database(database: Database) -> float:
    """Return the processor seconds spent so far by the processes of a PostgreSQL database on this machine; 0 on SQLite."""
    if database.is_sqlite:
        return 0.0
    with database.reading() as connection:
        pids = connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return sum(cpu_of(pid) for pid in pids.scalars())


def insert_select(database: Database, file: Path, batch_rows: int = 0) -> tuple[float, float]:
    """Stage the file, untimed, and time only the statements that fill the target tables and their commits: by the clock and of
    processors. All rows are one transaction, or there is one for each `batch_rows`, as the engine must have to go on after a kill."""
    layout = engine.preview(world.KIND, file, rows=0).layout
    clock = spent = 0.0
    with file.open("rb") as handle:
        read = blocks(handle, world.KIND, layout, layout.start, layout.line)
        while parts := _some(read, batch_rows, is_sqlite=database.is_sqlite):
            with database.unit() as db:
                stage(db, world.KIND, parts)
                begun, before = time.perf_counter(), time.process_time() + cpu_of_database(database)
                for statement in world.APPLY:
                    db.execute(text(statement.format(staging=NAME)))
                db.execute(text(f"DROP TABLE {NAME}"))
                db.commit()
                clock += time.perf_counter() - begun
                spent += time.process_time() + cpu_of_database(database) - before
    return clock, spent


def _some(read: Iterator[Block], batch_rows: int, *, is_sqlite: bool) -> list[Any]:
    parts: list[Any] = []
    rows = 0
    for block in read:
        parts.append(packed(block, is_sqlite=is_sqlite))
        rows += len(block.lines) + len(block.rejects)
        if batch_rows and rows >= batch_rows:
            break
    return parts


def _import(database: Database, file: Path, rows: int) -> float:
    begun = time.perf_counter()
    report = engine.run_import(database, world.circumstances(), world.KIND, file)
    taken = time.perf_counter() - begun
    if report.accepted + report.rejected != rows:
        raise SystemExit(f"{report.accepted} accepted and {report.rejected} rejected are not {rows} rows")
    return taken


def _memory(database: str, folder: Path, file: Path, rows: int) -> float:
    """Return the largest resident memory of a process that imports `file`, in megabytes, as the process tells it."""
    with _fresh(database, folder, rows) as (url, _opened):
        told = subprocess.run(_program(url, file), check=True, capture_output=True, text=True).stdout.splitlines()
    return int(next(line.removeprefix("peak_kib=") for line in told if line.startswith("peak_kib="))) / 1024


def main(arguments: Any = None) -> None:
    """Measure and print one line a database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="lkportal-imports-") as folder:
        for database in asked.database or ("sqlite", "postgresql"):
            print(measure(database, asked.rows, asked.rounds, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
