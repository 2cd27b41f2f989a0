"""A thousand open threads on one process: how long a message takes to the screens that show its request, and what the streams hold meanwhile.

`python -m benchmarks.streams` measures alone, on a database of its own; `python -m benchmarks.streams serve URL PORT FOLDER` is the server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.places import ROOT
from benchmarks.subjects import environment
from lkportal import create_app
from lkportal.app import Portal
from lkportal.auth import sessions
from lkportal.auth.settings import AuthSettings
from lkportal.cli.serve import run_server
from lkportal.core.clock import SystemClock
from lkportal.core.ids import public_id
from lkportal.core.migrating import migrate
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import open_unit
from lkportal.modules.tickets import service
from lkportal.testing.portals import settings
from lkportal.testing.world import World

STREAMS, MESSAGES, PAUSE = 1_000, 200, 0.1
"""Streams that are open at once, each of a person and a request of their own; messages written, seconds between them."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an open request: account, ticket, the session of their browser."""

    account: AccountRef
    ticket: str
    session: str


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds from a committed message until its request was fetched anew, sorted; threads and memory of the server before the streams
    and with them."""

    waits: list[float]
    threads: tuple[int, int]
    memory_mb: tuple[float, float]
    lost: int

    @property
    def p95(self) -> float:
        """The goal is a second at most."""
        return self.waits[int(len(self.waits) * 0.95)] if self.waits else float("inf")

    @property
    def holds(self) -> bool:
        """Whether the goals are reached: no message lost, and idle streams hold no thread."""
        return self.p95 <= 1 and not self.lost and self.threads[1] - self.threads[0] < 10

    def line(self) -> str:
        """Return what was found in words."""
        middle = self.waits[len(self.waits) // 2] if self.waits else float("inf")
        return (
            f"{STREAMS} open streams: message to screen p50 {middle * 1000:.0f} ms, p95 {self.p95 * 1000:.0f} ms (goal <= 1000), lost {self.lost};"
            f" threads {self.threads[0]} -> {self.threads[1]}, memory {self.memory_mb[0]:.0f} -> {self.memory_mb[1]:.0f} MB"
        )


def measure() -> Found:
    """Measure on a fresh database: the server is a process, its streams and fetches come over real sockets."""
    with tempfile.TemporaryDirectory(prefix="lkportal-streams-") as folder:
        url = f"sqlite:///{folder}/portal.db"
        portal = made(url, folder)
        migrate.upgrade(portal.database, portal.known)
        portal.start(in_web=False)
        readers = [_reader(portal, number) for number in range(STREAMS)]
        with _running(url, folder) as (port, process):
            return asyncio.run(_listened(portal, readers, port, process))


def made(url: str, folder: str) -> Portal:
    """Return the portal of this bench."""
    more = {"modules": {"enabled": ["tickets"]}, "portal": {"public_url": "http://127.0.0.1"}}
    return create_app(overrides=settings(url, folder, more), clock=SystemClock())


def _reader(portal: Portal, number: int) -> Reader:
    world = World(portal.database, SystemClock(), portal.ports)  # type: ignore[arg-type]
    account = world.account(f"{number:010}")
    who = world.customer(f"p{number}@example.org", account)
    with open_unit(portal.database, portal.unit_context("bench")) as db:
        draft = service.Draft("tickets.other", "A question", "A question", public_id())
        ticket = service.ask(db, account, who.id or 0, draft)[0].public_id
        session = sessions.begin(db, who.id or 0, who.kind, sessions.Origin(), AuthSettings())
    return Reader(account, ticket, session.token)


async def _listened(portal: Portal, readers: list[Reader], port: int, process: psutil.Process) -> Found:
    # The threads that serve pages are all there before the streams are: what comes on top is theirs.
    await asyncio.gather(*(_fetch(reader, port) for reader in readers[:100]))
    before = process.num_threads(), process.memory_info().rss / 1e6
    sent: dict[str, float] = {}
    waits: list[float] = []
    heard = [asyncio.Event() for _ in readers]
    tasks = []
    for reader, event in zip(readers, heard, strict=True):
        tasks.append(asyncio.create_task(_listen(reader, port, event, sent, waits)))
        await asyncio.sleep(0.005)
    await asyncio.gather(*(event.wait() for event in heard))
    await asyncio.sleep(3)  # the first look tells everybody once
    waits.clear()
    held = process.num_threads(), process.memory_info().rss / 1e6
    staff = World(portal.database, SystemClock(), portal.ports).staff("o@example.org", "operator")  # type: ignore[arg-type]
    for number in range(MESSAGES):
        reader = readers[number * 7 % len(readers)]
        await asyncio.to_thread(_answer, portal, reader, staff)
        sent[reader.ticket] = time.perf_counter()
        await asyncio.sleep(PAUSE)
    await asyncio.sleep(3)
    for task in tasks:
        task.cancel()
    return Found(sorted(waits), (before[0], held[0]), (before[1], held[1]), len(sent))


def _answer(portal: Portal, reader: Reader, staff: Actor) -> None:
    with open_unit(portal.database, portal.unit_context("bench")) as db:
        service.answer(db, reader.account, reader.ticket, staff.id, service.Words("An answer", public_id()))


async def _listen(reader: Reader, port: int, ready: asyncio.Event, sent: dict[str, float], waits: list[float]) -> None:
    """Be a browser: hear that the request changed, fetch it, note how long that took."""
    stream, peer = await asyncio.open_connection("127.0.0.1", port)
    peer.write(_request(f"{_page(reader)}/live?seen=", reader, "text/event-stream"))
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while line := await stream.readline():
            if line.startswith(b"retry"):
                ready.set()
            if not line.startswith(b"event: changed"):
                continue
            body = await _fetch(reader, port)
            if reader.ticket in sent and b"An answer" in body:
                waits.append(time.perf_counter() - sent.pop(reader.ticket))


async def _fetch(reader: Reader, port: int) -> bytes:
    answer, asking = await asyncio.open_connection("127.0.0.1", port)
    asking.write(_request(f"{_page(reader)}/now", reader, "text/html"))
    body = await answer.read()
    asking.close()
    return body


def _page(reader: Reader) -> str:
    return f"/tickets/{reader.account.public_id}/{reader.ticket}"


def _request(path: str, reader: Reader, accept: str) -> bytes:
    close = "" if accept == "text/event-stream" else "Connection: close\r\n"
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nAccept-Encoding: identity\r\n"
        f"Cookie: lk_session={reader.session}\r\n{close}\r\n"
    ).encode()


@contextmanager
def _running(url: str, folder: str) -> Iterator[tuple[int, psutil.Process]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks.streams", "serve", url, str(port), folder]
    with (Path(folder) / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=log, stderr=log)
        try:
            _wait(port)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("The server of the streams did not start.")


def main(arguments: list[str]) -> Any:
    """Serve, or measure and tell."""
    if arguments[:1] == ["serve"]:
        return run_server(made(arguments[1], arguments[3]), "127.0.0.1", int(arguments[2]))
    found = measure()
    print(found.line())
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
