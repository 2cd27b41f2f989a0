"""The day of readings: everybody sends theirs at once. Submissions of three meters over HTTP to the portal and to Django, on both
databases: none lost, none doubled though every tenth is sent twice at once, what one costs, what pages of others notice.

`python -m benchmarks.day --submissions 100000` is the whole day; what `make bench` runs is a part of it. The processor's time is that of the
server: the worker that tells listeners runs elsewhere, PostgreSQL has the other core. What was written is taken back."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection as Rows
from sqlalchemy import create_engine, text

from benchmarks import load
from benchmarks.data import prepared, spread_postgres
from benchmarks.places import ROOT, SECRET
from benchmarks.subjects import Subject, environment, running
from benchmarks.visitors import visitors
from lkportal.web.trust.signing import Signing

CHEAPER, BESIDE = 4.0, 1.5
"""The goals: Django's processor time a submission over ours at least, p95 of other pages in the day over quiet at most."""
SUBMISSIONS, ROUNDS, EVERY, CONNECTIONS = 3_000, 3, 10, 16
PAGES, SENT_A_SECOND, SECONDS = 40.0, 40.0, 10.0
_STEP = 100
_EDGE = "lkportalbench"
_TABLES = ("readings_readings", "audit_records", "core_outbox")
_OF_VISITORS = (
    "SELECT m.account_id, r.public_id, r.last_milli FROM readings_registers r JOIN readings_meters m ON m.id = r.meter_id "
    "WHERE m.account_id IN (SELECT account_id FROM auth_sessions WHERE account_id IS NOT NULL) ORDER BY r.id"
)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run of submissions cost: milliseconds of the processor for each sending, and what was lost or doubled of it."""

    cpu_ms: float
    rate: float
    lost: int
    doubled: int
    failures: int


@dataclass(frozen=True, slots=True)
class Day:
    """One database: rounds of ours and of Django's, and pages of others in quiet and in the day."""

    database: str
    ours: list[Spent]
    theirs: list[Spent]
    quiet: load.Result
    busy: load.Result

    @property
    def ratio(self) -> float:
        """Django's processor time over ours, the median of the rounds."""
        return median(theirs.cpu_ms / ours.cpu_ms for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def beside(self) -> float:
        """p95 of other pages in the day over that in quiet."""
        return self.busy.p95_ms / self.quiet.p95_ms

    def lines(self) -> list[tuple[str, bool]]:
        """Return what was found in words, and whether each goal is reached."""
        lost = sum(each.lost + each.failures for each in self.ours)
        doubled = sum(each.doubled for each in self.ours)
        ours, theirs = median(each.cpu_ms for each in self.ours), median(each.cpu_ms for each in self.theirs)
        bad = sum(each.lost + each.doubled + each.failures for each in self.theirs)
        return [
            (f"{self.database}: of the day of readings {lost} lost, {doubled} doubled (goal 0; Django {bad})", lost + doubled == 0),
            (
                f"{self.database}: a submission takes {ours:.2f} ms of the processor, Django's {theirs:.2f}: "
                f"{self.ratio:.2f}x (goal >= {CHEAPER:g})",
                self.ratio >= CHEAPER,
            ),
            (
                f"{self.database}: while {SENT_A_SECOND:.0f} a second are sent, other pages p95 {self.busy.p95_ms:.1f} ms, in quiet "
                f"{self.quiet.p95_ms:.1f} ms: {self.beside:.2f}x (goal <= {BESIDE:g})",
                self.beside <= BESIDE,
            ),
        ]  # fmt: skip


def measure(database: str, url: str, submissions: int = SUBMISSIONS, rounds: int = ROUNDS) -> Day:
    """Measure one database, the two subjects in turn; afterwards it is as it was."""
    each = submissions // rounds
    ours: list[Spent] = []
    theirs: list[Spent] = []
    with running("lkportal", url, works=False) as portal, running("django", url) as django:
        for subject in (portal, django):
            _round(subject, url, 200)
        if database == "postgresql":
            spread_postgres(url)
        for _ in range(rounds):
            ours.append(_round(portal, url, each))
            theirs.append(_round(django, url, each))
        portal.load(2.0, rate=PAGES)
        quiet = portal.load(SECONDS, rate=PAGES)
        with _taken_back(url) as known, ThreadPoolExecutor(1) as threads:
            sending = threads.submit(_send, portal, known, int(SENT_A_SECOND * (SECONDS + 4)), SENT_A_SECOND)
            time.sleep(2.0)  # its process has started
            busy = portal.load(SECONDS, rate=PAGES)
            sending.result()
    return Day(database, ours, theirs, quiet, busy)


def lines(urls: dict[str, str], submissions: int = SUBMISSIONS, rounds: int = ROUNDS) -> Iterator[tuple[str, bool]]:
    """Yield what was found on each database in words, and whether each goal is reached."""
    for database, url in urls.items():
        yield from measure(database, url, submissions, rounds).lines()


def _round(subject: Subject, url: str, count: int) -> Spent:
    with _taken_back(url) as known:
        before = subject.cpu_seconds()
        told = _send(subject, known, count)
        spent = subject.cpu_seconds() - before
        with _opened(url) as connection:
            written, distinct = connection.execute(
                text("SELECT count(*), count(DISTINCT register_id || '/' || value_milli) FROM readings_readings WHERE id > :edge"),
                {"edge": known["edges"]["readings_readings"]},
            ).one()  # fmt: skip
    meters = 3 * count
    return Spent(
        spent / told["answers"] * 1000, told["answers"] / told["seconds"], meters - distinct, written - distinct,
        told["failures"],
    )  # fmt: skip


def _send(subject: Subject, known: dict[str, Any], count: int, rate: float = 0) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(known["registers"], file)
        file.flush()
        asked = [str(subject.port), subject.name, str(count), str(rate), file.name]
        command = [
            "taskset",
            "-c",
            str(min(1, (os.cpu_count() or 1) - 1)),
            sys.executable,
            "-m",
            "benchmarks.day",
            "--send",
            *asked,
        ]
        said = subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True).stdout  # fmt: skip
    found: dict[str, Any] = json.loads(said)
    return found


