"""Carries notices to the merchant, again and again until it answers 200, and does what the clock asks for (expiry, slow
payments). One thread watches, a few deliver; planned faults delay, double, hold back or lose a notice."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import httpx2

from . import rules
from .store import Store

RETRY_AFTER = (1.0, 3.0, 10.0, 30.0, 60.0, 300.0, 900.0)
GIVE_UP_AFTER = 86_400.0
LONGEST_NAP = 0.2


class Courier:
    """The sandbox's only background work. `url` is where the merchant listens; without one notices wait for control."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self._url = url
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="sandbox-courier", daemon=True)
        self._client = httpx2.Client(timeout=10.0, trust_env=False)
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="sandbox-notice")

    def start(self) -> None:
        """Begin; what a stopped process had under way is sent again."""
        with self._store.turn() as db:
            db.execute("UPDATE notices SET state = 'waiting' WHERE state = 'sending'")
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way and stop."""
        self._stop.set()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def deliver(self, notice_id: int) -> int:
        """Send one notice now, whatever its state; return the merchant's HTTP status, 0 when it could not be reached."""
        with self._store.turn() as db:
            notice = db.execute("SELECT * FROM notices WHERE id = ?", (notice_id,)).fetchone()
        status = self._send(notice["body"])
        with self._store.turn() as db:
            self._note(db, notice_id, status)
        return status

    def idle(self) -> bool:
        """Tell whether nothing is due or under way."""
        now = self._store.now()
        with self._store.turn() as db:
            under_way = (
                "SELECT count(*) FROM notices WHERE state = 'sending' OR (state IN ('waiting', 'held') AND due <= ?)"
            )
            due = db.execute(under_way, (now,)).fetchone()[0]
            return not due and not db.execute("SELECT count(*) FROM timers WHERE due <= ?", (now,)).fetchone()[0]

    def _watch(self) -> None:
        while not self._stop.wait(LONGEST_NAP):
            now = self._store.now()
            with self._store.turn() as db:
                self._do_timers(db, now)
                for notice_id in self._due_notices(db, now):
                    self._pool.submit(self.deliver, notice_id)

    def _do_timers(self, db: sqlite3.Connection, now: float) -> None:
        timers = db.execute("SELECT * FROM timers WHERE due <= ? ORDER BY due", (now,)).fetchall()
        db.execute("DELETE FROM timers WHERE due <= ?", (now,))
        for timer in timers:
            if timer["act"] == "settle":
                rules.settle(self._store, timer["id"])
            elif timer["act"] == "expire_hold":
                rules.expire(self._store, timer["id"], "waiting_for_capture", "expired_on_capture")
            else:
                rules.expire(self._store, timer["id"], "pending", "expired_on_confirmation")

    def _due_notices(self, db: sqlite3.Connection, now: float) -> list[int]:
        if not self._url:
            return []
        rows = db.execute(
            "SELECT id FROM notices WHERE state IN ('waiting', 'held') AND due <= ? ORDER BY due, id", (now,)
        )
        ids = [row["id"] for row in rows.fetchall()]
        db.executemany("UPDATE notices SET state = 'sending' WHERE id = ?", [(notice_id,) for notice_id in ids])
        return ids

    def _send(self, body: str) -> int:
        if not self._url:
            return 0
        try:
            answer = self._client.post(self._url, content=body.encode(), headers={"Content-Type": "application/json"})
        except httpx2.HTTPError:
            return 0
        return answer.status_code

    def _note(self, db: sqlite3.Connection, notice_id: int, status: int) -> None:
        """A delivered notice lets those of its payment held before it go: they arrive in the wrong order. A refused one is
        tried again."""
        notice = db.execute("SELECT payment_id, attempts FROM notices WHERE id = ?", (notice_id,)).fetchone()
        if notice is None:
            return
        now = self._store.now()
        if status == 200:
            state, due = "delivered", now
            held = "UPDATE notices SET due = ? WHERE state = 'held' AND payment_id = ? AND id < ?"
            db.execute(held, (now, notice["payment_id"], notice_id))
        else:
            pause = RETRY_AFTER[min(notice["attempts"], len(RETRY_AFTER) - 1)]
            state, due = "waiting" if notice["attempts"] * RETRY_AFTER[-1] < GIVE_UP_AFTER else "given_up", now + pause
        db.execute(
            "UPDATE notices SET state = ?, due = ?, attempts = attempts + 1, answer = ? WHERE id = ?",
            (state, due, status, notice_id),
        )
