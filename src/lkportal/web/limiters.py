"""Limiters: how many requests of a kind are worked on at once, each kind on threads of its own. Who waits too long gets a 503."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock
from typing import TypeVar

from lkportal.core.contributions import Limiter as LimiterName
from lkportal.core.settings import WebTable

T = TypeVar("T")
_QUEUE_PER_SLOT = 8
_SMALLEST_QUEUE = 64


class Full(Exception):
    """No slot came within the waiting limit, or too many wait already."""


class Limiter:
    """`slots` threads, a bounded queue before them, and a limit of `wait` seconds for waiting in it.

    A slot is given back when its thread is done, not when its visitor goes away: `busy` never lies.
    """

    def __init__(self, name: str, slots: int, wait: float) -> None:
        self.name = name
        self.slots = slots
        self.busy = 0
        self._wait = wait
        self._queue = max(_SMALLEST_QUEUE, slots * _QUEUE_PER_SLOT)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix=f"lkportal-{name}")

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread of this limiter, with the context of the caller. Raises Full."""
        await self._take()
        try:
            future = self._threads.submit(copy_context().run, work)
        except RuntimeError:  # shutting down
            self._give()
            raise Full from None
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._waiting)

    def close(self) -> None:
        """Let the threads end; work under way is finished."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _take(self) -> None:
        with self._lock:
            if self.busy < self.slots:
                self.busy += 1
                return
            if len(self._waiting) >= self._queue:
                raise Full
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
        try:
            await asyncio.wait_for(turn, self._wait)
        except TimeoutError:
            self._leave(turn)
            raise Full from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[None]) -> None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._give()  # the turn came in the same moment: pass it on

    def _done(self, _future: Future[T]) -> None:
        self._give()

    def _give(self) -> None:
        with self._lock:
            if not self._waiting:
                self.busy -= 1
                return
            turn = self._waiting.popleft()
        try:
            turn.get_loop().call_soon_threadsafe(_grant, turn)
        except RuntimeError:  # its event loop is closed: nobody waits there any more
            self._give()


def _grant(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


def limiters(settings: WebTable) -> Mapping[LimiterName, Limiter]:
    """Return the limiters of one portal. The database pool must hold the sum of their slots."""
    wait = settings.queue_seconds
    return {
        "web": Limiter("web", settings.web_slots, wait),
        "slow": Limiter("slow", settings.slow_slots, wait),
        "hash": Limiter("hash", settings.hash_slots, wait),
        "files": Limiter("files", settings.files_slots, wait),
    }
