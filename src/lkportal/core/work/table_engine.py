"""The engine that needs nothing but the jobs table, on SQLite and PostgreSQL; and what every engine answers to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from lkportal.core.jobs import Work
from lkportal.core.work import states
from lkportal.core.work.running import perform
from lkportal.core.work.states import Claimed

_log = logging.getLogger(__name__)
_DRAIN_AT_ONCE = 16


class Crew(Protocol):
    """The running hands of one worker process."""

    def feed(self) -> None:
        """Start due jobs for which there are free hands."""
        ...

    def tend(self) -> None:
        """Set right what an outer queue holds. Called every ten seconds."""
        ...


class Engine(Protocol):
    """Who runs due jobs. The rows of core_jobs are the truth for every engine; what is not due waits there."""

    name: str

    def prepare(self, work: Work) -> None:
        """Make ready what the engine keeps in the database. Called at the start of every worker, harmless to repeat."""
        ...

    def drain(self, work: Work) -> int:
        """Run due jobs until none is due; return how many were started. On SQLite in this thread, one after another."""
        ...

    def crew(self, work: Callable[[], Work], threads: int, wake: Callable[[], None]) -> AbstractContextManager[Crew]:
        """Start hands that work by `work()`; leaving the block waits for the jobs they have begun.

        `wake` tells the worker that a hand has become free.
        """
        ...


class TableEngine:
    """Claims rows of core_jobs and runs them on threads of this process."""

    name = "table"

    def prepare(self, work: Work) -> None:
        """Nothing to make ready."""

    def drain(self, work: Work) -> int:
        """Run due jobs in this thread, one after another."""
        count = 0
        while batch := _claim(work, _DRAIN_AT_ONCE):
            for job in batch:
                perform(work, job)
            count += len(batch)
        return count

    @contextmanager
    def crew(self, work: Callable[[], Work], threads: int, wake: Callable[[], None]) -> Iterator[Crew]:
        """Start a pool of `threads`."""
        with ThreadPoolExecutor(threads, thread_name_prefix="lkportal-job") as pool:
            yield _Threads(work, pool, threads, wake)


class _Threads:
    def __init__(
        self, work: Callable[[], Work], pool: ThreadPoolExecutor, threads: int, wake: Callable[[], None]
    ) -> None:
        self._work = work
        self._pool = pool
        self._threads = threads
        self._wake = wake
        self._running: set[Future[None]] = set()

    def feed(self) -> None:
        """Claim as many jobs as there are free threads: no lease runs while a job waits for its turn."""
        self._running = {future for future in self._running if not future.done()}
        free = self._threads - len(self._running)
        work = self._work()
        batch = _claim(work, free) if free else []
        for job in batch:
            future = self._pool.submit(perform, work, job)
            self._running.add(future)
            future.add_done_callback(self._ended)

    def tend(self) -> None:
        """Nothing to set right: the table is all there is."""

    def _ended(self, future: Future[None]) -> None:
        _report(future)
        self._wake()


def _report(future: Future[None]) -> None:
    """Log that a job's outcome could not be recorded: its lease will run out and it will be tried again."""
    error = future.exception()
    if error is not None:
        _log.error("A job's outcome could not be recorded (%s): it is tried again later", type(error).__qualname__)


def _claim(work: Work, most: int) -> list[Claimed]:
    with work.database.unit() as db:
        return states.claim(db, work.clock.now(), work.jobs, work.worker, most)
