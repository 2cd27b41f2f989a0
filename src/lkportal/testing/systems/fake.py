"""What fakes of other systems share: a server on a port that stays the same when it dies and comes back, and moods: answers lost,
late, wrong, refused, limited."""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Mood = Literal["lost", "slow", "error", "garbage", "down", "limited", "refuse"]
"""lost: does it, never answers. slow: does it, answers when nobody waits any more. error: does it, answers 500. garbage: does it,
answers what makes no sense. down: 503, undone. limited: its own way to say "too many calls". refuse: its own way to say no."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a fake was asked: `path` without the query, decoded; `body` is its JSON, {} when there is none."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fake answers: JSON, or a text as it is."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class FakeSystem(ABC):
    """Another system. `answer(call)` does a call; moods planned by `mishap` meet the next calls that change something there."""

    slow_seconds = 1.5

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.calls: list[Call] = []
        self._moods: list[Mood] = []
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """Where it listens, also while it is dead."""
        return f"http://127.0.0.1:{self._port}"

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """Do a call."""

    @abstractmethod
    def changes(self, call: Call) -> bool:
        """Whether a call changes something."""

    @abstractmethod
    def told(self) -> int:
        """Return how many things it holds that the portal told."""

    @abstractmethod
    def limited(self) -> Answer:
        """Return how it says "too many calls"."""

    @abstractmethod
    def refusal(self) -> Answer:
        """Return how it says no to what it was told."""

    def mishap(self, mood: Mood, times: int = 1) -> None:
        """Let the next calls that change something go wrong."""
        with self.lock:
            self._moods += [mood] * times

    def live(self) -> None:
        """Listen, at the address it had before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def die(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def handle(self, call: Call) -> Answer | None:
        """Do a call in the mood planned for it; None is an answer that never comes."""
        with self.lock:
            self.calls.append(call)
            mood = self._moods.pop(0) if self._moods and self.changes(call) else None
            if mood == "down":
                return Answer({}, 503)
            if mood == "limited":
                return self.limited()
            if mood == "refuse":
                return self.refusal()
            answer = self.answer(call)
        if mood == "slow":
            time.sleep(self.slow_seconds)
        if mood == "error":
            return Answer({}, 500)
        if mood == "lost":
            return None
        return Answer("<html>Мы скоро вернёмся", 200) if mood == "garbage" else answer


@contextmanager
def alive(system: FakeSystem) -> Iterator[FakeSystem]:
    """Let a system live until the block ends."""
    system.live()
    try:
        yield system
    finally:
        system.die()


def _handler(system: FakeSystem) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer's body waits 40 ms for the caller to acknowledge its head

        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def do_PATCH(self) -> None:
            self._do()

        def _do(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = system.handle(_call(self, content))
            if answer is None:
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body, ensure_ascii=False)
            try:
                self._say(answer, body.encode())
            except OSError:
                self.close_connection = True  # nobody waits for it any more

        def _say(self, answer: Answer, body: bytes) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


def _call(handler: BaseHTTPRequestHandler, content: bytes) -> Call:
    parts = urlsplit(handler.path)
    try:
        body = json.loads(content) if content else {}
    except ValueError:
        body = content.decode("utf-8", "replace")
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Call(handler.command, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)
