"""The load: keep-alive connections that ask for a page of the signed-in, in a process of its own on the other core.

`python -m benchmarks.load PORT COOKIE SECONDS CONNECTIONS RATE PAGE` prints one JSON line. RATE 0 is the closed loop: every connection
asks again as soon as it is answered. Above 0 it is the open loop: so many requests a second are due, evenly, and the time of one
counts from the moment it was due, so that a server that falls behind cannot hide it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from dataclasses import asdict, dataclass
from itertools import cycle
from time import perf_counter
from typing import Protocol

from benchmarks.visitors import asking


@dataclass(frozen=True, slots=True)
class Result:
    """What a round measured: answers, those that were not a 200, seconds, and the time of an answer in milliseconds."""

    answers: int
    failures: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def rps(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class Round:
    """One round on its connections."""

    def __init__(self, requests: list[bytes], rate: float) -> None:
        self._requests = cycle(requests)
        self._rate = rate
        self._times: list[float] = []
        self._failures = 0
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._until = 0.0

    async def run(self, port: int, connections: int, seconds: float) -> Result:
        """Ask for `seconds` and return what was measured."""
        loop = asyncio.get_running_loop()
        opened = [await loop.create_connection(lambda: Connection(self), "127.0.0.1", port) for _ in range(connections)]
        began = perf_counter()
        self._until = began + seconds
        if self._rate:
            self._idle.extend(protocol for _, protocol in opened)
            await self._in_time(began)
        else:
            for _, protocol in opened:
                protocol.ask(next(self._requests), perf_counter())
            await asyncio.sleep(seconds)
        took = perf_counter() - began
        for transport, _ in opened:
            transport.close()
        times = sorted(self._times)
        shares = [round(times[int(len(times) * share)] * 1000, 2) if times else 0.0 for share in (0.5, 0.95, 0.99)]
        return Result(len(times), self._failures, took, *shares)

    def answered(self, connection: Connection, asked: float, good: bool) -> None:
        """Note an answer and give the connection its next request."""
        now = perf_counter()
        self._times.append(now - asked)
        self._failures += not good
        if self._due:
            connection.ask(next(self._requests), self._due.popleft())
        elif self._rate:
            self._idle.append(connection)
        elif now < self._until:
            connection.ask(next(self._requests), now)

    async def _in_time(self, began: float) -> None:
        number = 0
        while (now := perf_counter()) < self._until:
            while began + number / self._rate <= now:
                due = began + number / self._rate
                number += 1
                if self._idle:
                    self._idle.popleft().ask(next(self._requests), due)
                else:
                    self._due.append(due)
            await asyncio.sleep(0.0005)


class Asker(Protocol):
    """Whoever gives a connection its requests."""

    def answered(self, connection: Connection, asked: float, good: bool) -> None:
        """Note an answer and give the connection its next request."""
        ...


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection that reads whole answers by their content-length; good ones have one of the statuses `good`."""

    def __init__(self, owner: Asker, good: tuple[bytes, ...] = (b"HTTP/1.1 200",)) -> None:
        self._owner = owner
        self._statuses = good
        self._asked = 0.0
        self._head = b""
        self._left = -1
        self._good = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, request: bytes, asked: float) -> None:
        """Send a request that was due at `asked`."""
        self._asked = asked
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._good = head.startswith(self._statuses)
            self._left = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]) - len(body)
            self._head = b""
        else:
            self._left -= len(data)
        if self._left == 0:
            self._left = -1
            self._owner.answered(self, self._asked, self._good)


def requests(port: int, cookie: str, page: str) -> list[bytes]:
    """Return the requests of everybody who is signed in for a page; `cookie` names the cookie a subject knows them by."""
    made = []
    for visitor, path in asking(page):
        value = visitor.token if cookie == "lk_session" else visitor.django
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Cookie: {cookie}={value}",
            "Accept: text/html",
        )
        made.append("\r\n".join((*lines, "", "")).encode())
    return made


if __name__ == "__main__":
    port, cookie, seconds, connections, rate, page = sys.argv[1:]
    round_ = Round(requests(int(port), cookie, page), float(rate))
    print(json.dumps(asdict(asyncio.run(round_.run(int(port), int(connections), float(seconds))))))
