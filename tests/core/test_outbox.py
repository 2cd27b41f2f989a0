"""The relay finds events by their state, numbers them without holes, and tells how far behind it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from lkportal.core.contributions import Listener, Schedule
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.events import emit
from lkportal.core.jobs import enqueue
from lkportal.core.migrating.make import drift
from lkportal.core.migrating.migrate import CORE
from lkportal.core.tables import deliveries, jobs, outbox, workers
from lkportal.core.work.outbox import outbox_age, relay
from lkportal.core.work.worker import choose_engine, worker_seen
from tests.core.jobs_kit import LISTENERS, START, Happened, Site, make_tables, note

NOTE = LISTENERS[Happened.name]


@pytest.fixture
def site(database: Database, database_url: str) -> Site:
    make_tables(database)
    return Site(database, database_url, "table")


@pytest.fixture
def postgres_site(postgres_url: str) -> Iterator[Site]:
    database = Database.connect(postgres_url, pool_size=10)
    make_tables(database)
    yield Site(database, postgres_url, "table")
    database.close()


def numbers(site: Site) -> list[int | None]:
    with site.database.reading() as connection:
        return list(connection.execute(select(outbox.c.number).order_by(outbox.c.id)).scalars())


def emit_many(site: Site, count: int) -> None:
    with site.unit() as db:
        for n in range(count):
            emit(db, Happened(n))


def test_the_migration_makes_the_tables_that_the_code_names(site: Site) -> None:
    assert drift(site.database, CORE) == []


def test_an_event_nobody_listens_to_gets_its_number_and_no_delivery(site: Site) -> None:
    emit_many(site, 3)
    assert relay(site.database, site.clock, {}) == 3
    assert relay(site.database, site.clock, {}) == 0
    assert numbers(site) == [1, 2, 3]
    assert site.count("waiting") == 0


def test_several_relays_give_each_event_one_number_and_one_delivery(site: Site) -> None:
    emit_many(site, 200)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: relay(site.database, site.clock, LISTENERS, 20), range(16)))
    while count := relay(site.database, site.clock, LISTENERS, 20):
        done.append(count)
    assert sum(done) == 200
    assert sorted(number or 0 for number in numbers(site)) == list(range(1, 201))
    assert site.count("waiting") == 200


@pytest.mark.postgres
def test_an_event_that_is_committed_late_is_relayed_late_and_never_missed(postgres_site: Site) -> None:
    site = postgres_site
    with site.unit() as slow:
        emit(slow, Happened(1))
        with ThreadPoolExecutor(1) as pool:
            pool.submit(emit_many, site, 2).result()
            assert pool.submit(relay, site.database, site.clock, {}).result() == 2
    assert numbers(site) == [None, 1, 2]
    assert relay(site.database, site.clock, {}) == 1
    assert numbers(site) == [3, 1, 2]


def test_the_age_of_the_outbox_is_that_of_its_oldest_event(site: Site) -> None:
    def age() -> timedelta:
        with site.database.reading() as connection:
            return outbox_age(connection, site.clock)

    assert age() == timedelta()
    emit_many(site, 1)
    site.clock.advance(timedelta(minutes=3))
    emit_many(site, 1)
    assert age() == timedelta(minutes=3)
    relay(site.database, site.clock, {})
    assert age() == timedelta()


def test_a_worker_tells_when_it_was_last_there(site: Site) -> None:
    def seen() -> object:
        with site.database.reading() as connection:
            return worker_seen(connection)

    assert seen() is None
    site.worker().run_once()
    assert seen() == START


def test_an_idle_look_is_one_statement_over_small_indexes(site: Site) -> None:
    worker = site.worker(schedules=(Schedule("record", "* * * * *", {"key": "x"}),))
    worker.run_once()
    statements: list[str] = []
    with site.database.observe(lambda moment, sql: statements.append(sql) if moment == "before_statement" else None):
        assert worker._poll() == (False, False, False)
    assert len(statements) == 1
    plan = explain(site, statements[0])
    assert "ix_core_jobs_due" in plan
    assert "ix_core_jobs_leases" in plan
    assert all("USING" in line for line in plan.splitlines() if "SCAN core_" in line)
    for slow in ("Seq Scan", "Sort", "TEMP B-TREE"):
        assert slow not in plan


def explain(site: Site, sql: str) -> str:
    """Return the plan of the poll on tables with much finished work and some that waits."""
    done = {"args": {}, "state": "done", "attempt": 1, "fence": 1, "error_class": "", "error": "", "request_id": ""}
    with site.unit() as db:
        rows = [{**done, "name": f"job {n}", "run_at": START, "created_at": START} for n in range(3000)]
        later = {"state": "waiting", "run_at": START + timedelta(days=365)}
        db.execute(insert(jobs), [row | later if n < 500 else row for n, row in enumerate(rows)])
        for n in range(3000):
            emit(db, Happened(n))
        db.execute(update(outbox).values(number=outbox.c.id))
        db.execute(text("ANALYZE"))
    words = "EXPLAIN QUERY PLAN " if site.database.is_sqlite else "EXPLAIN "
    plain = re.sub(r"\?|%\(param_\d\)s::INTEGER", "1", sql)
    with site.database.reading() as connection:
        return "\n".join(str(row) for row in connection.exec_driver_sql(words + plain))


def test_what_is_finished_goes_after_its_time_and_what_is_open_stays(site: Site) -> None:
    emit_many(site, 1)
    with site.unit() as db:
        enqueue(db, "record", {"key": "done"})
        enqueue(db, "record", {"key": "later"}, run_at=START + timedelta(days=90))
    worker = site.worker(listeners=NOTE)
    worker.run_once()
    stuck = site.worker(listeners=(Listener(Happened.name, "away", note),))
    emit_many(site, 1)
    relay(site.database, site.clock, {Happened.name: (Listener(Happened.name, "gone", note),)})
    site.clock.advance(timedelta(days=31))
    stuck.run_once()
    assert rows(site) == (1, 0, 1), "the old event and its mark are gone, the undelivered one stays"
    assert site.count("done") == 1, "only the purge itself"
    assert site.count("waiting") == 2


def rows(site: Site) -> tuple[int, int, int]:
    with site.database.reading() as connection:
        return (
            len(connection.execute(select(outbox.c.id)).all()),
            len(connection.execute(select(deliveries.c.id)).all()),
            len(connection.execute(select(workers.c.name)).all()),
        )


def test_two_listeners_of_one_name_stop_the_start(site: Site) -> None:
    with pytest.raises(StartupError, match=r"Two listeners of the event 'test\.happened' are named 'note'"):
        site.worker(listeners=(*NOTE, *NOTE))


def test_the_engine_is_chosen_by_setting_and_database(site: Site) -> None:
    fitting = "table" if site.database.is_sqlite else "procrastinate"
    assert choose_engine("auto", site.database).name == fitting
    assert choose_engine("table", site.database).name == "table"
    if site.database.is_sqlite:
        with pytest.raises(StartupError, match="needs PostgreSQL"):
            choose_engine("procrastinate", site.database)
