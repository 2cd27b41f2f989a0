"""How each connection stands, in words: when the other side was last heard, what waits, what it refused and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from lkportal.core.connecting.exchange import Connector, Exchanges
from lkportal.core.connecting.queue import Standings, standings
from lkportal.core.connecting.tables import IS_REFUSED, dispatches
from lkportal.core.contributions import Queue
from lkportal.core.i18n import Text, text
from lkportal.staff.desk import ago

_WORDS: Mapping[str, Text] = {
    "timeout": text("staff.connection.timeout", "it does not answer in time"),
    "unreachable": text("staff.connection.unreachable", "it cannot be reached"),
    "limited": text("staff.connection.limited", "it asks us to wait: too many calls"),
    "denied": text("staff.connection.denied", "it refuses our name or key"),
    "garbage": text("staff.connection.garbage", "its answers make no sense"),
}
_HTTP = re.compile(r"http_(\d{3})")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the other system refused: what it was, why, since when it waits for a person."""

    id: int
    title: Text | str
    why: Text | str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tie:
    """One connection as the page shows it. `state` is a kind of state with its words; `refused` waits for a person."""

    name: str
    title: Text
    state: tuple[str, Text]
    heard: Text | None
    waiting: int
    oldest: datetime | None
    people: int
    page: str
    exchanges: bool
    refused: tuple[Refusal, ...]


def ties(
    connection: Connection, connectors: Mapping[str, Connector], exchanges: Exchanges, now: datetime
) -> Iterator[Tie]:
    """Yield every connection as it stands."""
    found = standings(connection)
    for connector in connectors.values():
        yield _tie(connection, connector, found, now, is_set_up=exchanges.of(connector.name) is not None)


def why(code: str) -> Text | str:
    """Return what a code of a failure means, in words; the code itself where there are none."""
    http = _HTTP.fullmatch(code)
    if http:
        return text("staff.connection.http", "it answers with error %(code)s", code=http[1])
    if code.startswith("broken: "):
        return text(
            "staff.connection.broken", "we broke on its answer (%(where)s)", where=code.removeprefix("broken: ")
        )
    return _WORDS.get(code, code)


def _tie(connection: Connection, connector: Connector, found: Standings, now: datetime, *, is_set_up: bool) -> Tie:
    row, waits = found.connections.get(connector.name), found.waiting.get(connector.name)
    people = connection.execute(connector.waiting).one() if connector.waiting is not None else None
    heard = row.heard_at if row else None
    if connector.heard is not None:
        heard = connection.execute(connector.heard).scalar()
    refused = tuple(
        Refusal(each.id, connector.kinds.get(each.kind, each.kind), why(each.error), each.created_at)
        for each in found.refused
        if each.connector == connector.name
    )
    return Tie(
        connector.name,
        connector.title,
        _state(connector, row, heard, now, is_set_up=is_set_up),
        ago(heard, now) if heard else None,
        waits.waiting if waits else 0,
        waits.oldest if waits else None,
        people.waiting if people else 0,
        connector.page,
        connector.exchange is not None and is_set_up,
        refused,
    )


def _state(
    connector: Connector, row: Any, heard: datetime | None, now: datetime, *, is_set_up: bool
) -> tuple[str, Text]:
    if connector.exchange is None:
        return _fed(heard, now)
    if not is_set_up:
        return "off", text("staff.connection.not_set_up", "Not set up in portal.toml")
    if row is not None and row.failures:
        since = ago(row.failing_since, now)
        return "bad", text("staff.connection.fails", "Since %(since)s: %(why)s", since=since, why=why(row.error))
    if heard is None:
        return "inf", text("staff.connection.never", "Not asked yet")
    if now - heard > timedelta(minutes=connector.late_minutes):
        return "warn", text("staff.connection.late", "Silent: is the worker running?")
    return "ok", text("staff.connection.well", "Answers")


def _fed(heard: datetime | None, now: datetime) -> tuple[str, Text]:
    if heard is None:
        return "off", text("staff.connection.unfed", "Nothing loaded yet")
    return "inf", text("staff.connection.fed", "Loaded %(age)s", age=ago(heard, now))


REFUSED_QUEUE = Queue(
    "staff.refused",
    text("staff.queue.refused", "Refused by other systems"),
    "staff:connections",
    select(func.count().label("waiting"), func.min(dispatches.c.created_at).label("oldest")).where(IS_REFUSED),
    "staff.connections",
    order=80,
)
