"""The chain: whoever seals, there is one; whatever is changed afterwards shows; whatever commits late is sealed later."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from lkportal.audit import sealer
from lkportal.audit.jobs import EVERY_MINUTE, SEAL
from lkportal.core.db import Database
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.work.table_engine import TableEngine
from lkportal.core.work.worker import Worker
from lkportal.testing.world import World, new_world, rows


def act(world: World, *targets: str) -> None:
    """Leave a record for each target, in one unit."""
    with world.unit() as db:
        for target in targets:
            port(db, AuditLog).record(db, "demo.done", target=target, detail={"n": 1})  # type: ignore[type-abstract]


def seal(world: World) -> int:
    with world.unit() as db:
        return sealer.seal(db)


def broken(world: World) -> list[int]:
    with world.database.reading() as connection:
        return [each.id for each in sealer.broken_seals(connection)]


def unsealed(world: World) -> timedelta:
    with world.database.reading() as connection:
        return sealer.unsealed_age(connection, world.clock.now())


def tamper(folder: Path, script: str) -> None:
    """Change rows behind the portal's back: with a tool of the database, and no regard for keys."""
    with closing(sqlite3.connect(folder / "chain.db")) as raw:
        raw.executescript(script)


def test_an_act_that_is_rolled_back_leaves_no_record(world: World) -> None:
    with pytest.raises(RuntimeError), world.unit() as db:
        port(db, AuditLog).record(db, "demo.done")  # type: ignore[type-abstract]
        raise RuntimeError
    act(world, "one")
    assert rows(world.database, "SELECT target FROM audit_records") == [("one",)]


def test_records_are_sealed_in_batches_that_follow_each_other(world: World) -> None:
    act(world, "a", "b")
    assert seal(world) == 2
    assert seal(world) == 0
    act(world, "c")
    assert seal(world) == 1
    assert broken(world) == []
    hashes = rows(world.database, "SELECT previous, hash FROM audit_seals ORDER BY id")
    assert hashes[0][0] == sealer.GENESIS
    assert hashes[1][0] == hashes[0][1]


def test_the_age_of_what_is_not_sealed_is_told(world: World) -> None:
    assert unsealed(world) == timedelta(0)
    act(world, "a")
    world.clock.advance(timedelta(minutes=3))
    act(world, "b")
    assert unsealed(world) == timedelta(minutes=3)
    seal(world)
    assert unsealed(world) == timedelta(0)


def test_a_record_that_commits_late_is_sealed_by_a_later_seal(world: World) -> None:
    """Its key is smaller than keys sealed already, as after a long transaction."""
    act(world, "early", "late")
    row = rows(world.database, "SELECT * FROM audit_records WHERE target = 'early'")[0]
    with world.database.unit() as db:
        db.connection().exec_driver_sql("DELETE FROM audit_records WHERE target = 'early'")
    assert seal(world) == 1
    marks = ", ".join("%s" if not world.database.is_sqlite else "?" for _ in row)
    with world.database.unit() as db:
        db.connection().exec_driver_sql(f"INSERT INTO audit_records VALUES ({marks})", tuple(row))

    assert seal(world) == 1
    assert broken(world) == []
    assert rows(world.database, "SELECT r.target FROM audit_sealed s JOIN audit_records r ON r.id = s.record_id"
                " ORDER BY s.seal_id") == [("late",), ("early",)]  # fmt: skip


def test_after_a_day_only_new_records_are_looked_at_and_none_is_lost(world: World) -> None:
    for day in range(4):
        act(world, f"day {day}")
        assert seal(world) == 1
        world.clock.advance(timedelta(days=1))
    act(world, "today")
    assert seal(world) == 1
    with world.database.reading() as connection:
        assert sealer.never_sealed(connection, world.clock.now()) == 0
    assert broken(world) == []


TAMPERINGS = {
    "a record deleted": "DELETE FROM audit_records WHERE target = 'b'",
    "a record moved to another seal": "UPDATE audit_sealed SET seal_id = 2, place = 9 WHERE record_id = 2",
    "a record taken out of its seal": "DELETE FROM audit_sealed WHERE record_id = 2",
    "two records swapped": """
        UPDATE audit_sealed SET place = 9 WHERE seal_id = 1 AND place = 0;
        UPDATE audit_sealed SET place = 0 WHERE seal_id = 1 AND place = 2;
        UPDATE audit_sealed SET place = 2 WHERE seal_id = 1 AND place = 9
    """,
    "a seal deleted": "DELETE FROM audit_seals WHERE id = 2",
    "a seal's time changed": "UPDATE audit_seals SET sealed_at = '2026-01-01 00:00:00' WHERE id = 1",
    "a seal's hash changed": "UPDATE audit_seals SET hash = 'x' WHERE id = 1",
    "a seal's count changed": "UPDATE audit_seals SET records = 9 WHERE id = 1",
    "a seal's link changed": "UPDATE audit_seals SET previous = 'x' WHERE id = 2",
}
FIELDS = ("public_id", "at", "actor", "on_behalf_of", "action", "outcome", "account", "request_id", "detail")
VALUES = {"at": "2026-01-01 00:00:00", "detail": '{"n":2}'}


