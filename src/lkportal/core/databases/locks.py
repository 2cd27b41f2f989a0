"""The fair write lock of a SQLite file: a queue of threads inside the process, a gate file between processes.
PostgreSQL needs none of this. Who takes the lock is db."""

from __future__ import annotations

import os
import sys
from collections import deque
from pathlib import Path
from threading import Lock

if sys.platform != "win32":
    import fcntl


class FairLock:
    """A lock that is given in the order of asking: nobody overtakes, so nobody starves."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._held = False
        self._queue: deque[Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for the turn at most `timeout` seconds; return whether it came."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = Lock()
            turn.acquire()
            self._queue.append(turn)
        return turn.acquire(timeout=timeout) or not self._gave_up(turn)

    def release(self) -> None:
        """Hand the lock to the next in the queue, or leave it free."""
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False

    def _gave_up(self, turn: Lock) -> bool:
        # The turn may have come between the end of waiting and this guard: then the lock is ours after all.
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                return True
            return False


class Gate:
    """A gate between processes that write the same file: only the one inside may ask SQLite for its write lock.

    SQLite's own waiting sleeps and retries, so a busy process starves another for seconds. With the gate the process
    that waits is the only one asking, and a process that has just written queues behind it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def enter(self) -> None:
        """Wait until no other process is asking for the write lock."""
        if sys.platform != "win32":
            if self._handle is None:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Let the next process ask."""
        if sys.platform != "win32" and self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back to the system."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
