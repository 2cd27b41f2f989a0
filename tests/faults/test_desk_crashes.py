"""`os._exit` at every statement, commit, call and letter while money is given back and taken by hand: the laws of money hold after
a restart, whoever tries again has done it once, and each entry of the books has one registered receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.testing import CrashPoints, Mailbox, Point, SandboxDriver
from lkportal.testing.atol import SECRET, AtolDriver, fake_atol
from tests.faults import crash_flows, daily_flows, desk_flows, laws
from tests.faults.crash_grid import EVERY

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
Judge = Callable[[Portal], None]


@pytest.fixture
def atol() -> Iterator[AtolDriver]:
    """A cash register of the company's own."""
    with fake_atol() as driver:
        yield driver


@pytest.fixture
def portal_overrides(atol: AtolDriver) -> Mapping[str, Any]:
    """Every receipt goes to that register."""
    register = atol.settings().model_dump(mode="json", exclude={"password"}, exclude_none=True)
    return {"payments": {"atol": {**register, "password": SECRET}}}


@pytest.fixture
def begin(mailbox: Mailbox, atol: AtolDriver) -> Callable[[Judge], Judge]:
    """Begin each time with an empty mailbox and register."""

    def made(prepare: Judge) -> Judge:
        def begun(portal: Portal) -> None:
            mailbox.clear()
            atol.by_id.clear()
            prepare(portal)
            mailbox.clear()

        return begun

    return made


@pytest.fixture
def judge_refund(gateway: SandboxDriver, atol: AtolDriver, mailbox: Mailbox) -> Judge:
    """What must hold when the portal has recovered, and when the accountant has sent the same form again."""

    def judged(portal: Portal) -> None:
        assert laws.broken(portal, laws.taken(gateway)) == []
        desk_flows.give_back(portal)
        at_provider = laws.taken(gateway)
        assert laws.broken(portal, at_provider) == []
        assert [each["refunded_amount"]["value"] for each in at_provider] == ["482.60"]
        assert _one(portal, "SELECT count(*) || ' ' || min(state) FROM payments_refunds") == "1 succeeded"
        assert _one(portal, "SELECT sum(balance) FROM payments_ledgers") == desk_flows.BACK - crash_flows.AMOUNT
        _receipts_fit(portal, atol, ["sell", "sell_refund"])
        told = Counter(_name(letter.raw) for letter in mailbox.to(crash_flows.LOGIN))
        assert len(told) == 1
        assert max(told.values()) <= 3

    return judged


@pytest.fixture
def judge_cash(atol: AtolDriver) -> Judge:
    """What must hold at the cash desk: all of a slip or nothing, given back once or not at all."""

    def judged(portal: Portal) -> None:
        assert [*laws.books_broken(portal), *laws.events_broken(portal)] == []
        desk_flows.reverse_cash(portal)
        assert [*laws.books_broken(portal), *laws.events_broken(portal)] == []
        assert _one(portal, "SELECT count(*) || ' ' || min(state) FROM payments_slips") == "1 reversed"
        assert _one(portal, "SELECT sum(balance) FROM payments_ledgers") == 0
        _receipts_fit(portal, atol, ["sell", "sell_refund"])

    return judged


FLOWS = {
    "refund": (desk_flows.pay_first, desk_flows.give_back, "judge_refund"),
    "cash": (desk_flows.open_desk, desk_flows.reverse_cash, "judge_cash"),
}
FIRST = {"refund": 0, "cash": 1}
each_flow = pytest.mark.parametrize("flow", FLOWS)


@each_flow
@ON_SQLITE
def test_a_crash_at_the_desk_loses_and_doubles_no_money(
    request: pytest.FixtureRequest,
    crash_points: CrashPoints,
    gateway: SandboxDriver,
    begin: Callable[[Judge], Judge],
    flow: str,
) -> None:
    prepare, walk, judge = FLOWS[flow]
    calls: list[Point] = []

    def sample(point: Point) -> bool:
        """After the first call that does something there: to the provider, or to the register behind its token."""
        if point.moment == "after_provider":
            calls.append(point)
        return point in calls[FIRST[flow] :][:1]

    explored = crash_points.explore(
        walk,
        request.getfixturevalue(judge),
        prepare=begin(prepare),
        recover=desk_flows.restart,
        wanted=sample,
    )
    assert explored.crashed == 1
    assert explored.unreached == 0


@pytest.mark.proof
@each_flow
def test_a_crash_anywhere_at_the_desk_loses_and_doubles_no_money(
    request: pytest.FixtureRequest,
    crash_points: CrashPoints,
    gateway: SandboxDriver,
    begin: Callable[[Judge], Judge],
    flow: str,
) -> None:
    prepare, walk, judge = FLOWS[flow]
    explored = crash_points.explore(
        walk,
        request.getfixturevalue(judge),
        prepare=begin(prepare),
        recover=desk_flows.restart,
        wanted=lambda point: point.number % EVERY == 0,
    )
    assert explored.crashed >= 20
    assert explored.unreached == 0


def _receipts_fit(portal: Portal, atol: AtolDriver, kinds: list[str]) -> None:
    """Each entry has one receipt, and the register has registered it once."""
    with portal.database.reading() as connection:
        ours = connection.execute(text("SELECT kind, state FROM payments_receipts ORDER BY id")).all()
    assert [tuple(row) for row in ours] == [(kind, "registered") for kind in kinds]
    assert sorted(each["operation"] for each in atol.registered()) == kinds


def _one(portal: Portal, statement: str) -> Any:
    with portal.database.reading() as connection:
        return connection.execute(text(statement)).scalar()


def _name(raw: bytes) -> str:
    return next(line for line in raw.decode().splitlines() if line.lower().startswith("message-id"))


@pytest.mark.proof
def test_the_grids_have_more_than_two_thousand_points(
    crash_points: CrashPoints, gateway: SandboxDriver, begin: Callable[[Judge], Judge]
) -> None:
    """The grids of this file, test_crashes and test_daily_crashes on SQLite, and once more on PostgreSQL: a thousand on each. Here they
    are only counted."""
    walks = [
        (crash_flows.move_in, crash_flows.by_notice),
        (crash_flows.move_in, crash_flows.by_return),
        (crash_flows.move_in, crash_flows.by_itself),
        (crash_flows.agree_to_autopay, crash_flows.by_autopay),
        (daily_flows.hang_meters, daily_flows.send_readings),
        (daily_flows.write_charges, daily_flows.take_charges),
        *((prepare, walk) for prepare, walk, _ in FLOWS.values()),
    ]
    counted = {walk.__name__: len(crash_points.points(walk, begin(prepare))) for prepare, walk in walks}
    print(counted)
    assert sum(counted.values()) >= 1_000 * EVERY, counted
