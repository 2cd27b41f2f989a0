"""Reading cannot write, writing is one unit, and both databases behave alike."""

from __future__ import annotations

from time import monotonic

import pytest
from sqlalchemy import BigInteger, Column, MetaData, String, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from lkportal.core.columns import big_key
from lkportal.core.db import Database, DatabaseBusy, StatementTooSlow, in_unit, limited
from lkportal.core.errors import PortalError, StartupError

metadata = MetaData()
meters = Table(
    "meters",
    metadata,
    Column("id", big_key(), primary_key=True),
    Column("name", String(50), unique=True),
    Column("last", BigInteger, nullable=False, server_default="0"),
)
ENDLESS = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000000) SELECT count(*) FROM n"
)


@pytest.fixture
def db(database: Database) -> Database:
    with database.unit() as session:
        metadata.create_all(session.connection())
    return database


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(meters.c.name).order_by(meters.c.id)).scalars())


def test_a_unit_is_kept_whole_or_not_at_all(db: Database) -> None:
    with db.unit() as session:
        session.execute(insert(meters).values(name="cold"))
    with pytest.raises(RuntimeError, match="the pipe burst"), db.unit() as session:
        session.execute(insert(meters).values(name="hot"))
        raise RuntimeError("the pipe burst")
    assert names(db) == ["cold"]


def test_a_reading_connection_cannot_write(db: Database) -> None:
    with db.reading() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(insert(meters).values(name="cold"))
    assert names(db) == []


def test_a_reading_connection_sees_what_was_committed_meanwhile(db: Database) -> None:
    count = select(func.count()).select_from(meters)
    with db.reading() as connection:
        assert connection.execute(count).scalar() == 0
        with db.unit() as session:
            session.execute(insert(meters).values(name="cold"))
            assert connection.execute(count).scalar() == 0
        assert connection.execute(count).scalar() == 1


def test_a_unit_does_not_open_another(db: Database) -> None:
    assert not in_unit()
    with db.unit():
        assert in_unit()
        with pytest.raises(PortalError, match="inside another"), db.unit():
            pass
    assert not in_unit()
    with db.unit() as session:
        session.execute(insert(meters).values(name="cold"))
    assert names(db) == ["cold"]


def test_a_broken_rule_of_the_database_leaves_it_usable(db: Database) -> None:
    for _ in range(3):
        with pytest.raises(IntegrityError), db.unit() as session:
            session.execute(insert(meters), [{"name": "cold"}, {"name": "cold"}])
    assert names(db) == []


def test_an_error_of_the_database_shows_no_values(db: Database) -> None:
    with db.reading() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(insert(meters).values(name="Anna Petrova"))
    assert "Anna" not in str(refused.value)


def test_a_conditional_update_tells_by_its_row_count_whether_it_held(db: Database) -> None:
    higher = update(meters).where(meters.c.last <= bindparam("value")).values(last=bindparam("value"))
    with db.unit() as session:
        session.execute(insert(meters).values(name="cold", last=10))
        assert session.connection().execute(higher, {"value": 12}).rowcount == 1
        assert session.connection().execute(higher, {"value": 11}).rowcount == 0


def test_a_slow_statement_is_stopped_and_the_connection_stays_good(db: Database) -> None:
    with db.reading() as connection:
        begin = monotonic()
        with pytest.raises(StatementTooSlow), limited(connection, 150):
            connection.execute(ENDLESS).scalar()
        assert monotonic() - begin < 5
        assert connection.execute(text("SELECT 41 + 1")).scalar() == 42


def test_a_slow_statement_of_a_unit_undoes_the_unit_and_leaves_no_limit_behind(db: Database) -> None:
    with pytest.raises(StatementTooSlow), db.unit() as session:
        session.execute(insert(meters).values(name="cold"))
        with limited(session.connection(), 150):
            session.execute(ENDLESS)
    assert names(db) == []
    with db.unit() as session:
        session.execute(insert(meters).values(name="hot"))
        if not db.is_sqlite:
            assert session.execute(text("SHOW statement_timeout")).scalar() == "15s"


