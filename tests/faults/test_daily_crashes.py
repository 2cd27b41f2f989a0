"""`os._exit` at every statement, commit and letter while readings are sent and charges are taken in: all of a form or nothing, every
row once, and told once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.testing import CrashPoints, Mailbox, Point, SandboxDriver
from tests.faults import crash_flows, daily_flows, laws
from tests.faults.crash_grid import EVERY

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
Judge = Callable[[Portal], None]
FLOWS = {
    "readings": (daily_flows.hang_meters, daily_flows.send_readings, "judge_readings"),
    "import": (daily_flows.write_charges, daily_flows.take_charges, "judge_import"),
}
each_flow = pytest.mark.parametrize("flow", FLOWS)


@pytest.fixture
def judge_readings(mailbox: Mailbox) -> Judge:
    """What must hold when the portal has recovered, and when the same form was sent again."""

    def judged(portal: Portal) -> None:
        assert _fetch(portal, "SELECT count(*) FROM readings_readings") in ([(0,)], [(2,)]), "half of a form"
        daily_flows.send_readings(portal)
        crash_flows.recover(portal)
        values = _fetch(portal, "SELECT value_milli FROM readings_readings ORDER BY value_milli")
        assert values == [(241_000,), (416_306,)]
        assert _fetch(portal, "SELECT last_milli FROM readings_registers ORDER BY last_milli") == values
        told = _fetch(portal, "SELECT body FROM core_outbox WHERE name = 'readings.submitted'")
        assert len(told) == 1, [json.loads(body) for (body,) in told]
        names = Counter(_name(letter.raw) for letter in mailbox.to(crash_flows.LOGIN))
        assert len(names) == 1, "one letter, under one name"
        assert max(names.values()) <= 3
        assert [*laws.books_broken(portal), *laws.events_broken(portal)] == []

    return judged


@pytest.fixture
def judge_import() -> Judge:
    """What must hold when billing's person has begun the same file again."""

    def judged(portal: Portal) -> None:
        assert laws.books_broken(portal) == []
        daily_flows.take_charges(portal)
        crash_flows.recover(portal)
        count, total = _fetch(portal, "SELECT count(*), sum(amount) FROM payments_charge_lines")[0]
        assert count == 10
        assert _fetch(portal, "SELECT sum(balance) FROM payments_ledgers WHERE kind = 'customer'") == [(total,)]
        assert [*laws.books_broken(portal), *laws.events_broken(portal)] == []

    return judged


@pytest.fixture
def crash(
    request: pytest.FixtureRequest, crash_points: CrashPoints, gateway: SandboxDriver, mailbox: Mailbox
) -> Callable[..., Any]:
    """Explore a flow at the points that are wanted."""

    def explored(flow: str, wanted: Callable[[Point], bool]) -> Any:
        prepare, walk, judge = FLOWS[flow]

        def begun(portal: Portal) -> None:
            mailbox.clear()
            prepare(portal)
            mailbox.clear()

        fair = request.getfixturevalue(judge)
        return crash_points.explore(walk, fair, prepare=begun, recover=crash_flows.restart, wanted=wanted)

    return explored


@each_flow
@ON_SQLITE
def test_a_crash_on_an_ordinary_day_loses_and_doubles_nothing(crash: Callable[..., Any], flow: str) -> None:
    commits: list[Point] = []

    def sample(point: Point) -> bool:
        """After the first commit."""
        if point.moment == "after_commit":
            commits.append(point)
        return point in commits[:1]

    explored = crash(flow, sample)
    assert (explored.crashed, explored.unreached) == (1, 0)


@pytest.mark.proof
@each_flow
def test_a_crash_anywhere_on_an_ordinary_day_loses_and_doubles_nothing(crash: Callable[..., Any], flow: str) -> None:
    explored = crash(flow, lambda point: point.number % EVERY == 0)
    assert explored.crashed >= 15
    assert explored.unreached == 0


def _fetch(portal: Portal, statement: str) -> list[Any]:
    with portal.database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def _name(raw: bytes) -> str:
    return next(line for line in raw.decode().splitlines() if line.lower().startswith("message-id"))