@contextmanager
def _opened(url: str) -> Iterator[Rows]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@contextmanager
def _taken_back(url: str) -> Iterator[dict[str, Any]]:
    """Give what the visitors' registers show; afterwards let go of what was written since, and set them back."""
    with _opened(url) as connection:
        edges = {
            table: connection.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one()
            for table in _TABLES
        }
        rows = connection.execute(text(_OF_VISITORS)).all()
        columns = "SELECT id, last_milli, last_on, last_period FROM readings_registers WHERE public_id = "
        kept = [connection.execute(text(columns + ":key"), {"key": row.public_id}).one()._asdict() for row in rows]
    registers: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        registers.setdefault(row.account_id, []).append((row.public_id, int(row.last_milli)))
    yield {"edges": edges, "registers": registers}
    with _opened(url) as connection:
        for table in _TABLES:
            connection.execute(text(f"DELETE FROM {table} WHERE id > :edge"), {"edge": edges[table]})
        back = "UPDATE readings_registers SET last_milli = :last_milli, last_on = :last_on, last_period = :last_period WHERE id = :id"
        connection.execute(text(back), kept)


class Pouring:
    """The sending process: each request once, in turn, as fast as answered or so many a second."""

    def __init__(self, requests: Iterator[bytes], rate: float) -> None:
        self._requests = requests
        self._rate = rate
        self._began = 0.0
        self._asked = self.answers = self.failures = 0
        self._open = 0
        self._done = asyncio.Event()

    async def run(self, port: int) -> dict[str, Any]:
        """Send everything and return what was answered."""
        loop = asyncio.get_running_loop()
        good = (b"HTTP/1.1 303", b"HTTP/1.1 302")
        opened = [
            await loop.create_connection(lambda: load.Connection(self, good), "127.0.0.1", port)
            for _ in range(CONNECTIONS)
        ]
        self._began, self._open = time.perf_counter(), len(opened)
        for _, connection in opened:
            self._next(connection)
        await self._done.wait()
        return {"answers": self.answers, "failures": self.failures, "seconds": time.perf_counter() - self._began}

    def answered(self, connection: load.Connection, asked: float, good: bool) -> None:
        """Note an answer and send the next."""
        self.answers += 1
        self.failures += not good
        self._next(connection)

    def _next(self, connection: load.Connection) -> None:
        request = next(self._requests, None)
        if request is None:
            self._open -= 1
            if not self._open:
                self._done.set()
            return
        due = self._began + self._asked / self._rate if self._rate else 0.0
        self._asked += 1
        wait = due - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, connection.ask, request, due)
        else:
            connection.ask(request, time.perf_counter())


