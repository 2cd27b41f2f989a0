"""What fakes of real providers share: moods that go wrong once, a client that calls them without a network, a port for other processes."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

from lkportal.core import foreign
from lkportal.testing.providers.driver import Operation


class FakeApi(ABC):
    """An API in memory. `answer(request)` does a call, `operation(request)` says which of the suite's operations it is."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._moods: list[tuple[str, str, int]] = []

    @abstractmethod
    def operation(self, request: httpx2.Request) -> str:
        """Return the operation a call belongs to, or ""."""

    @abstractmethod
    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Do a call."""

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """Do a call in the mood planned for it."""
        with self.lock:
            mood, seconds = self._take(self.operation(request))
            if mood == "busy":
                return httpx2.Response(429, headers={"Retry-After": str(seconds)}, json={})
            answer = self.answer(request)
        if mood == "lost":
            raise httpx2.ReadTimeout("no answer in time", request=request)
        if mood == "error":
            return httpx2.Response(500, json={})
        return httpx2.Response(200, text='<html>{"id": ') if mood == "garbage" else answer

    def client(self) -> httpx2.Client:
        """Return the house's client, wired to this API without a network."""
        return foreign.client(timeout=5, transport=httpx2.MockTransport(self.handle))

    def lose_answer(self, operation: Operation) -> None:
        """Do the next call, never answer."""
        self._moods.append((operation, "lost", 0))

    def fail_after(self, operation: Operation) -> None:
        """Do the next call, answer 500."""
        self._moods.append((operation, "error", 0))

    def talk_nonsense(self, operation: Operation) -> None:
        """Do the next call, answer what is no JSON."""
        self._moods.append((operation, "garbage", 0))

    def be_busy(self, operation: Operation, seconds: int) -> None:
        """Answer 429 to the next call."""
        self._moods.append((operation, "busy", seconds))

    def _take(self, operation: str) -> tuple[str, int]:
        for place, (of, mood, seconds) in enumerate(self._moods):
            if of == operation:
                del self._moods[place]
                return mood, seconds
        return "", 0


@contextmanager
def served(handle: Callable[[httpx2.Request], httpx2.Response]) -> Iterator[str]:
    """Serve an API on a free port of this machine until the block ends; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(handle))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(handle: Callable[[httpx2.Request], httpx2.Response]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer's body waits 40 ms for the caller to acknowledge its head

        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def _do(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"http://{self.headers.get('Host', 'localhost')}{self.path}"
            request = httpx2.Request(self.command, url, headers=list(self.headers.items()), content=content)
            try:
                answer = handle(request)
            except httpx2.TimeoutException:
                self.close_connection = True
                return
            body = answer.read()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(body)))
            for name in ("Retry-After",):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler
