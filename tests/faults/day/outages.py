"""What a portal lives with, and what is killed: a CRM, an ERP, a mail server, a worker. Each comes back with what it had."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, RLock
from typing import Any, Protocol

from lkportal.notify.post.mailbox import serving
from lkportal.testing.systems.bitrix24 import FakeBitrix24
from lkportal.testing.systems.fake import FakeSystem
from lkportal.testing.systems.onec import FakeOneC
from tests.faults import working

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["lkportal.testing.warm"])
_SECONDS = 20


class Mortal(Protocol):
    """What can be killed and started again."""

    def live(self) -> None: ...
    def die(self) -> None: ...


@dataclass
class Forked:
    """A process: `target` of a module, with what it gets. It is killed as a machine that loses power kills."""

    target: Callable[..., None]
    args: tuple[Any, ...]
    process: BaseProcess | None = None

    @property
    def pid(self) -> int:
        """The number of the process; 0 while there is none."""
        return (self.process.pid or 0) if self.process else 0

    def live(self) -> None:
        """Start it."""
        self.process = _FORKS.Process(target=self.target, args=self.args, daemon=True)
        self.process.start()

    def die(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.join(_SECONDS)

    def leave(self) -> None:
        """Ask it to end, and wait for what it has begun."""
        if self.process is not None:
            self.process.terminate()
            self.process.join(_SECONDS)


def deliver(folder: str, port: int) -> None:
    """Be a mail server that puts every letter into a folder."""
    with serving(Path(folder), port=port):
        Event().wait()


@dataclass
class Systems:
    """All four; `alive` are those that live, `killed` how often each was killed."""

    crm: FakeBitrix24
    erp: FakeOneC
    post: Forked
    worker: Forked
    alive: set[str] = field(default_factory=set)
    killed: Counter[str] = field(default_factory=Counter)
    lock: RLock = field(default_factory=RLock)

    @property
    def named(self) -> Mapping[str, Mortal]:
        """The systems by name."""
        return {"crm": self.crm, "erp": self.erp, "post": self.post, "worker": self.worker}

    def kill(self, name: str) -> None:
        """Kill one that lives; the call it is doing is done there, and its answer never comes."""
        with self.lock:
            if name in self.alive:
                system = self.named[name]
                if isinstance(system, FakeSystem):
                    system.mishap("lost")
                system.die()
                self.alive.discard(name)
                self.killed[name] += 1

    def revive(self, name: str) -> None:
        """Start one that is dead."""
        with self.lock:
            if name not in self.alive:
                self.named[name].live()
                self.alive.add(name)

    def end(self) -> None:
        """Stop them all."""
        self.worker.leave()
        for name in ("crm", "erp", "post"):
            self.named[name].die()
        self.alive.clear()


@contextmanager
def systems(folder: Path) -> Iterator[Systems]:
    """Yield the systems, all but the worker alive: `employ` one when there is a portal."""
    with ExitStack() as ending:
        letters = folder / "letters"
        letters.mkdir()
        post = Forked(deliver, (str(letters), free_port()))
        made = Systems(FakeBitrix24(), FakeOneC(), post, Forked(working.work, ()))
        ending.callback(made.end)
        for name in ("crm", "erp", "post"):
            made.revive(name)
        _await(post.args[1])
        yield made


def free_port() -> int:
    """Return a port of this machine that is free."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])


def _await(port: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("The mail server does not answer.")