def chain(tmp_path: Path) -> World:
    """Return a world with three seals over seven records."""
    world = new_world(Database.connect(f"sqlite:///{tmp_path / 'chain.db'}"))
    for batch in (("a", "b", "c"), ("d", "e"), ("f", "g")):
        act(world, *batch)
        seal(world)
    assert broken(world) == []
    return world


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_is_changed_behind_the_portals_back_shows(tmp_path: Path, what: str) -> None:
    world = chain(tmp_path)
    tamper(tmp_path, TAMPERINGS[what])
    assert broken(world)
    world.database.close()


@pytest.mark.parametrize("column", FIELDS)
def test_no_field_of_a_sealed_record_can_be_changed_unseen(tmp_path: Path, column: str) -> None:
    world = chain(tmp_path)
    value = VALUES.get(column, "other")
    tamper(tmp_path, f"UPDATE audit_records SET {column} = '{value}' WHERE target = 'b'")
    assert broken(world) == [1]
    world.database.close()


@pytest.fixture(scope="module")
def sealed_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a database with a whole chain."""
    folder = tmp_path_factory.mktemp("sealed")
    chain(folder).database.close()
    with closing(sqlite3.connect(folder / "chain.db")) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "chain.db").read_bytes()


@given(
    record=st.integers(1, 7),
    column=st.sampled_from([name for name in (*FIELDS, "target") if name not in VALUES]),
    value=st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=12),
)
def test_any_other_value_in_any_field_of_any_record_shows(
    sealed_file: bytes, record: int, column: str, value: str
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "chain.db"
        file.write_bytes(sealed_file)
        with closing(sqlite3.connect(file)) as raw, raw:
            before = raw.execute(f"SELECT {column} FROM audit_records WHERE id = ?", (record,)).fetchone()[0]
            raw.execute(f"UPDATE audit_records SET {column} = ? WHERE id = ?", (value, record))
        database = Database.connect(f"sqlite:///{file}")
        with database.reading() as connection:
            found = [each.id for each in sealer.broken_seals(connection)]
        database.close()
    assert found == ([] if value == before else [{1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3}[record]])


@given(
    st.lists(
        st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=6), min_size=len(FIELDS)), min_size=2, max_size=4
    )
)
def test_different_trails_have_different_hashes(records: list[dict[str, Any]]) -> None:
    """No text slides from one field or record into the next: the bytes of a trail can be read back."""
    trail = [type("Row", (), {"target": "", **record})() for record in records]
    lines = b"".join(sealer.canonical(row) for row in trail).splitlines()
    assert len(lines) == len(trail)
    assert len({sealer.canonical(row) for row in trail}) == len({tuple(sorted(record.items())) for record in records})


def test_an_end_that_is_cut_off_shows_by_a_head_noted_elsewhere(tmp_path: Path) -> None:
    world = chain(tmp_path)
    with world.database.reading() as connection:
        noted = sealer.head(connection)
        assert sealer.holds(connection, noted)
    for table, where in (("audit_sealed", "seal_id = 3"), ("audit_seals", "id = 3"), ("audit_records", "id > 5")):
        tamper(tmp_path, f"DELETE FROM {table} WHERE {where}")
    assert broken(world) == [], "a shorter chain is whole in itself"
    with world.database.reading() as connection:
        assert not sealer.holds(connection, noted)
    world.database.close()


def test_of_two_sealers_at_once_one_loses_and_the_chain_stays_one(world: World) -> None:
    act(world, *(str(n) for n in range(20)))
    begun = threading.Barrier(2)
    lost: list[Exception] = []

    def run() -> None:
        begun.wait()
        try:
            seal(world)
        except IntegrityError as error:
            lost.append(error)

    for _ in range(10):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        act(world, "more")
    while seal(world):
        pass
    assert broken(world) == []
    assert rows(world.database, "SELECT count(*) FROM audit_sealed") == [(30,)]


def test_the_job_of_the_loser_looks_again_at_once(world: World) -> None:
    """Another sealer commits between our look at the chain and our seal."""
    act(world, "a", "b")
    if world.database.is_sqlite:
        return_to_the_fair_lock(world)
        return
    other = threading.Event()

    def interfere(moment: str, sql: str) -> None:
        if moment == "before_statement" and sql.startswith("INSERT INTO audit_seals") and not other.is_set():
            other.set()
            thread = threading.Thread(target=seal, args=(world,))
            thread.start()
            thread.join()

    with world.database.observe(interfere):
        work(world)
    assert other.is_set()
    assert broken(world) == []
    assert rows(world.database, "SELECT state FROM core_jobs WHERE name = 'audit.seal'") == [("done",)]
    assert rows(world.database, "SELECT count(*) FROM audit_sealed") == [(2,)]


def return_to_the_fair_lock(world: World) -> None:
    """On SQLite units wait for each other, so the second sealer finds nothing left to seal."""
    work(world)
    assert seal(world) == 0
    assert broken(world) == []


def work(world: World) -> None:
    """Run the job of the sealer as a worker does."""
    with world.unit() as db:
        enqueue(db, "audit.seal", {})
    worker = Worker(
        world.database, world.clock, {}, {SEAL.name: SEAL}, (EVERY_MINUTE,), world.ports, TableEngine(), ZoneInfo("UTC")
    )
    worker.run_once()
