"""A unit knows its circumstances, runs hints after its commit, and lets nobody call outside while it is open."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from sqlalchemy import text

from lkportal.core.clock import MovableClock
from lkportal.core.db import Database, in_unit
from lkportal.core.foreign import ForeignCallInUnit, client, guard
from lkportal.core.policy import SYSTEM
from lkportal.core.ports import Ports
from lkportal.core.unit import UnitContext, after_commit, context, now, open_unit

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def circumstances() -> UnitContext:
    return UnitContext(MovableClock(NOON), SYSTEM, "r-1", Ports())


@pytest.fixture
def server() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as listening:
        Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/"
        listening.shutdown()


def test_a_unit_knows_its_circumstances(database: Database, circumstances: UnitContext) -> None:
    with open_unit(database, circumstances) as db:
        assert context(db) is circumstances
        assert now(db) == NOON


def test_hints_follow_the_commit_outside_the_unit(database: Database, circumstances: UnitContext) -> None:
    heard: list[str] = []
    with open_unit(database, circumstances) as db:
        db.execute(text("CREATE TABLE notes (body TEXT)"))
        db.execute(text("INSERT INTO notes VALUES ('kept')"))

        def hear() -> None:
            with database.reading() as connection:
                heard.append(f"{in_unit()} {connection.execute(text('SELECT body FROM notes')).scalar()}")

        after_commit(db, hear)
        assert heard == []
    assert heard == ["False kept"]


def test_a_rolled_back_unit_gives_no_hints(database: Database, circumstances: UnitContext) -> None:
    heard: list[str] = []
    with pytest.raises(RuntimeError, match="no"), open_unit(database, circumstances) as db:
        after_commit(db, lambda: heard.append("never"))
        raise RuntimeError("no")
    assert heard == []


def test_a_failing_hint_is_logged_and_the_next_one_runs(
    database: Database, circumstances: UnitContext, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise RuntimeError("nobody listens")

    with caplog.at_level(logging.ERROR), open_unit(database, circumstances) as db:
        after_commit(db, fail)
        after_commit(db, lambda: heard.append("second"))
    assert heard == ["second"]
    assert "the committed work stands" in caplog.text


def test_a_foreign_call_inside_a_unit_is_refused_before_it_is_sent(database: Database, server: str) -> None:
    with client(timeout=2) as http:
        assert http.get(server).status_code == 204
        with database.unit(), pytest.raises(ForeignCallInUnit, match=r"127\.0\.0\.1"):
            http.get(server)
        assert http.get(server).status_code == 204


def test_a_client_keeps_the_hooks_it_was_given(server: str) -> None:
    asked: list[str] = []
    with client(timeout=2, event_hooks={"request": [lambda request: asked.append(request.method)]}) as http:
        http.get(server)
    assert asked == ["GET"]


def test_clients_without_http_ask_the_guard(database: Database) -> None:
    guard("the mail server")
    with database.unit(), pytest.raises(ForeignCallInUnit, match="the mail server"):
        guard("the mail server")
