"""Portals as real processes that share one port and one database, and can be killed: `python -m tests.faults.processes FILE`
serves the portal whose settings FILE holds."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from lkportal.app import create_app
from tests.faults.fast_clock import FastClock

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass(slots=True)
class Served:
    """A process that serves a portal. `own` is the address that only it answers at."""

    process: subprocess.Popen[str]
    own: str

    def kill(self) -> None:
        """End it the hard way, as a machine that loses power does."""
        self.process.kill()
        self.process.wait()
        self.stop()

    def stop(self) -> None:
        """Ask it to end, and wait for the requests and jobs it has begun."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def shared_port() -> Iterator[int]:
    """Yield a free port that several processes may listen on: the system spreads connections over them."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def serve(
    overrides: Mapping[str, Any], port: int, folder: Path, file: Path | None = None, clock: Path | None = None
) -> Served:
    """Start a process that serves the portal of `overrides` on `port` and on a port of its own, and wait until it answers.

    `file` is a settings file that the overrides are laid on, `clock` that of a FastClock.
    """
    settings = str(file) if file else None
    wish = folder / f"serve-{time.monotonic_ns()}.json"
    asked = {"overrides": overrides, "port": port, "settings": settings, "clock": str(clock) if clock else None}
    wish.write_text(json.dumps(asked), "utf-8")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    command = [sys.executable, "-m", "tests.faults.processes", str(wish)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address, "The portal did not start; what it said stands above."
    served = Served(process, address)
    _await(served)
    return served


@contextmanager
def several(
    overrides: Mapping[str, Any], port: int, folder: Path, count: int, clock: Path | None = None
) -> Iterator[list[Served]]:
    """Serve one portal by `count` processes; those in the list at the end of the block are stopped."""
    made: list[Served] = []
    try:
        made.extend(serve(overrides, port, folder, clock=clock) for _ in range(count))
        yield made
    finally:
        for each in made:
            each.stop()


def _await(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx2.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < deadline:
            try:
                if client.get(f"{served.own}/health/live").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
    raise AssertionError("The portal does not answer.")


def _listener(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made


def main(file: str) -> None:
    """Serve until told to stop."""
    wish = json.loads(Path(file).read_text("utf-8"))
    shared, own = _listener(wish["port"]), _listener(0)
    config = uvicorn.Config(
        create_app(
            wish["settings"] and Path(wish["settings"]),
            overrides=wish["overrides"],
            clock=FastClock(Path(wish["clock"])) if wish["clock"] else None,
        ),
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    sys.stdout.write(f"http://127.0.0.1:{own.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[shared, own])


if __name__ == "__main__":
    main(sys.argv[1])
