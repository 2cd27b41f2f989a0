"""How fresh what the portal shows is, and how it does: the age of each source, the worker, the outbox, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from lkportal.core.clock import Clock
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.imports import ImportKind
from lkportal.core.work.outbox import outbox_age
from lkportal.core.work.worker import worker_seen
from lkportal.staff.desk import ago
from lkportal.web.own.health import OUTBOX_SECONDS, WORKER_SECONDS

_IN_THE_BAR = 2


@dataclass(frozen=True, slots=True)
class Source:
    """The last import of one kind of file. `state` is a kind of state (ok, warn, inf, off) with its words."""

    title: Text | str
    file_name: str
    at: datetime
    accepted: int
    rejected: int
    state: tuple[str, Text]


def sources(
    rows: Sequence[Any], kinds: Mapping[str, ImportKind], late_hours: Mapping[str, int], now: datetime
) -> list[Source]:
    """Return rows of queries.sources in words. Only kinds that have a limit in `late_hours` are judged by their age."""
    return [_source(row, kinds.get(row.kind), late_hours.get(row.kind), now) for row in rows]


def bar(found: Sequence[Source]) -> list[tuple[str, Text]]:
    """Return what the bar of the desk says of the sources: the late ones first, at most two."""
    late_first = sorted(found, key=lambda source: source.state[0] != "warn")
    return [
        (source.state[0], text("staff.source.bar", "%(source)s: %(age)s", source=source.title, age=source.state[1]))
        for source in late_first[:_IN_THE_BAR]
    ]


def health(connection: Connection, clock: Clock) -> list[tuple[Text, tuple[str, Text]]]:
    """Return how the work behind the pages goes: (what, (kind of state, words)) of worker and outbox."""
    seen, age = worker_seen(connection), outbox_age(connection, clock)
    return [
        (text("staff.health.worker", "Worker"), _worker(seen, clock.now())),
        (text("staff.health.outbox", "Events"), _outbox(age)),
    ]


def _source(row: Any, kind: ImportKind | None, late: int | None, now: datetime) -> Source:
    age = ago(row.updated_at, now)
    if row.state == "running":
        stuck = now - row.updated_at > timedelta(minutes=5)
        running = text("staff.source.running", "being loaded")
        halted = text("staff.source.halted", "stopped half way %(age)s", age=age)
        state = ("warn", halted) if stuck else ("inf", running)
    elif late is None:
        state = ("off", age)
    else:
        state = ("warn" if now - row.updated_at > timedelta(hours=late) else "ok", age)
    return Source(kind.title if kind else row.kind, row.file_name, row.updated_at, row.accepted, row.rejected, state)


def _worker(seen: datetime | None, now: datetime) -> tuple[str, Text]:
    if seen is None:
        return "bad", text(
            "staff.health.no_worker", "None is running: letters and reminders wait. Start the worker on the server."
        )
    if now - seen > timedelta(seconds=WORKER_SECONDS):
        return "bad", text("staff.health.worker_gone", "Last seen %(age)s: look at its log.", age=ago(seen, now))
    return "ok", text("staff.health.worker_runs", "Runs, seen %(age)s", age=ago(seen, now))


def _outbox(age: timedelta) -> tuple[str, Text]:
    minutes = age // timedelta(minutes=1)
    if age > timedelta(seconds=OUTBOX_SECONDS):
        return "warn", ntext(
            "staff.health.outbox_late",
            "The oldest has waited for %(n)s minute",
            "The oldest has waited for %(n)s minutes",
            minutes,
        )
    return "ok", text("staff.health.outbox_fresh", "All passed on")
