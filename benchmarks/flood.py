"""A flood of sign-ins, 100 a second for 20 seconds, each from another network and for another login, against two processes on one
database: what pages of others notice of it, what the flood is told, and whether a known device still gets in.

`python -m benchmarks.flood PORTS RATE SECONDS` is the flood itself, in a process of its own: it prints one JSON line."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from benchmarks.load import Result
from benchmarks.places import ROOT
from benchmarks.subjects import Subject, environment, running
from benchmarks.visitors import PASSWORD, visitors

RATE, SECONDS, PAGES = 100.0, 20.0, 40.0
_TRUSTING = "LKPORTAL_WEB__TRUSTED_PROXIES"


@dataclass(frozen=True, slots=True)
class Flood:
    """Pages of others in quiet and in the flood, how the flood was answered (status: count, "" without Retry-After), and the
    answers to sign-ins on a known device meanwhile."""

    quiet: Result
    flooded: Result
    answers: dict[str, int]
    owner: dict[int, int]

    @property
    def ratio(self) -> float:
        """p95 in the flood over p95 in quiet: the goal is 2 at most."""
        return self.flooded.p95_ms / self.quiet.p95_ms

    @property
    def refused(self) -> int:
        """Attempts that were put off with 429 or 503 and told how long."""
        return sum(count for status, count in self.answers.items() if status in ("429", "503"))

    @property
    def holds(self) -> bool:
        """Whether all goals are reached: 422 is a wrong password that was checked, anything else a fault."""
        strange = set(self.answers) - {"422", "429", "503"}
        return self.ratio <= 2 and not strange and self.refused > 0 and set(self.owner) == {303}

    def line(self) -> str:
        """Return what was found in words."""
        answers = ", ".join(f"{status} {count}" for status, count in sorted(self.answers.items()))
        owner = ", ".join(f"{status} {count}" for status, count in sorted(self.owner.items()))
        return (
            f"{RATE:.0f} sign-ins a second for {SECONDS:.0f} s on two processes: other pages p95 {self.flooded.p95_ms:.1f} ms,"
            f" in quiet {self.quiet.p95_ms:.1f} ms: {self.ratio:.2f}x (goal <= 2); the flood got {answers};"
            f" a known device got {owner} (goal: 303 alone)"
        )


def measure(url: str) -> Flood:
    """Measure on the database at `url`; both servers may use both cores, as in life."""
    with _trusting(), running("lkportal", url, pinned=False) as first, running("lkportal", url, pinned=False) as second:
        owner = _Owner(second)
        owner.sign_in()
        for subject in (first, second):
            subject.load(2.0, rate=PAGES)
        quiet = first.load(SECONDS / 2, rate=PAGES)
        with ThreadPoolExecutor(3) as threads:
            flooding = threads.submit(_flood, (first.port, second.port))
            time.sleep(2.0)  # the flood's process has started
            trying = threads.submit(owner.keep_coming, SECONDS - 4)
            flooded = first.load(SECONDS - 6, rate=PAGES)
            return Flood(quiet, flooded, flooding.result(), trying.result())


class _Owner:
    """Somebody who signed in with this browser before the flood came."""

    def __init__(self, subject: Subject) -> None:
        self._login = f"p{int(visitors()[7].account[1:], 16)}@example.org"
        self._client = httpx2.Client(
            base_url=f"http://127.0.0.1:{subject.port}",
            timeout=30.0,
            trust_env=False,
            headers={"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "192.0.2.1"},
        )

    def sign_in(self) -> int:
        """Sign in anew with the cookies of this browser; return the status."""
        self._client.cookies.delete("lk_session")
        fields = {**_hidden(self._client.get("/login").text), "login": self._login, "password": PASSWORD}
        return self._client.post("/login", data=fields).status_code

    def keep_coming(self, seconds: float) -> dict[int, int]:
        """Sign in twice a second; return the answers by status."""
        until, answers = time.monotonic() + seconds, Counter[int]()
        while time.monotonic() < until:
            answers[self.sign_in()] += 1
            time.sleep(0.5)
        return dict(answers)


@contextmanager
def _trusting() -> Iterator[None]:
    """Let the servers believe the flood about its networks, as behind a proxy."""
    os.environ[_TRUSTING] = json.dumps(["127.0.0.1/32"])
    try:
        yield
    finally:
        del os.environ[_TRUSTING]


def _flood(ports: tuple[int, int]) -> dict[str, int]:
    command = [sys.executable, "-m", "benchmarks.flood", ",".join(map(str, ports)), str(RATE), str(SECONDS)]
    said = subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True).stdout
    found: dict[str, int] = json.loads(said)
    return found


async def _pour(ports: list[int], rate: float, seconds: float) -> Counter[str]:
    """Send attempts evenly, whether answered or not, and count what came back."""
    answers: Counter[str] = Counter()
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(timeout=60.0, trust_env=False, limits=limits) as client:
        forms = {port: _hidden((await client.get(f"http://127.0.0.1:{port}/login")).text) for port in ports}
        began, tasks = time.perf_counter(), []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            port = ports[number % len(ports)]
            tasks.append(asyncio.create_task(_attempt(client, port, number, forms[port], answers)))
        await asyncio.gather(*tasks)
    return answers


async def _attempt(
    client: httpx2.AsyncClient, port: int, number: int, form: dict[str, str], answers: Counter[str]
) -> None:
    fields = {**form, "login": f"p{number % 5_000 + 1}@example.org", "password": f"a stolen password {number}"}
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"100.{64 + number // 250 % 60}.{number % 250}.9"}
    answer: Any = await client.post(f"http://127.0.0.1:{port}/login", data=fields, headers=headers)
    told = answer.status_code not in (429, 503) or "retry-after" in answer.headers
    answers[str(answer.status_code) if told else f"{answer.status_code} without Retry-After"] += 1


def _hidden(page: str) -> dict[str, str]:
    main = page[page.index("<main") : page.index("</main>")]
    form = main[main.index('action="/login"') :]
    return dict(
        re.findall(r'<input type="hidden" name="(csrf_token|next)" value="([^"]*)"', form[: form.index("</form>")])
    )


if __name__ == "__main__":
    targets, wanted, lasting = sys.argv[1:]
    print(json.dumps(asyncio.run(_pour([int(each) for each in targets.split(",")], float(wanted), float(lasting)))))
