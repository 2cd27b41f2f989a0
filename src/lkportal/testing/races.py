"""Several at the same moment: the same act by many at once, and what another does between two statements of an act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

from lkportal.core.db import Database

Racer = TypeVar("Racer")
Result = TypeVar("Result")


def race(act: Callable[[Racer], Result], racers: Iterable[Racer]) -> list[Result]:
    """Do `act` for all racers at the same moment, each in a thread of its own; return what came of each, in their order."""
    waiting = list(racers)
    start = Barrier(len(waiting))

    def run(racer: Racer) -> Result:
        start.wait()
        return act(racer)

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


@contextmanager
def meanwhile(database: Database, after: str, act: Callable[[], object]) -> Iterator[None]:
    """Do `act` once within the block, as another process would: right after the first statement in which `after` stands.

    On SQLite that must be a statement of a reading connection: while a unit is open nobody else can write there.
    """
    done: list[str] = []

    def watch(moment: str, sql: str) -> None:
        if moment == "after_statement" and after in sql and not done:
            done.append(sql)
            # A thread of its own has no unit of work open, and what fails in it fails here.
            with ThreadPoolExecutor(1) as other:
                other.submit(act).result()

    with database.observe(watch):
        yield
    assert done, f"no statement of the block had {after!r} in it"
