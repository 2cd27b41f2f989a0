"""Figures and lists that pages of docs/understand and docs/deploy tell are those of the program."""

from __future__ import annotations

import inspect
import re
from typing import Any

from lkportal.auth.settings import AuthSettings
from lkportal.core.settings import JobsTable, WebTable
from lkportal.core.work import states, worker
from lkportal.web import streams
from lkportal.web.asgi import middleware
from lkportal.web.own import health
from tools.tree import ROOT


def told(page: str) -> str:
    return (ROOT / "docs" / page).read_text("utf-8")


def default(table: type[Any], name: str) -> Any:
    return table.model_fields[name].default


def test_the_limits_of_guessing_are_the_defaults() -> None:
    rows = re.findall(
        r"^\|[^|]+\|[^|:]+: ([\d,]+)[^|]*\| `auth\.(\w+)` \|$", told("understand/security.md"), re.MULTILINE
    )

    assert len(rows) == 5
    assert [(name, int(number.replace(",", ""))) for number, name in rows] == [
        (name, default(AuthSettings, name)) for _, name in rows
    ]


def test_the_layers_of_the_edge_stand_in_their_order() -> None:
    line = next(line for line in told("understand/web.md").splitlines() if line.startswith("Arrival >"))
    layers = re.findall(r"^ {8}\*?\(?\[?(\w+)\]?", inspect.getsource(middleware.stack), re.MULTILINE)

    assert line.split(" > ")[:-2] == [name for name in layers if name[0].isupper()]


def test_connections_of_a_process_are_its_slots_its_jobs_and_two() -> None:
    slots = sum(default(WebTable, f"{name}_slots") for name in ("web", "slow", "hash", "files", "papers"))
    most = slots + default(JobsTable, "threads") + 2

    page = told("deploy/postgresql.md")
    assert f"two: {most} with the defaults" in page
    assert 4 * most + default(JobsTable, "threads") + 3 < int(re.findall(r"stay under (\d+)", page)[0])


def test_seconds_and_tries_are_those_of_the_code() -> None:
    assert f"every {streams.BEAT:.0f} seconds" in told("deploy/proxy.md")
    assert (streams.LONGEST, health.WORKER_SECONDS, health.OUTBOX_SECONDS) == (300, 60, 300)
    assert [states.pause(times, lambda: 0.5).total_seconds() for times in (1, 2, 3, 20)] == [10, 30, 90, 6 * 3600]
    assert worker.POLL_SECONDS == 1
