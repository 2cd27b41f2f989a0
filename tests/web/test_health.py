"""Health: alive is alive; ready means that the database, its schema, a worker and the outbox are all right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from lkportal.core.db import Database
from lkportal.core.migrating import migrate
from lkportal.core.tables import outbox, workers
from lkportal.web import Edge
from tests.web.house import NOW, build, client, house_of


@pytest.fixture
def edge(database: Database) -> Edge:
    return build(database)


def ready(edge: Edge) -> tuple[int, dict[str, Any]]:
    answer = client(edge).get("/health/ready")
    return answer.status_code, answer.json()["checks"]


def worker_seen(database: Database) -> None:
    with database.unit() as db:
        db.execute(insert(workers).values(name="one", started_at=NOW, seen_at=NOW))


def lost(folder: Path) -> Database:
    """A database whose folder went away."""
    (folder / "lost").mkdir()
    made = Database.connect(f"sqlite:///{folder / 'lost' / 'a.db'}")
    (folder / "lost").rmdir()
    return made


def test_alive_asks_nobody(tmp_path: Path) -> None:
    edge = build(lost(tmp_path))

    assert client(edge).get("/health/live").json() == {"status": "ok"}


def test_a_portal_with_everything_in_place_is_ready(edge: Edge, database: Database) -> None:
    migrate.upgrade(database, ())
    worker_seen(database)

    status, checks = ready(edge)
    assert status == 200
    assert set(checks) == {"database", "migrations", "worker", "outbox"}


def test_without_its_schema_it_is_not(edge: Edge) -> None:
    status, checks = ready(edge)

    assert status == 503
    assert checks["database"]["ok"]
    assert checks["migrations"]["pending"] > 0


def test_without_a_database_it_is_not(tmp_path: Path) -> None:
    status, checks = ready(build(lost(tmp_path)))

    assert status == 503
    assert set(checks) == {"database"}
    assert "lost" not in str(checks)


def test_without_a_worker_it_is_not(edge: Edge, database: Database) -> None:
    migrate.upgrade(database, ())
    assert ready(edge)[1]["worker"] == {"ok": False, "seen_seconds_ago": None}
    worker_seen(database)
    house_of(edge).clock.advance(timedelta(minutes=5))

    status, checks = ready(edge)
    assert (status, checks["worker"]["seen_seconds_ago"]) == (503, 300)


def test_an_outbox_nobody_empties_is_noticed(edge: Edge, database: Database) -> None:
    migrate.upgrade(database, ())
    worker_seen(database)
    with database.unit() as db:
        db.execute(
            insert(outbox).values(
                event_id="e",
                name="a.b",
                version=1,
                occurred_at=NOW - timedelta(hours=1),
                actor="system",
                request_id="r",
                body={},
            )
        )

    status, checks = ready(edge)
    assert (status, checks["outbox"]["age_seconds"]) == (503, 3600)
