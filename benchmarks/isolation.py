"""45 payments at a provider that answers after two seconds, and 20 sign-ins, all at once: what pages of others notice of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx2

from benchmarks.load import Result
from benchmarks.subjects import Subject, running
from benchmarks.visitors import PASSWORD, Visitor, visitors
from lkportal.testing.sandbox import SandboxDriver, sandbox_process

CALLS, SIGN_INS, SECONDS, RATE = 45, 20, 8.0, 40.0


@dataclass(frozen=True, slots=True)
class Isolation:
    """Pages of others in quiet and in the storm, how long the storm's own work took (seconds), and its answers that were
    none: `put_off` by the limiter with a 503 and Retry-After, as it promises, and `failed` in any other way."""

    quiet: Result
    storm: Result
    storm_seconds: float
    put_off: int
    failed: int

    @property
    def ratio(self) -> float:
        """p95 in the storm over p95 in quiet: the goal is 2 at most."""
        return self.storm.p95_ms / self.quiet.p95_ms


def measure(url: str) -> Isolation:
    """Measure on the database at `url`; the server may use both cores, as in life."""
    with sandbox_process() as sandbox, running("lkportal", url, sandbox.address, pinned=False) as subject:
        subject.load(2.0, rate=RATE)
        quiet = subject.load(SECONDS, rate=RATE)
        with ThreadPoolExecutor(CALLS + SIGN_INS + 1) as threads:
            acts = [_pay(subject, sandbox, visitor) for visitor in visitors()[-CALLS:]]
            acts = [*acts, *(_sign_in(subject, visitor) for visitor in visitors()[:SIGN_INS])]
            loading = threads.submit(subject.load, SECONDS, 16, RATE)
            time.sleep(1.5)  # the load's process has started
            began = time.perf_counter()
            answers = [each.result() for each in [threads.submit(act) for act in acts]]
            took = time.perf_counter() - began
            storm = loading.result()
    return Isolation(quiet, storm, took, answers.count(503), sum(status not in (303, 503) for status in answers))


def _pay(subject: Subject, sandbox: SandboxDriver, visitor: Visitor) -> Callable[[], int]:
    """Open the form of a payment; the act sends it."""
    sandbox.plan("create", "timeout_after", seconds=2)
    client = _client(subject)
    client.cookies.set("lk_session", visitor.token)
    form = client.get(f"/payments/{visitor.account}/pay").text
    fields = {**_hidden(form), "amount": "100"}
    return lambda: client.post(f"/payments/{visitor.account}/pay", data=fields).status_code


def _sign_in(subject: Subject, visitor: Visitor) -> Callable[[], int]:
    client = _client(subject)
    person = int(visitor.account[1:], 16)
    fields = {**_hidden(client.get("/login").text), "login": f"p{person}@example.org", "password": PASSWORD}
    return lambda: client.post("/login", data=fields).status_code


def _client(subject: Subject) -> httpx2.Client:
    return httpx2.Client(
        base_url=f"http://127.0.0.1:{subject.port}",
        timeout=30.0,
        trust_env=False,
        headers={"Sec-Fetch-Site": "same-origin"},
    )


def _hidden(page: str) -> dict[str, str]:
    main = page[page.index("<main") : page.index("</main>")]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main))
