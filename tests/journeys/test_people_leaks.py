"""Nobody sees or changes the people of others' accounts: the pages of people walked by everybody of the town."""

from __future__ import annotations

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.testing import Logs, SandboxDriver, utility
from lkportal.testing.leaks import Prover
from lkportal.testing.town import build, depart

PAGES = (
    "people", "invite", "send_invitation", "owner", "offer", "person", "change_person", "take_person", "leaving", "leave",
    "send_again", "withdraw", "invited", "accept", "join", "functions", "switch_functions", "groups", "put_into_group", "take_out",
)  # fmt: skip


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_nobody_sees_or_changes_the_people_of_others(
    gateway: SandboxDriver, portal: Portal, clock: MovableClock, logs: Logs
) -> None:
    town = build(portal, clock, utility.PLANTS, utility.CODES)
    depart(town)

    report = Prover(town, samples=utility.SAMPLES, logs=logs, brief=True).walk(
        only=tuple(f"accounts:{name}" for name in PAGES)
    )

    assert not report.problems, str(report)
    assert report.routes == {f"accounts:{name}" for name in PAGES}
