"""The sandbox's memory: one SQLite database, in memory or in a file that survives a restart, behind one lock.
Also its clock, which control can move. What the records mean lives in rules.py and courier.py."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import Any

Json = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, kind TEXT, id TEXT, token TEXT, body TEXT, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS records_token ON records (token);
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, fingerprint TEXT, status INTEGER, body TEXT, at REAL);
CREATE TABLE IF NOT EXISTS plans (seq INTEGER PRIMARY KEY, operation TEXT, left INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS timers (seq INTEGER PRIMARY KEY, due REAL, act TEXT, id TEXT);
CREATE TABLE IF NOT EXISTS notices (id INTEGER PRIMARY KEY, payment_id TEXT, event TEXT, state TEXT, due REAL,
    attempts INTEGER DEFAULT 0, answer INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS clock (shift REAL);
"""
TABLES = ("records", "keys", "plans", "timers", "notices", "clock")


class Store:
    """Everything the sandbox knows. Use `with store.turn() as db:` for each act: one at a time, all or nothing."""

    def __init__(self, path: str = ":memory:") -> None:
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock and a transaction; nested turns join the outer one."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def now(self) -> float:
        """Return the sandbox's time in seconds: the machine's, moved by `shift`."""
        with self.turn() as db:
            row = db.execute("SELECT sum(shift) FROM clock").fetchone()
        return time.time() + (row[0] or 0.0)

    def shift(self, seconds: float) -> None:
        """Move the clock."""
        with self.turn() as db:
            db.execute("INSERT INTO clock VALUES (?)", (seconds,))

    def put(self, kind: str, record: Json, token: str = "") -> None:
        """Insert or replace a record by its `id`, keeping its place in the order of creation."""
        with self.turn() as db:
            db.execute(
                "INSERT INTO records (kind, id, token, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, record["id"], token, json.dumps(record)),
            )

    def get(self, kind: str, record_id: str) -> Json | None:
        """Return a record, or None."""
        return self._one("SELECT body FROM records WHERE kind = ? AND id = ?", kind, record_id)

    def by_token(self, token: str) -> Json | None:
        """Return the payment whose page has this token, or None."""
        return self._one("SELECT body FROM records WHERE token = ? AND token != ''", token)

    def newest_first(self, kind: str) -> list[Json]:
        """Return all records of a kind."""
        with self.turn() as db:
            rows = db.execute("SELECT body FROM records WHERE kind = ? ORDER BY seq DESC", (kind,)).fetchall()
        return [json.loads(row["body"]) for row in rows]

    def set_timer(self, due: float, act: str, record_id: str) -> None:
        """Have `act` done to a record when the sandbox's clock reaches `due`."""
        with self.turn() as db:
            db.execute("INSERT INTO timers (due, act, id) VALUES (?, ?, ?)", (due, act, record_id))

    def clear(self) -> None:
        """Forget everything."""
        with self.turn() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the constant above

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def _one(self, statement: str, *values: str) -> Json | None:
        with self.turn() as db:
            row = db.execute(statement, values).fetchone()
        found: Json | None = json.loads(row["body"]) if row else None
        return found


def stamp(seconds: float) -> str:
    """Return "2026-11-22T10:15:00.000Z": how the API writes a moment."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
