"""Many writers on one SQLite file: nobody is told "database is locked", nobody starves, and waiting has an end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from lkportal.core.db import Database, DatabaseBusy
from lkportal.core.locks import FairLock

WRITER = """
import sys, time
from sqlalchemy import text
from lkportal.core.db import Database
database, worst = Database.connect(sys.argv[1]), 0.0
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    begin = time.monotonic()
    with database.unit() as db:
        worst = max(worst, time.monotonic() - begin)
        db.execute(text("UPDATE counters SET value = value + 1"))
        time.sleep(0.001)
print(worst)
"""


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database.connect(sqlite_url, pool_size=50)
    with database.unit() as db:
        db.execute(text("CREATE TABLE counters (value INTEGER NOT NULL)"))
        db.execute(text("INSERT INTO counters VALUES (0)"))
    yield database
    database.close()


def counted(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(text("SELECT value FROM counters")).scalar_one())


def test_forty_threads_write_at_once_and_wait_fairly(database: Database) -> None:
    def write(_: int) -> float:
        worst = 0.0
        for _ in range(15):
            begin = monotonic()
            with database.unit() as db:
                worst = max(worst, monotonic() - begin)
                value = db.execute(text("SELECT value FROM counters")).scalar_one()
                db.execute(text("UPDATE counters SET value = :value"), {"value": value + 1})
        return worst

    begin = monotonic()
    with ThreadPoolExecutor(40) as threads:
        worst = max(threads.map(write, range(40)))
    assert counted(database) == 600
    # A fair queue of 40 lets nobody wait much longer than one round of 15; an unfair one lets some wait for most of it.
    assert worst < max(0.25, (monotonic() - begin) / 3)


def test_two_processes_write_the_same_file(database: Database, sqlite_url: str) -> None:
    command = [sys.executable, "-c", WRITER, sqlite_url, "150"]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=paths) for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    worst = [float(process.communicate("go\n", timeout=60)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert counted(database) == 300
    assert max(worst) < 1


def test_waiting_for_a_turn_ends_with_a_sentence(sqlite_url: str) -> None:
    database = Database.connect(sqlite_url, write_wait=0.05)
    with database.unit(), ThreadPoolExecutor(1) as other, pytest.raises(DatabaseBusy) as refused:
        other.submit(_enter, database).result()
    assert refused.value.status == 503
    assert "Nothing was changed" in str(refused.value)
    _enter(database)
    database.close()


def test_waiting_for_another_process_ends_with_the_same_sentence(sqlite_url: str) -> None:
    one, other = Database.connect(sqlite_url), Database.connect(sqlite_url, write_wait=0.05)
    with one.unit(), ThreadPoolExecutor(1) as thread, pytest.raises(DatabaseBusy):
        thread.submit(_enter, other).result()
    _enter(other)
    one.close()
    other.close()


def test_the_lock_is_given_in_the_order_of_asking() -> None:
    lock, order, begun = FairLock(), [], Event()
    lock.acquire(1)

    def ask(number: int) -> None:
        begun.set()
        assert lock.acquire(5)
        order.append(number)
        lock.release()

    threads = []
    for number in range(10):
        begun.clear()
        threads.append(Thread(target=ask, args=(number,)))
        threads[-1].start()
        begun.wait()
        sleep(0.005)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(10))


def test_one_who_gave_up_does_not_stop_the_queue() -> None:
    lock = FairLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0)


def test_the_gate_file_lies_beside_the_database(database: Database, tmp_path: Path) -> None:
    assert (tmp_path / "portal.db-gate").exists()


def _enter(database: Database) -> None:
    with database.unit() as db:
        db.execute(text("SELECT 1"))
