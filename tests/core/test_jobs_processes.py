"""Workers as they live: a thread that is woken, processes that are killed in the middle, several at once. On every engine."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lkportal.core.clock import SystemClock
from lkportal.core.events import emit
from lkportal.core.jobs import enqueue
from lkportal.core.tables import jobs, outbox
from lkportal.core.work.outbox import outbox_age
from lkportal.core.work.wake import WakeUp
from lkportal.core.work.worker import worker_seen
from tests.core.jobs_kit import LISTENERS, Happened, Site, eventually, every_engine

__all__ = ["every_engine"]

NOTE = LISTENERS[Happened.name]


def test_a_running_worker_is_woken_by_a_commit_and_stops_when_told(site: Site) -> None:
    worker = site.worker(listeners=NOTE, clock=SystemClock())
    site.ports.provide(WakeUp, worker)  # type: ignore[type-abstract]
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, 60.0))
    thread.start()
    try:
        assert eventually(lambda: _seen(site))
        with site.unit(SystemClock()) as db:
            emit(db, Happened(1))
        assert eventually(lambda: site.effects() == ["test.happened 1"], 10), (
            "60 seconds before it would look by itself"
        )
    finally:
        stop.set()
        worker.wake()
        thread.join(20)
    assert not thread.is_alive()
    assert not _seen(site), "a worker that stopped in peace has signed off"
    with site.database.reading() as connection:
        assert outbox_age(connection, SystemClock()) == timedelta()


def test_a_worker_outlives_a_database_that_drops_every_connection(site: Site) -> None:
    beats: list[int] = []
    worker = site.worker(listeners=NOTE, clock=SystemClock(), at_beat=lambda: beats.append(1))
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, 0.05))
    thread.start()
    try:
        assert eventually(lambda: bool(beats))
        drop_connections(site)
        assert eventually(lambda: emitted(site)), "the pages' side recovers too"
        assert eventually(lambda: site.effects() == ["test.happened 1"])
    finally:
        stop.set()
        worker.wake()
        thread.join(20)
    assert not thread.is_alive()


def emitted(site: Site) -> bool:
    """Emit one event; False when the connection was found broken: then nothing of it was kept."""
    try:
        with site.unit(SystemClock()) as db:
            emit(db, Happened(1))
    except OperationalError:
        return False
    return True


def drop_connections(site: Site) -> None:
    """Do what a restart of the server does to its clients; SQLite has no server, its connections are closed."""
    if site.database.is_sqlite:
        site.database.close()
        return
    with psycopg.connect(site.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _seen(site: Site) -> bool:
    with site.database.reading() as connection:
        return worker_seen(connection) is not None


def test_the_effect_happens_once_when_the_worker_is_killed_in_the_middle_of_a_job(site: Site, tmp_path: Path) -> None:
    flag = tmp_path / "begun"
    with site.unit(SystemClock()) as db:
        enqueue(db, "linger", {"key": "done at", "flag": str(flag)})
    with site.process() as process:
        assert eventually(flag.exists)
        process.kill()
        process.wait(20)
    assert site.effects() == []
    with site.process():
        assert eventually(lambda: site.count("done") == 1)
    assert site.effects() == ["done at attempt 2"]


def test_the_effect_happens_once_when_the_worker_is_killed_in_a_listener_before_its_commit(
    site: Site, tmp_path: Path
) -> None:
    flag = tmp_path / "begun"
    with site.unit(SystemClock()) as db:
        emit(db, Happened(1))
    with site.process(LINGER_FLAG=str(flag)) as process:
        assert eventually(flag.exists)
        process.kill()
        process.wait(20)
    assert site.effects() == []
    with site.unit() as db:
        db.execute(jobs.update().where(jobs.c.state == "running").values(lease_until=site.clock.now()))
    with site.process(LINGER_FLAG=str(flag)):
        assert eventually(lambda: site.count("done") == 1)
    assert site.effects() == ["test.happened 1"]


@pytest.mark.parametrize(("kills", "jobs_each"), [(2, 30), pytest.param(20, 15, marks=pytest.mark.proof)])
def test_a_worker_that_is_killed_again_and_again_loses_and_doubles_nothing(
    site: Site, kills: int, jobs_each: int
) -> None:
    total = (kills + 2) * jobs_each
    with site.unit(SystemClock()) as db:
        for n in range(total):
            enqueue(db, "record", {"key": f"job {n:03}"})
    for _ in range(kills):
        kill_after(site, site.count("done") + jobs_each // 2)
    assert site.count("done") < total, "the last kill came in the middle of the work"
    with site.process():
        assert eventually(lambda: site.count("done") == total, 60)
    assert site.effects_sorted() == [f"job {n:03}" for n in range(total)]


def kill_after(site: Site, goal: int) -> None:
    """Run a worker process and kill it when so many jobs are done."""
    with site.process() as process:
        assert eventually(lambda: site.count("done") >= goal)
        process.kill()
        process.wait(20)


def test_three_processes_lose_nothing_and_double_nothing(site: Site) -> None:
    with site.unit(SystemClock()) as db:
        for n in range(300):
            enqueue(db, "record", {"key": f"job {n:03}"})
        for n in range(100):
            emit(db, Happened(n))
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(site.process())
        assert eventually(lambda: site.count("done") == 400, 90)
    expected = [f"job {n:03}" for n in range(300)] + [f"test.happened {n}" for n in range(100)]
    assert site.effects_sorted() == sorted(expected)
    with site.database.reading() as connection:
        numbers = list(connection.execute(select(outbox.c.number).order_by(outbox.c.number)).scalars())
    assert numbers == list(range(1, 101))
