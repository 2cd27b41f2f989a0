"""Live streams: pages that hear at once that something changed (server-sent events). A stream holds neither a thread nor a connection
to the database: one poller per process and watch looks for all of them. It tells that something changed, never what: the page asks
for it by a request of its own, where rights are judged anew."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from lkportal.web.cookies import SESSION, read_cookie
from lkportal.web.request import Request

MOST = 5_000
"""Streams of one process."""
PAUSE, BEAT, LONGEST = 0.25, 25.0, 300.0
"""Seconds between two looks, between two signs of life, until a stream ends and its page opens another."""
_RECENT = 5.0
_OPENED = b"retry: 3000\n\n"
_CHANGED = b"event: changed\ndata: 1\n\n"
_REPLACED = b"event: replaced\ndata: 1\n\n"
_ALIVE = b": \n\n"


class Watch(Protocol):
    """What a module looks at for its streams. One object per portal; only the poller calls it, never twice at once."""

    def changed(self, connection: Connection) -> Iterable[str]:
        """Return the topics that changed since the last call, the first time none. One cheap statement: it is asked four times a second
        while anybody listens."""
        ...


@dataclass(eq=False, slots=True)
class _Stream:
    """One open stream. `replaced` is set when the same browser opened another."""

    topic: str
    browser: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    changed: bool = False
    replaced: bool = False
    over: bool = False


class Streams:
    """The open streams of a process."""

    def __init__(self, database: Any, log: Any) -> None:
        self._database = database
        self._log = log
        self._browsers: dict[str, _Stream] = {}
        self._rooms: dict[Watch, dict[str, set[_Stream]]] = {}
        self._pollers: dict[Watch, asyncio.Task[None]] = {}
        self._recent: dict[tuple[Watch, str], float] = {}
        self._count = 0
        self._closed = False

    def __len__(self) -> int:
        return self._count

    def answer(self, request: Request, watch: Watch, topic: str, *, changed: bool = False) -> Response:
        """Answer with a stream that tells when `topic` of `watch` changed; `changed` says so at once.

        Whoever does not ask for a stream gets an empty answer; too many streams get 503: the page stays as it is.
        """
        if request.method != "GET" or "text/event-stream" not in request.headers.get("accept", ""):
            return Response(status_code=204)
        if self._count >= MOST or self._closed:
            return Response(status_code=503, headers={"retry-after": "60"})
        browser = read_cookie(request, request.site, SESSION)
        return _Answer(self, watch, _Stream(topic, browser, changed=changed))

    def close(self) -> None:
        """End all streams: the process stops. Safe from any thread."""
        self._closed = True
        for rooms in list(self._rooms.values()):
            for stream in [each for room in rooms.values() for each in room]:
                stream.over = True

    def enter(self, watch: Watch, stream: _Stream) -> None:
        """Let a stream in; another one of the same browser ends."""
        before = self._browsers.get(stream.browser) if stream.browser else None
        if before is not None:
            before.replaced = True
            before.woken.set()
        if stream.browser:
            self._browsers[stream.browser] = stream
        self._rooms.setdefault(watch, defaultdict(set))[stream.topic].add(stream)
        self._count += 1
        # What changed between the endpoint's own look and now was told to those who were in already.
        stream.changed = stream.changed or (watch, stream.topic) in self._recent
        poller = self._pollers.get(watch)
        if poller is None or poller.done() or poller.get_loop() is not asyncio.get_running_loop():
            self._pollers[watch] = asyncio.create_task(self._poll(watch))

    def leave(self, watch: Watch, stream: _Stream) -> None:
        """Let a stream go."""
        self._count -= 1
        rooms = self._rooms[watch]
        rooms[stream.topic].discard(stream)
        if not rooms[stream.topic]:
            del rooms[stream.topic]
        if self._browsers.get(stream.browser) is stream:
            del self._browsers[stream.browser]

    async def _poll(self, watch: Watch) -> None:
        """Look for all streams of a watch until none is open."""
        limiter, pause, first = anyio.CapacityLimiter(1), PAUSE, True
        while (rooms := self._rooms.get(watch)) and not self._closed:
            try:
                changed = await anyio.to_thread.run_sync(self._look, watch, limiter=limiter)
                pause = PAUSE
            except Exception as error:  # noqa: BLE001 - a database that is away for a while ends no stream
                self._log.warning("stream_look_failed", error=type(error).__name__)
                changed, pause = [], min(pause * 2, 10.0)
            if first and pause == PAUSE:
                first, changed = (
                    False,
                    list(rooms),
                )  # the first look only learns where to begin: nobody is sure to be up to date
            self._tell(watch, rooms, changed)
            await asyncio.sleep(pause)
        self._rooms.pop(watch, None)
        for stream in [each for room in (rooms or {}).values() for each in room]:
            stream.over = True
            stream.woken.set()

    def _tell(self, watch: Watch, rooms: dict[str, set[_Stream]], changed: Iterable[str]) -> None:
        moment = asyncio.get_running_loop().time()
        self._recent = {key: since for key, since in self._recent.items() if moment - since < _RECENT}
        for topic in changed:
            self._recent[watch, topic] = moment
            for stream in rooms.get(topic, ()):
                stream.changed = True
                stream.woken.set()

    def _look(self, watch: Watch) -> list[str]:
        with self._database.reading() as connection:
            return list(watch.changed(connection))


class _Answer(StreamingResponse):
    """The answer of a stream: sent by the event loop alone."""

    def __init__(self, streams: Streams, watch: Watch, stream: _Stream) -> None:
        super().__init__(iter(()), media_type="text/event-stream")
        self.headers["cache-control"] = "no-store"
        self.headers["x-accel-buffering"] = "no"
        self._streams, self._watch, self._stream = streams, watch, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what happens until the browser leaves or the time is over."""
        stream = self._stream
        self._streams.enter(self._watch, stream)
        gone = asyncio.create_task(_left(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": _OPENED, "more_body": True})
            await _told(stream, send)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            pass  # the browser left while it was being told
        finally:
            gone.cancel()
            self._streams.leave(self._watch, stream)


async def _told(stream: _Stream, send: Send) -> None:
    loop = asyncio.get_running_loop()
    # Streams that were opened together do not all come back together.
    ends = loop.time() + LONGEST * random.uniform(0.8, 1.0)  # noqa: S311 - spreads load, hides nothing
    while not stream.over:
        if stream.changed:
            stream.changed = False
            await send({"type": "http.response.body", "body": _CHANGED, "more_body": True})
        if stream.replaced:
            await send({"type": "http.response.body", "body": _REPLACED, "more_body": True})
            return
        left = ends - loop.time()
        if left <= 0:
            return
        stream.woken.clear()
        try:
            await asyncio.wait_for(stream.woken.wait(), min(BEAT, left))
        except TimeoutError:
            await send({"type": "http.response.body", "body": _ALIVE, "more_body": True})


async def _left(receive: Receive, stream: _Stream) -> None:
    """Wait until the browser is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.over = True
    stream.woken.set()
