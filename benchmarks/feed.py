"""The bulk feed over HTTP beside the database's own `INSERT ... SELECT` into the same tables, from the first byte sent to the run
done; and the memory of the serving process at two sizes. `python -m benchmarks.feed [--rows N] [--database sqlite|postgresql]`.
How a push is killed and goes on is proved in tests/faults/test_feed_killed."""

from __future__ import annotations

import argparse
import http.client
import json
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

import uvicorn

from benchmarks import imports
from benchmarks.subjects import cpu_of
from lkportal.api import tokens
from lkportal.app import Portal, create_app
from lkportal.core import migrate
from lkportal.core.db import Database
from lkportal.core.hookspecs import hookimpl
from lkportal.core.imports import ImportKind
from lkportal.core.module import Module
from lkportal.core.unit import open_unit
from lkportal.testing.databases import fresh_postgres, start_postgres
from lkportal.testing.portals import settings
from tests.core.imports import world

MODULE = Module("proof", "Proof", "1", "benchmarks", hooks="benchmarks.feed")


@hookimpl
def import_kinds() -> list[ImportKind]:
    """Bring the kind of the import benchmark: charge lines with eight columns."""
    return [world.KIND]


GOAL = 0.4
ROWS = 200_000
"""Rows of a quick run; the whole proof is of a million."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one way took: seconds by the clock, and of processors (of the server and, on PostgreSQL, of the database's processes)."""

    clock: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one database: each round of both ways, megabytes at a quarter and at all of the rows."""

    database: str
    rows: int
    selects: list[Round]
    feeds: list[Round]
    memory_small: float
    memory_full: float

    @property
    def ratio(self) -> float:
        """The feed's speed as a share of INSERT ... SELECT: the median of the rounds' own ratios."""
        return median(select.clock / ours.clock for select, ours in zip(self.selects, self.feeds, strict=True))

    @property
    def holds(self) -> bool:
        """Whether the goal is reached and memory does not grow with the rows (a quarter more is the heap's own noise)."""
        return self.ratio >= GOAL and self.memory_full <= self.memory_small * 1.25 + 20

    def __str__(self) -> str:
        ours, theirs = (median(each.clock for each in rounds) for rounds in (self.feeds, self.selects))
        own, least = (median(each.cpu for each in rounds) / self.rows * 1e6 for rounds in (self.feeds, self.selects))
        return (
            f"{self.database}: {self.rows:,} rows; INSERT ... SELECT {theirs:.2f} s ({self.rows / theirs:,.0f}/s), feed "
            f"{ours:.2f} s ({self.rows / ours:,.0f}/s), ratio {self.ratio:.2f} (goal {GOAL}); processor time a row {least:.1f} "
            f"and {own:.1f} µs; memory of the server {self.memory_small:.0f} MB at a quarter, {self.memory_full:.0f} MB at all"
        )


def measure(database: str, rows: int, rounds: int, folder: Path) -> Figures:
    """Measure one database, the two ways in turn."""
    cells = world.write_file(folder / f"{rows}.csv", rows, imports.BAD_EVERY)
    objects, quarter = write_rows(folder / "all.ndjson", rows), write_rows(folder / "quarter.ndjson", rows // 4)
    selects, feeds, small, full = [], [], 0.0, 0.0
    for _ in range(rounds):
        with served(database, folder, rows) as (opened, _port, _token, _pid):
            selects.append(Round(*imports._insert_select(opened, cells)))
        with served(database, folder, rows) as (opened, port, token, pid):
            before = cpu(opened, pid)
            clock = push(port, token, objects, rows)
            feeds.append(Round(clock, cpu(opened, pid) - before))
            full = max(full, peak(pid))
    with served(database, folder, rows) as (_opened, port, token, pid):
        push(port, token, quarter, rows // 4)
        small = peak(pid)
    return Figures(database, rows, selects, feeds, small, full)


def cpu(database: Database, pid: int) -> float:
    """Return the processor seconds of a server so far, with those of the processes of its PostgreSQL database."""
    return cpu_of(pid) + imports.cpu_of_database(database)


def write_rows(path: Path, count: int) -> Path:
    """Write the rows of the import benchmark as JSON objects."""
    names = [column.name for column in world.KIND.columns]
    with path.open("w", encoding="utf-8") as file:
        for row in world.rows(count, imports.BAD_EVERY):
            account, name, service, period, volume, rate, day, amount = row.split(";")
            cells = (account, name, service, period, volume, rate, day, amount)
            file.write(json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False) + "\n")
    return path


def push(port: int, token: str, file: Path, rows: int) -> float:
    """Push a file as a billing does and wait until it is done. Return the seconds from the first byte on."""
    begun = time.perf_counter()
    bearer = {"Authorization": f"Bearer {token}", "Host": "lk.test"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {**bearer, "Content-Type": "application/x-ndjson", "Idempotency-Key": file.stem}
    with file.open("rb") as body:
        headers["Content-Length"] = str(file.stat().st_size)
        connection.request("POST", "/api/v1/feed/proof", body, headers)
        run = json.loads(connection.getresponse().read())
    while run["state"] not in ("done", "failed"):
        time.sleep(0.05)
        connection.request("GET", run["url"], headers=bearer)
        run = json.loads(connection.getresponse().read())
    taken = time.perf_counter() - begun
    if run["accepted"] + run["rejected"] != rows:
        raise SystemExit(f"{run} is not {rows} rows")
    return taken


def peak(pid: int) -> float:
    """Return the largest resident memory of a process so far, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


@contextmanager
def served(database: str, folder: Path, rows: int) -> Iterator[tuple[Database, int, str, int]]:
    """Serve a portal with the kind, its tables and accounts: (database, port, token, process)."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        url = f"sqlite:///{place}/portal.db"
        if database != "sqlite":
            url = stack.enter_context(fresh_postgres(start_postgres()))
        chosen = settings(url, str(place), {"modules": {"enabled": ["proof"]}, "jobs": {"in_web": True}})
        chosen["api"] = {"calls_a_minute": 100_000}
        chosen["database"]["statement_timeout_ms"] = 600_000  # the floor is one statement
        portal = create_app(overrides=chosen, modules=[MODULE])
        migrate.upgrade(portal.database, portal.known)
        world.create(portal.database, rows // 8 + 1)
        with open_unit(portal.database, portal.unit_context("bench")) as db:
            token, _ = tokens.add(db, "Billing", ["proof"], days=1)
        stack.callback(portal.database.close)
        program = [sys.executable, "-m", "benchmarks.feed", "--serve", json.dumps(chosen)]
        process = stack.enter_context(subprocess.Popen(program, stdout=subprocess.PIPE, text=True))
        stack.callback(process.terminate)
        assert process.stdout is not None
        yield portal.database, int(process.stdout.readline()), token, process.pid


def serve(chosen: dict[str, Any]) -> None:
    """Serve a portal on a free port and print it: the process that is measured."""
    portal: Portal = create_app(overrides=chosen, modules=[MODULE])
    server = uvicorn.Server(uvicorn.Config(portal, port=0, log_level="warning"))
    config = server.config
    config.load()
    socket = config.bind_socket()
    socket.listen()
    print(socket.getsockname()[1], flush=True)
    server.run(sockets=[socket])


def main(arguments: Any = None) -> None:
    """Measure and print one line a database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="1000000 is the whole proof")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.serve:
        serve(json.loads(asked.serve))
        return
    with tempfile.TemporaryDirectory(prefix="lkportal-feed-") as folder:
        for database in asked.database or ("sqlite", "postgresql"):
            print(measure(database, asked.rows, asked.rounds, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