def test_an_inner_limit_ends_with_its_block_and_the_outer_one_stays(db: Database) -> None:
    with db.reading() as connection:
        with limited(connection, 150):
            with pytest.raises(StatementTooSlow), limited(connection, 150):
                connection.execute(ENDLESS).scalar()
            with limited(connection, 150):
                assert connection.execute(text("SELECT 1")).scalar() == 1
        if not db.is_sqlite:
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "15s"


def test_observers_see_statements_and_commits_and_then_stop(db: Database) -> None:
    seen: list[str] = []
    with db.observe(lambda moment, sql: seen.append(f"{moment} {sql.split(' ')[0]}".strip())):
        with db.unit() as session:
            session.execute(insert(meters).values(name="cold"))
        names(db)
    assert seen == [
        "before_statement INSERT",
        "after_statement INSERT",
        "before_commit",
        "after_commit",
        "before_statement SELECT",
        "after_statement SELECT",
    ]
    names(db)
    assert len(seen) == 6


def test_an_observer_that_raises_before_the_commit_undoes_the_unit(db: Database) -> None:
    def crash(moment: str, _sql: str) -> None:
        if moment == "before_commit":
            raise RuntimeError("crash point")

    with db.observe(crash), pytest.raises(RuntimeError, match="crash point"), db.unit() as session:
        session.execute(insert(meters).values(name="cold"))
    assert names(db) == []


def test_a_full_pool_answers_with_busy(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lkportal.core.databases.engines.POOL_WAIT_SECONDS", 0.05)
    database = Database.connect(database_url, pool_size=2)
    with database.reading(), database.reading(), pytest.raises(DatabaseBusy):
        database.reading()
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_connections_the_server_closed_are_replaced_unnoticed(postgres_url: str) -> None:
    database = Database.connect(postgres_url, pool_size=3)
    killer = Database.connect(postgres_url, pool_size=1)
    with database.reading() as one, database.reading() as two:
        pids = [connection.execute(text("SELECT pg_backend_pid()")).scalar_one() for connection in (one, two)]
    with killer.reading() as connection:
        for pid in pids:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    for _ in range(3):
        with database.reading() as connection:
            assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() not in pids
    database.close()
    killer.close()


def test_sqlite_is_opened_for_durability(sqlite_url: str) -> None:
    database = Database.connect(sqlite_url)
    with database.unit() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()


@pytest.mark.parametrize("url", ["portal.db", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql://"])
def test_an_unknown_database_url_is_refused_with_the_cure(url: str) -> None:
    with pytest.raises(StartupError, match="write sqlite:///path"):
        Database.connect(url)


def test_a_missing_folder_is_named(tmp_path: object) -> None:
    with pytest.raises(StartupError, match="does not exist"):
        Database.connect(f"sqlite:///{tmp_path}/nowhere/portal.db")


def test_a_snapshot_sees_one_moment_hands_out_pieces_and_cannot_write(db: Database) -> None:
    def put(*wanted: str) -> None:
        with db.unit() as session:
            session.execute(insert(meters), [{"name": name} for name in wanted])

    count, all_of_them = select(func.count()).select_from(meters), select(meters.c.name).order_by(meters.c.id)
    put("cold", "hot", "heat")
    with db.snapshot(piece=2) as connection:
        first = connection.execute(count).scalar_one()
        put("day", "night")
        seen = list(connection.execute(all_of_them).scalars())
        with pytest.raises(DBAPIError):
            connection.execute(insert(meters).values(name="gas"))
    with db.snapshot() as connection:
        after = connection.execute(count).scalar_one()

    assert (first, seen, after) == (3, ["cold", "hot", "heat"], 5)
    assert names(db) == ["cold", "hot", "heat", "day", "night"]
