"""The bulk feed over HTTP, from the first byte sent to the run done, beside its floor; the memory of the serving process on the way;
with --kill, a server killed in the middle. `python -m benchmarks.feed [--rows N] [--database sqlite|postgresql] [--kill]`.

The floor is the database's own `INSERT ... SELECT` out of a temporary table that is loaded already: the same tables, keys and indexes
on the same file system, the same rows a transaction (none of it could be gone on with otherwise) and as durable a commit. What it
leaves out is the feed's own: HTTP, JSON, checks, staging, rejects, the record of the run, events. Beside it stands the ratio to all
rows in one transaction, which nobody could go on with."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import uvicorn

from benchmarks import imports
from benchmarks.subjects import cpu_of
from lkportal.api import tokens
from lkportal.app import Portal, create_app
from lkportal.core.db import Database
from lkportal.core.hookspecs import hookimpl
from lkportal.core.importing.run import BATCH_ROWS
from lkportal.core.imports import ImportKind
from lkportal.core.migrating import migrate
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
STEP = 100_000
"""Memory is noted about every so many rows."""
ASK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Round:
    """What one way took: seconds by the clock, and of processors (of the server and, on PostgreSQL, of the database's processes)."""

    clock: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of the server when `rows` were done, in megabytes: its own, and pages of files that are mapped (of the database
    under SQLite: the system takes them back when it needs the room)."""

    rows: int
    own: float
    mapped: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one database: rounds of the floor, of all in one transaction and of the feed; memory in the last one."""

    database: str
    rows: int
    floors: list[Round]
    wholes: list[Round]
    feeds: list[Round]
    memory: list[Memory]
    megabytes: float

    @property
    def ratio(self) -> float:
        """The feed's speed as a share of its floor: the median of the rounds' own ratios."""
        return _ratio(self.floors, self.feeds)

    @property
    def holds(self) -> bool:
        """Whether the goal is reached and the server's own memory does not grow with the rows (a tenth more is the heap's noise)."""
        first, last = self.memory[len(self.memory) // 4], self.memory[-1]
        return self.ratio >= GOAL and last.own <= first.own * 1.1 + 10

    def __str__(self) -> str:
        ours, theirs = (median(each.clock for each in rounds) for rounds in (self.feeds, self.floors))
        own, least = (median(each.cpu for each in rounds) / self.rows * 1e6 for rounds in (self.feeds, self.floors))
        grown = "; ".join(f"{each.rows:,}: {each.own:.0f} + {each.mapped:.0f}" for each in self.memory)
        return (
            f"{self.database}: {self.rows:,} rows; floor {theirs:.2f} s ({self.rows / theirs:,.0f}/s), feed "
            f"{ours:.2f} s ({self.rows / ours:,.0f}/s), ratio {self.ratio:.2f} (goal {GOAL}; to one transaction of all "
            f"{_ratio(self.wholes, self.feeds):.2f}); processor time a row {least:.1f} and {own:.1f} µs; database "
            f"{self.megabytes:.0f} MB\n  memory of the server at rows, MB of its own + mapped files: {grown}"
        )


def _ratio(theirs: list[Round], ours: list[Round]) -> float:
    return median(floor.clock / feed.clock for floor, feed in zip(theirs, ours, strict=True))


def measure(database: str, rows: int, rounds: int, folder: Path, *, kill: bool = False) -> Figures:
    """Measure one database, the ways in turn; with `kill` the server of each feed is killed half-way and started again."""
    cells = world.write_file(folder / f"{rows}.csv", rows, imports.BAD_EVERY)
    objects = write_rows(folder / "all.ndjson", rows)
    found = Figures(database, rows, [], [], [], [], 0)
    for _ in range(rounds):
        for floors, batch in ((found.floors, BATCH_ROWS[database]), (found.wholes, 0)):
            with placed(database, folder, rows) as place:
                floors.append(Round(*imports.insert_select(place.database, cells, batch)))
        with placed(database, folder, rows) as place:
            found.feeds.append(_feed(place, objects, found, kill=kill))
            found = replace(found, megabytes=size_of(place.database))
    return found


def _feed(place: Place, objects: Path, found: Figures, *, kill: bool) -> Round:
    found.memory.clear()
    with served(place) as (port, pid):
        before = cpu(place.database, pid)
        run = send(port, place.token, objects)
        clock = run.clock
        if not kill:
            clock += follow(port, place.token, run, pid, found)
            return Round(clock, cpu(place.database, pid) - before)
        begun = time.perf_counter()
        follow(port, place.token, run, pid, found, until=found.rows // 2)
        os.kill(pid, signal.SIGKILL)
    with served(place) as (port, pid):
        follow(port, place.token, run, pid, found)
        return Round(clock + time.perf_counter() - begun, cpu(place.database, pid))


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


@dataclass(frozen=True, slots=True)
class Sent:
    """A push that has arrived: the address of its run, seconds from the first byte on."""

    url: str
    clock: float


def send(port: int, token: str, file: Path) -> Sent:
    """Push a file as a billing does."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {**_bearer(token), "Content-Type": "application/x-ndjson", "Idempotency-Key": file.stem}
    with file.open("rb") as body:
        headers["Content-Length"] = str(file.stat().st_size)
        connection.request("POST", "/api/v1/feed/proof", body, headers)
        run = json.loads(connection.getresponse().read())
    return Sent(run["url"], time.perf_counter() - begun)


def follow(port: int, token: str, sent: Sent, pid: int, found: Figures, until: int = 0) -> float:
    """Ask for a run until it is done (or `until` rows are), note memory at each step of `STEP` rows; return the seconds."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    while True:
        connection.request("GET", sent.url, headers=_bearer(token))
        run = json.loads(connection.getresponse().read())
        done = run["accepted"] + run["rejected"]
        if done and (not found.memory or done // STEP > found.memory[-1].rows // STEP or run["state"] == "done"):
            found.memory.append(Memory(done, *memory(pid)))
        if run["state"] in ("done", "failed") or (until and done >= until):
            break
        time.sleep(ASK_SECONDS)
    if run["state"] == "failed" or (not until and done != found.rows):
        raise SystemExit(f"{run} is not {found.rows} rows")
    return time.perf_counter() - begun


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Host": "lk.test"}


def memory(pid: int) -> tuple[float, float]:
    """Return (its own, mapped files) of a process's resident memory, in megabytes."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    own, mapped = (int(lines[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    return own, mapped


def size_of(database: Database) -> float:
    """Return the megabytes that a database takes on the disk."""
    name = "pg_database_size(current_database())" if not database.is_sqlite else "page_count * page_size"
    source = "" if not database.is_sqlite else " FROM pragma_page_count, pragma_page_size"
    with database.reading() as connection:
        return int(connection.exec_driver_sql(f"SELECT {name}{source}").scalar_one()) / 1e6


@dataclass(frozen=True, slots=True)
class Place:
    """A portal's database and settings, and a token that may push."""

    database: Database
    chosen: dict[str, Any]
    token: str


@contextmanager
def placed(database: str, folder: Path, rows: int) -> Iterator[Place]:
    """Make a portal with the kind, its tables and accounts."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        url = f"sqlite:///{place}/portal.db"
        if database != "sqlite":
            url = stack.enter_context(fresh_postgres(start_postgres()))
        chosen = settings(url, str(place), {"modules": {"enabled": ["proof"]}, "jobs": {"in_web": True}})
        chosen["api"] = {"calls_a_minute": 100_000}
        chosen["database"]["statement_timeout_ms"] = 600_000  # all rows in one transaction are one statement
        portal = create_app(overrides=chosen, modules=[MODULE])
        migrate.upgrade(portal.database, portal.known)
        world.create(portal.database, rows // 8 + 1)
        with open_unit(portal.database, portal.unit_context("bench")) as db:
            token, _ = tokens.add(db, "Billing", ["proof"], days=1)
        stack.callback(portal.database.close)
        yield Place(portal.database, chosen, token)


@contextmanager
def served(place: Place) -> Iterator[tuple[int, int]]:
    """Serve a place: (port, process)."""
    program = [sys.executable, "-m", "benchmarks.feed", "--serve", json.dumps(place.chosen)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


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
    parser.add_argument("--kill", action="store_true", help="kill the server half-way and start it again")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.serve:
        serve(json.loads(asked.serve))
        return
    with tempfile.TemporaryDirectory(prefix="lkportal-feed-") as folder:
        for database in asked.database or ("sqlite", "postgresql"):
            print(measure(database, asked.rows, asked.rounds, Path(folder), kill=asked.kill), flush=True)


if __name__ == "__main__":
    main()
