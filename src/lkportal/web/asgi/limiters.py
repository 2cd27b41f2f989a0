"""Limiters: how many requests of a kind are worked on at once, each kind on threads of its own. Who waits too long gets a 503."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from lkportal.core.contributions import Limiter as LimiterName
from lkportal.core.settings import WebTable
from lkportal.web.asgi.lines import NOBODY, Lines, Turn

T = TypeVar("T")
_QUEUE_PER_SLOT = 8
_SMALLEST_QUEUE = 64
_BEHIND = 10


class Full(Exception):
    """No slot came within the waiting limit, or too many wait already."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One piece of work for a thread; `give` returns its slot, `answer` waits for it in `loop`."""

    work: Callable[[], Any]
    context: Context
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    give: Callable[[], None]


_Tasks = SimpleQueue[_Task | None]


class Limiter:
    """`slots` threads, bounded lines before them, and a limit of `wait` seconds for waiting in one.

    A slot is given back when its thread is done, not when its visitor goes away: `busy` never lies. The threads are our own
    because an executor's future behind an asyncio future makes the hop twice as dear; they start when first needed.
    """

    def __init__(self, name: str, slots: int, wait: float, behind: int = 0) -> None:
        """`behind` is by how much its threads give way to those of other limiters when processors are short (see nice(2))."""
        self.name = name
        self.behind = behind
        self.slots = slots
        self.busy = 0
        self.threads: list[threading.Thread] = []
        self._wait = wait
        self._lines = Lines(max(_SMALLEST_QUEUE, slots * _QUEUE_PER_SLOT))
        self._lock = threading.Lock()
        self._tasks: _Tasks = SimpleQueue()
        self._closed = False
        weakref.finalize(self, _dismiss, self._tasks, self.threads)

    async def run(self, work: Callable[[], T], ahead: Mapping[str, int] = NOBODY) -> T:
        """Run `work` in a thread of this limiter, with the context of the caller. Raises Full.

        `ahead` is how many of each key may wait ahead of the others at once, for somebody we know; empty for all others.
        """
        await self._take(ahead)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._tasks.put(_Task(work, copy_context(), loop, answer, self._give))
        return await answer

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._lines)

    def close(self) -> None:
        """Take no more work and let the threads end; what is under way is finished."""
        with self._lock:
            self._closed = True
        _dismiss(self._tasks, self.threads)
        for thread in self.threads:
            thread.join()

    async def _take(self, ahead: Mapping[str, int]) -> None:
        with self._lock:
            if self._closed:
                raise Full
            if self.busy < self.slots:
                self.busy += 1
                if len(self.threads) < self.busy:
                    self._start_thread()
                return
            turn = self._lines.join(asyncio.get_running_loop().create_future(), ahead)
        if turn is None:
            raise Full
        try:
            await asyncio.wait_for(turn.come, self._wait)
        except TimeoutError:
            self._leave(turn)
            raise Full from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _start_thread(self) -> None:
        name = f"lkportal-{self.name}-{len(self.threads)}"
        thread = threading.Thread(target=_serve, args=(self._tasks, self.behind), name=name, daemon=True)
        thread.start()
        self.threads.append(thread)

    def _leave(self, turn: Turn) -> None:
        with self._lock:
            if self._lines.leave(turn):
                return
        self._give()  # the turn came in the same moment: pass it on

    def _give(self) -> None:
        with self._lock:
            turn = self._lines.following()
            if turn is None:
                self.busy -= 1
                return
        try:
            turn.come.get_loop().call_soon_threadsafe(_grant, turn.come)
        except RuntimeError:  # its event loop is closed: nobody waits there any more
            self._give()


def _serve(tasks: _Tasks, behind: int) -> None:
    """What a thread does: one task after another. It knows the queue only, so an abandoned limiter can be let go."""
    _give_way(behind)
    while True:
        task = tasks.get()
        if task is None:
            return
        result: Any = None
        failure: BaseException | None = None
        try:
            result = task.context.run(task.work)
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to who waits for the answer
            failure = error
        task.give()
        try:
            task.loop.call_soon_threadsafe(_settle, task.answer, result, failure)
        except RuntimeError:  # the event loop is closed: the answer has no reader
            pass
        del task, result, failure


def _give_way(behind: int) -> None:
    """Let this thread wait for a processor behind others. Linux counts that by thread; elsewhere, and where it may not be, it stays."""
    if behind and sys.platform == "linux":
        with suppress(OSError):
            mine = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(mine + behind, 19))


def _settle(answer: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
    if answer.done():
        return
    if failure is None:
        answer.set_result(result)
    else:
        answer.set_exception(failure)


def _dismiss(tasks: _Tasks, threads: list[threading.Thread]) -> None:
    for _ in threads:
        tasks.put(None)


def _grant(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


def limiters(settings: WebTable) -> Mapping[LimiterName, Limiter]:
    """Return the limiters of one portal. The database pool must hold the sum of their slots."""
    wait = settings.queue_seconds
    return {
        "web": Limiter("web", settings.web_slots, wait),
        "slow": Limiter("slow", settings.slow_slots, wait),
        # A flood of sign-ins keeps processors busy with hashes: pages do not wait for it.
        "hash": Limiter("hash", settings.hash_slots, wait, _BEHIND),
        "files": Limiter("files", settings.files_slots, wait),
        "papers": Limiter("papers", settings.papers_slots, wait),
    }
