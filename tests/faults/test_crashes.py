"""`os._exit` at every statement, commit, provider call and letter of the pay flow, then a restart: the laws of money hold, the
payer who tries again has paid once, and is told once."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.testing import CrashPoints, Mailbox, Point, SandboxDriver
from tests.faults import crash_flows, laws
from tests.faults.crash_grid import EVERY

FLOWS = [crash_flows.by_notice, crash_flows.by_return, crash_flows.by_itself]
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
SEEDS = 4
each_flow = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
Judge = Callable[[Portal], None]


@pytest.fixture
def judge(gateway: SandboxDriver, mailbox: Mailbox) -> Judge:
    """What must hold when the portal has recovered by itself, and when the payer has tried again after that."""

    def judged(portal: Portal) -> None:
        assert laws.broken(portal, laws.taken(gateway)) == []
        crash_flows.by_return(portal)
        crash_flows.recover(portal)
        at_provider = laws.taken(gateway)
        assert laws.broken(portal, at_provider) == []
        assert [each["status"] for each in at_provider] == ["succeeded"]
        assert _number(portal, "SELECT sum(balance) FROM payments_ledgers") == -crash_flows.AMOUNT
        assert _number(portal, "SELECT count(*) FROM notify_messages") == 1
        letters = mailbox.to(crash_flows.LOGIN)
        # A mail server that has taken a letter may be told it again after each crash: under the same name, so it is one.
        assert 1 <= len(letters) <= 3
        assert len({_name(letter.raw) for letter in letters}) == 1
        mailbox.clear()

    return judged


@pytest.fixture
def prepare(mailbox: Mailbox) -> Judge:
    """Begin each time with an empty mailbox: the run that only counts the points has sent its letter too."""

    def moved_in(portal: Portal) -> None:
        mailbox.clear()
        crash_flows.move_in(portal)

    return moved_in


@each_flow
@ON_SQLITE
def test_a_crash_anywhere_loses_and_doubles_no_money(
    crash_points: CrashPoints, judge: Judge, prepare: Judge, flow: crash_flows.Flow
) -> None:
    def sample(point: Point) -> bool:
        return point.number % 110 == 30 or point.moment in ("after_provider", "after_mail")

    explored = crash_points.explore(flow, judge, prepare=prepare, recover=crash_flows.restart, wanted=sample)
    assert explored.crashed >= 4
    assert explored.unreached == 0


@pytest.fixture
def judge_autopay(gateway: SandboxDriver, mailbox: Mailbox) -> Judge:
    """What must hold when autopay has been through a crash: what was told is taken once, and no more."""

    def judged(portal: Portal) -> None:
        at_provider = laws.taken(gateway)
        assert laws.broken(portal, at_provider) == []
        taken = sorted(each["amount"]["value"] for each in at_provider if each["status"] == "succeeded")
        assert taken == ["1.00", "1482.60"]
        assert _number(portal, "SELECT sum(balance) FROM payments_ledgers") == 0
        assert _number(portal, "SELECT count(*) FROM payments_autopay_runs WHERE state = 'paid'") == 1
        mailbox.clear()

    return judged


@ON_SQLITE
def test_a_crash_in_autopay_takes_what_was_told_once(crash_points: CrashPoints, judge_autopay: Judge) -> None:
    explored = crash_points.explore(
        crash_flows.by_autopay,
        judge_autopay,
        prepare=crash_flows.agree_to_autopay,
        recover=crash_flows.after_autopay,
        wanted=lambda point: point.moment == "after_provider",
    )
    assert explored.crashed >= 1
    assert explored.unreached == 0


@pytest.mark.proof
def test_a_crash_anywhere_in_autopay_takes_what_was_told_once(crash_points: CrashPoints, judge_autopay: Judge) -> None:
    explored = crash_points.explore(
        crash_flows.by_autopay,
        judge_autopay,
        prepare=crash_flows.agree_to_autopay,
        recover=crash_flows.after_autopay,
        wanted=lambda point: point.number % EVERY == 0,
    )
    assert explored.crashed >= 20
    assert explored.unreached == 0


@pytest.mark.proof
@each_flow
def test_a_crash_anywhere_in_paying_loses_and_doubles_no_money(
    crash_points: CrashPoints, judge: Judge, prepare: Judge, flow: crash_flows.Flow
) -> None:
    def share(point: Point) -> bool:
        return point.number % EVERY == 0

    explored = crash_points.explore(flow, judge, prepare=prepare, recover=crash_flows.restart, wanted=share)
    assert explored.crashed >= 20
    assert explored.unreached == 0


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(SEEDS))
@each_flow
def test_two_crashes_in_a_row_lose_and_double_no_money(
    crash_points: CrashPoints, judge: Judge, prepare: Judge, flow: crash_flows.Flow, seed: int
) -> None:
    dice = random.Random(seed)

    def second(point: Point) -> int:
        return dice.randint(1, 160)

    explored = crash_points.explore(
        flow,
        judge,
        prepare=prepare,
        recover=crash_flows.restart,
        wanted=lambda _point: dice.random() < 0.1,
        again=second,
    )
    assert explored.crashed >= 5


def _number(portal: Portal, statement: str) -> int:
    with portal.database.reading() as connection:
        return int(connection.execute(text(statement)).scalar() or 0)


def _name(raw: bytes) -> str:
    return next(line for line in raw.decode().splitlines() if line.lower().startswith("message-id"))
