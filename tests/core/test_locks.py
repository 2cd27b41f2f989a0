"""Many writers on one SQLite file: nobody is told "database is locked", nobody starves, and waiting has an end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import sleep

import pytest
from sqlalchemy import text

from lkportal.core.databases.locks import FairLock
from lkportal.core.db import Database, DatabaseBusy

WRITER = """
import sys, time
from threading import Thread
from sqlalchemy import text
from lkportal.core.db import Database
database, written = Database.connect(sys.argv[1]), []
def write():
    while time.monotonic() < end:
        with database.unit() as db:
            db.execute(text("UPDATE counters SET value = value + 1"))
            time.sleep(0.001)
        written.append(1)
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + 1
threads = [Thread(target=write) for _ in range(int(sys.argv[2]))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(written))
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


def test_forty_threads_write_at_once_and_nobody_is_passed_over(database: Database) -> None:
    turns: list[int] = []

    def write(thread: int) -> int:
        most = 0
        for _ in range(15):
            asked = len(turns)
            with database.unit() as db:
                most = max(most, len(turns) - asked)
                turns.append(thread)
                value = db.execute(text("SELECT value FROM counters")).scalar_one()
                db.execute(text("UPDATE counters SET value = :value"), {"value": value + 1})
        return most

    with ThreadPoolExecutor(40) as threads:
        most = max(threads.map(write, range(40)))
    assert counted(database) == 600
    # A fair queue of 40 lets about 40 go first; the slack is for a thread that is put to sleep between asking and queueing.
    assert most < 120


def test_two_processes_take_turns_though_one_is_busier(database: Database, sqlite_url: str) -> None:
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, sqlite_url, threads],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=paths,
        )
        for threads in ("8", "1")
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    written = [int(process.communicate(timeout=60)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert counted(database) == sum(written)
    assert min(written) > max(written) / 3


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


def _enter(database: Database) -> None:
    with database.unit() as db:
        db.execute(text("SELECT 1"))
