"""A small world for the tests of events and jobs: a table of effects, jobs that write to it, and a process that works."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, MetaData, String, Table, func, insert, select
from sqlalchemy.orm import Session

from lkportal.core import tables
from lkportal.core.clock import Clock, MovableClock, SystemClock
from lkportal.core.columns import big_key
from lkportal.core.contributions import JobSpec, Listener, Schedule
from lkportal.core.db import Database
from lkportal.core.events import Envelope, Event
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.migrating.migrate import upgrade
from lkportal.core.policy import Actor
from lkportal.core.ports import Ports
from lkportal.core.unit import UnitContext, open_unit
from lkportal.core.work.worker import Worker, choose_engine

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = Actor("customer", 7, "Anna000000000000")
ZONE = ZoneInfo("Europe/Moscow")

own = MetaData()
effects = Table("effects", own, Column("id", big_key(), primary_key=True), Column("key", String(60), nullable=False))


@dataclass(frozen=True)
class Happened(Event):
    """Something happened to thing `n`."""

    name: ClassVar[str] = "test.happened"
    n: int


def write(db: Session, key: str) -> None:
    """Leave an effect."""
    db.execute(insert(effects).values(key=key))


def record(ctx: JobContext, *, key: str) -> None:
    """A job whose effect and end are one transaction."""
    with ctx.unit(finish=True) as db:
        write(db, key)


def linger(ctx: JobContext, *, key: str, flag: str) -> None:
    """A job that raises `flag` and then dawdles at its first attempt, so that its process can be killed in the middle."""
    if ctx.attempt == 1:
        Path(flag).touch()
        time.sleep(60)
    record(ctx, key=f"{key} attempt {ctx.attempt}")


def note(db: Session, envelope: Envelope) -> None:
    """A listener that leaves an effect."""
    write(db, f"{envelope.name} {envelope.body['n']}")


def dawdle(db: Session, envelope: Envelope) -> None:
    """A listener that leaves its effect and then dawdles with the transaction open, the first time in this process."""
    write(db, f"{envelope.name} {envelope.body['n']}")
    flag = Path(os.environ["LINGER_FLAG"]) if "LINGER_FLAG" in os.environ else None
    if flag is not None and not flag.exists():
        flag.touch()
        time.sleep(60)


JOBS = {
    spec.name: spec for spec in (JobSpec("record", record, lease_seconds=2), JobSpec("linger", linger, lease_seconds=2))
}
LISTENERS = {Happened.name: (Listener(Happened.name, "note", note),)}


@dataclass
class Site:
    """One database with its engine and a clock, and the means to do and see things in it."""

    database: Database
    url: str
    engine: str
    clock: MovableClock = field(default_factory=lambda: MovableClock(START))
    ports: Ports = field(default_factory=Ports)

    def unit(self, clock: Clock | None = None) -> AbstractContextManager[Session]:
        """Open a unit in which Anna acts."""
        return open_unit(self.database, UnitContext(clock or self.clock, ANNA, "req-1", self.ports, brand="north"))

    def enqueue(self, name: str, **args: Any) -> None:
        """Queue a job in a unit of its own."""
        with self.unit() as db:
            enqueue(db, name, args)

    def worker(
        self,
        jobs: dict[str, Callable[..., None] | JobSpec] | None = None,
        listeners: tuple[Listener, ...] = (),
        schedules: tuple[Schedule, ...] = (),
        clock: Clock | None = None,
        at_beat: Callable[[], None] = lambda: None,
    ) -> Worker:
        """Return a worker that knows these jobs and listeners besides `record`."""
        known = {
            name: job if isinstance(job, JobSpec) else JobSpec(name, job, attempts=3)
            for name, job in (jobs or {}).items()
        }
        by_event: dict[str, tuple[Listener, ...]] = {}
        for each in listeners:
            by_event[each.event] = (*by_event.get(each.event, ()), each)
        engine = choose_engine(self.engine, self.database)
        return Worker(
            self.database,
            clock or self.clock,
            by_event,
            JOBS | known,
            schedules,
            self.ports,
            engine,
            ZONE,
            at_beat=at_beat,
        )

    def effects(self) -> list[str]:
        """Return the effects so far, in order."""
        with self.database.reading() as connection:
            return list(connection.execute(select(effects.c.key).order_by(effects.c.id)).scalars())

    def effects_sorted(self) -> list[str]:
        """Return the effects so far, whoever came first."""
        return sorted(self.effects())

    def count(self, state: str) -> int:
        """Return how many jobs are in `state`."""
        query = select(func.count()).select_from(tables.jobs).where(tables.jobs.c.state == state)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    @contextmanager
    def process(self, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker process on this database by the machine's clock."""
        command = [sys.executable, "-m", "tests.core.jobs_kit", self.url, self.engine]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment}
        with subprocess.Popen(command, env=environment) as process:
            try:
                yield process
            finally:
                process.terminate()
                process.wait(20)


def make_tables(database: Database) -> None:
    """Create the tables of this world."""
    upgrade(database, [])
    with database.unit() as db:
        own.create_all(db.connection())


@pytest.fixture(
    name="site",
    params=[
        "table-sqlite",
        pytest.param("table-postgresql", marks=pytest.mark.postgres),
        pytest.param("procrastinate-postgresql", marks=pytest.mark.postgres),
    ],
)
def every_engine(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site for each engine on each database it runs on."""
    engine, kind = request.param.split("-")
    url: str = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    database = Database.connect(url, pool_size=10)
    make_tables(database)
    yield Site(database, url, engine)
    database.close()


def eventually(seen: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Return whether `seen` came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen():
            return True
        time.sleep(0.02)
    return False


def main(url: str, engine: str) -> None:
    """Work until the process is told to stop."""
    import signal

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    database = Database.connect(url)
    listeners = {Happened.name: (Listener(Happened.name, "note", dawdle),)}
    worker = Worker(
        database, SystemClock(), listeners, JOBS, (), Ports(), choose_engine(engine, database), ZONE, threads=2
    )
    worker.run(stop, poll=0.05)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
