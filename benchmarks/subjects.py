"""The subjects as processes: started on core 0, asked what they spent, stopped. The load runs on core 1, beside PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.load import Result
from benchmarks.places import BUILD, ROOT

SERVER_CORE, LOAD_CORE = 0, min(1, (os.cpu_count() or 1) - 1)
NAMES = ("lkportal", "django", "django_frag", "floor")
_COOKIES = {"django": "sessionid", "django_frag": "sessionid"}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under measurement."""

    name: str
    port: int
    process: psutil.Process

    @property
    def cookie(self) -> str:
        """The cookie by which it knows who is signed in."""
        return _COOKIES.get(self.name, "lk_session")

    def cpu_seconds(self) -> float:
        """Return the processor time spent so far by the server and its workers."""
        return sum(cpu_of(process.pid) for process in self._all())

    def memory_mb(self) -> float:
        """Return the anonymous memory of the server and its workers: mapped files are not counted."""
        return sum(_anonymous_kb(process.pid) for process in self._all()) / 1024

    def load(self, seconds: float, connections: int = 16, rate: float = 0, page: str = "dashboard") -> Result:
        """Let the load ask for `seconds`; see load."""
        arguments = (str(self.port), self.cookie, str(seconds), str(connections), str(rate), page)
        return Result(**json.loads(_said([sys.executable, "-m", "benchmarks.load", *arguments])))

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def running(
    name: str, url: str, sandbox: str = "http://127.0.0.1:9", *, pinned: bool = True, works: bool = True
) -> Iterator[Subject]:
    """Serve a subject over the database at `url` until the block ends, on its core alone unless it is not `pinned`. Where it does not
    `work`, jobs and schedules run elsewhere, as with a worker of its own: what is measured are the answers alone."""
    port = _free_port()
    if name.startswith("django"):
        gunicorn = [
            "gunicorn",
            "benchmarks.django_site.wsgi",
            "--worker-class",
            "gthread",
            "--threads",
            "4",
            "--workers",
            "1",
        ]
        command = [
            sys.executable,
            "-m",
            *gunicorn,
            "--keep-alive",
            "15",
            "--bind",
            f"127.0.0.1:{port}",
            "--log-level",
            "warning",
        ]
    else:
        command = [sys.executable, "-m", "benchmarks.serve", name, url, str(port), sandbox]
    renderer = "frag" if name == "django_frag" else "django"
    log = BUILD / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _on_core(SERVER_CORE, command) if pinned else command,
            cwd=ROOT,
            env=environment(
                BENCH_DATABASE=url,
                BENCH_RENDERER=renderer,
                DJANGO_SETTINGS_MODULE="benchmarks.django_site.settings",
                LKPORTAL_JOBS__IN_WEB=str(works).lower(),
            ),
            stdout=output,
            stderr=output,
        )
        try:
            _wait(process, port, log)
            yield Subject(name, port, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(30)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a child that finds the benchmarks and the portal."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    return {**os.environ, "PYTHONPATH": paths, **more}


def _said(command: list[str]) -> str:
    pinned = _on_core(LOAD_CORE, command)
    return subprocess.run(pinned, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True).stdout


def _on_core(core: int, command: list[str]) -> list[str]:
    """Return the command that runs on one core, where the system can say so."""
    return ["taskset", "-c", str(core), *command] if shutil.which("taskset") else command


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"The server did not start:\n{log.read_text()[-3000:]}")
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server did not answer within a minute:\n{log.read_text()[-3000:]}")


def cpu_of(pid: int) -> float:
    """Return the processor seconds that a process has spent so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _anonymous_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon")), 0)
