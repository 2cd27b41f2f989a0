"""The worker: relays events, queues what schedules ask for, regains lost jobs and has due ones run by its engine.
It lives in the web process or in `lkportal worker`; any number of workers may share a database."""

from __future__ import annotations

import importlib
import logging
import os
import random
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from types import MappingProxyType
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from lkportal.core.clock import Clock
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.jobs import Work
from lkportal.core.ports import Ports
from lkportal.core.tables import IS_HELD, IS_WAITING, jobs, outbox, workers
from lkportal.core.work import states
from lkportal.core.work.outbox import Follower, Listeners, check_listeners, deliver_job, relay
from lkportal.core.work.purge import PURGE_SCHEDULE, purge_job
from lkportal.core.work.schedules import check_schedules, tick
from lkportal.core.work.table_engine import Crew, Engine, TableEngine

POLL_SECONDS = 1.0
BEAT_SECONDS = 10.0
_log = logging.getLogger(__name__)
# The first row of each index, not EXISTS: guessing that one is near, PostgreSQL would rather read the whole table.
_POLL = select(
    select(outbox.c.id).where(outbox.c.number.is_(None)).order_by(outbox.c.id).limit(1).scalar_subquery(),
    select(jobs.c.run_at).where(IS_WAITING).order_by(jobs.c.run_at, jobs.c.id).limit(1).scalar_subquery(),
    select(jobs.c.lease_until).where(IS_HELD).order_by(jobs.c.lease_until).limit(1).scalar_subquery(),
)
_SEEN = select(func.max(workers.c.seen_at))
_BEAT = update(workers).where(workers.c.name == bindparam("me")).values(seen_at=bindparam("now"))
_LEAVE = delete(workers).where(workers.c.name == bindparam("me"))