def submissions(subject: str, port: int, count: int, registers: dict[str, list[tuple[str, int]]]) -> Iterator[bytes]:
    """Yield the forms as a browser sends them, everybody's first, then everybody's second, each higher than the one before; every
    tenth is yielded twice, and so is sent on two connections at once."""
    signing = Signing(SECRET)
    people = [(visitor, registers[str(int(visitor.account[1:], 16))]) for visitor in visitors()]
    for number in range(count):
        visitor, dials = people[number % len(people)]
        added = _STEP * (number // len(people) + 1)
        fields = [(f"readings[{name}]", f"{(last + added) // 1000},{(last + added) % 1000:03}") for name, last in dials]
        if subject == "django":
            secret = f"{visitor.django:a<32}"
            head = f"POST /send/{visitor.account}/ HTTP/1.1", f"Cookie: sessionid={visitor.django}; csrftoken={secret}"
            fields = [("csrfmiddlewaretoken", secret), *fields]
        else:
            head = f"POST /readings/{visitor.account}/ HTTP/1.1", f"Cookie: lk_session={visitor.token}"
            token = bytes(32) + signing.csrf_mac(f"session:{visitor.token}")
            fields = [("csrf_token", urlsafe_b64encode(token).decode()), *fields]
        made = _multipart(port, head, fields, [f"photo[{name}]" for name, _ in dials])
        yield from (made, made) if number % EVERY == 0 else (made,)


def _multipart(port: int, head: tuple[str, ...], fields: list[tuple[str, str]], files: list[str]) -> bytes:
    """The form with its fields of photos left empty, which a browser sends too."""
    parts = [f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    parts += [
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"; filename=""\r\n'
        "Content-Type: application/octet-stream\r\n\r\n\r\n"
        for name in files
    ]
    body = "".join([*parts, f"--{_EDGE}--\r\n"]).encode()
    lines = (
        *head,
        f"Host: 127.0.0.1:{port}",
        "Sec-Fetch-Site: same-origin",
        f"Content-Type: multipart/form-data; boundary={_EDGE}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def main() -> None:
    """Measure and print the lines of each database; or, with --send, be the process that sends."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__)
    parser.add_argument("--submissions", type=int, default=SUBMISSIONS, help="100000 is the whole day")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--send", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.send:
        port, subject, count, rate, file = asked.send
        forms = submissions(subject, int(port), int(count), json.loads(Path(file).read_text("utf-8")))
        print(json.dumps(asyncio.run(Pouring(forms, float(rate)).run(int(port)))))
        return
    urls = {name: prepared(name) for name in asked.database or ("sqlite", "postgresql")}
    for line, reached in lines(urls, asked.submissions, asked.rounds):
        print(f"{line}{'' if reached else ' MISSED'}", flush=True)


if __name__ == "__main__":
    main()