class Worker:
    """One worker of a portal. It fills the port `wake.WakeUp` where it shares a process with the web.

    `listeners`, `jobs` and `schedules` are the registry's tables; `take_up` swaps them while it runs. `threads` is how
    many jobs it runs at once, `keep` how long finished jobs and relayed events stay; `at_beat` is
    called every ten seconds of `run`: the place to see that the registry's version has changed.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        listeners: Listeners,
        jobs: Mapping[str, JobSpec],
        schedules: Sequence[Schedule],
        ports: Ports,
        engine: Engine,
        zone: ZoneInfo,
        *,
        threads: int = 2,
        keep: timedelta = timedelta(days=30),
        at_beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._clock, self._ports = database, clock, ports
        self._engine, self._zone, self._threads, self._keep = engine, zone, threads, keep
        self._at_beat = at_beat
        self._wake = threading.Event()
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._ready = False
        self._beaten: float | None = None
        self.take_up(listeners, jobs, schedules)

    def take_up(self, listeners: Listeners, jobs: Mapping[str, JobSpec], schedules: Sequence[Schedule]) -> None:
        """Work by these tables from the next round on. Raises StartupError for a bad cron line or clashing names."""
        own = (deliver_job(listeners), purge_job(self._keep))
        known = MappingProxyType({**jobs, **{spec.name: spec for spec in own}})
        check_listeners(listeners)
        check_schedules(schedules, frozenset(known))
        self._listeners = listeners
        self._schedules = (*schedules, PURGE_SCHEDULE)
        self._next_tick: datetime | None = None
        self._work = Work(self._database, self._clock, self._ports, known, self.name, random.random)
        self._wake.set()

    def wake(self) -> None:
        """Look for work now. May be called from any thread."""
        self._wake.set()

    def run_once(self) -> int:
        """Do everything that is due, in this thread, until nothing is; return how many jobs were run. For tests and cron."""
        self._prepare()
        self._beat()
        self._tick()
        count = 0
        while True:
            self._reap()
            relayed = self._relay()
            started = self._engine.drain(self._work)
            count += started
            if not relayed and not started:
                return count

    def run(self, stop: threading.Event, poll: float = POLL_SECONDS) -> None:
        """Work until `stop` is set, then wait for the jobs begun. Looks every `poll` seconds, and at once when woken.

        A database that is away is waited for: the worker says so in the log and tries again.
        """
        while not stop.is_set() and not self._started():
            stop.wait(poll)
        if stop.is_set():
            return
        with self._engine.crew(lambda: self._work, self._threads, self.wake) as crew:
            while not stop.is_set():
                busy = self._round(crew)
                if not busy:
                    self._wake.wait(poll)
                self._wake.clear()
        self._leave()

    def _started(self) -> bool:
        try:
            self._prepare()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the worker waits for it
            _log.warning("The worker waits for the database (%s)", type(error).__qualname__)
            return False
        return True

    def _round(self, crew: Crew) -> bool:
        """Do one round; an idle one is a single statement. Return whether the next should follow at once."""
        try:
            if self._beaten is None or monotonic() - self._beaten >= BEAT_SECONDS:
                self._beat()
                crew.tend()
                self._at_beat()
            if self._next_tick is None or self._clock.now() >= self._next_tick:
                self._tick()
            events, due, expired = self._poll()
            if expired:
                self._reap()
            relayed = self._relay() if events else 0
            if due or relayed or expired:
                crew.feed()
        except Exception:  # noqa: BLE001 - the worker outlives whatever goes wrong in a round
            _log.exception("A round of the worker failed; the next one follows")
            return False
        return bool(relayed)

    def _relay(self) -> int:
        follower = self._ports.find(Follower)  # type: ignore[type-abstract]
        return relay(self._database, self._clock, self._listeners, follower=follower)

    def _poll(self) -> tuple[bool, bool, bool]:
        """Return whether an event waits, a job is due, a lease has ended."""
        with self._database.reading() as connection:
            event, due_at, held_until = connection.execute(_POLL).one()
        now = self._clock.now()
        return event is not None, due_at is not None and due_at <= now, held_until is not None and held_until < now

    def _reap(self) -> None:
        with self._database.unit() as db:
            lost = states.reap(db, self._clock.now(), self._work.jobs, self._work.jitter)
        if lost:
            _log.warning("%d jobs were regained from workers that died or took too long", lost)

    def _tick(self) -> None:
        self._next_tick = tick(self._database, self._clock, self._zone, self._schedules)

    def _prepare(self) -> None:
        if not self._ready:
            self._engine.prepare(self._work)
            self._ready = True

    def _beat(self) -> None:
        """Write that this worker lives."""
        now = self._clock.now()
        with self._database.unit() as db:
            if not states.changed(db.execute(_BEAT, {"me": self.name, "now": now})):
                db.execute(insert(workers).values(name=self.name, started_at=now, seen_at=now))
        self._beaten = monotonic()

    def _leave(self) -> None:
        try:
            with self._database.unit() as db:
                db.execute(_LEAVE, {"me": self.name})
        except Exception as error:  # noqa: BLE001 - leaving without a word is what a crash does too
            _log.warning("The worker could not sign off (%s)", type(error).__qualname__)
        self._beaten = None


def worker_seen(connection: Connection) -> datetime | None:
    """Return when any worker was last seen (it says so every 10 seconds), or None when none ever was or all left."""
    return connection.execute(_SEEN).scalar()


def choose_engine(setting: str, database: Database) -> Engine:
    """Return the engine for `jobs.engine`: "auto" is procrastinate on PostgreSQL where it is installed, else the table."""
    if setting == "table" or (setting == "auto" and database.is_sqlite):
        return TableEngine()
    if database.is_sqlite:
        raise StartupError(
            "jobs_engine", 'jobs.engine = "procrastinate" needs PostgreSQL: set it to "auto", or change database.url.'
        )
    try:
        module: Any = importlib.import_module("lkportal.core.work.procrastinate_engine")
    except ImportError as error:
        if setting == "auto" and error.name == "procrastinate":
            return TableEngine()
        raise StartupError(
            "jobs_engine", 'jobs.engine = "procrastinate" needs its package: pip install "lkportal[postgres]".'
        ) from error
    return cast(Engine, module.ProcrastinateEngine())
