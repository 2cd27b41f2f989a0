"""Whatever programs send, as a customer, as a system, as a stranger: the API answers as its description says, and never breaks."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from lkportal.api import tokens
from lkportal.api.tests.furnishing import EVERYTHING, furnish_all
from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing import World
from lkportal.testing.sandbox import SandboxDriver
from lkportal.testing.visitors import scopes_of
from tests.faults.strange_calls import Judged, judge, served

CALLS = int(os.environ.get("STRANGE_CALLS", "5000"))
"""How many calls the long form makes at least. Not LKPORTAL_...: those name settings, and a portal refuses one that it does not know."""
Judge = Callable[[str, int, bool], Judged]


@pytest.fixture
def portal_overrides() -> dict[str, Any]:
    return {
        "modules": {"enabled": EVERYTHING},
        "api": {"calls_a_minute": 1_000_000},
        "web": {"hosts": ["127.0.0.1"]},
    }


@pytest.fixture
def judged(portal: Portal, world: World, account: AccountRef, gateway: SandboxDriver) -> Judge:
    """Let somebody call: `judged("customer", examples, coverage)`. Their account has something of every module on it."""
    anna = world.customer("anna@example.org", account)
    furnish_all(portal, world, account, anna)
    with world.unit() as db:
        own = tokens.add_own(db, anna.id or 0, "Home", scopes_of(portal), days=1)
        system, _ = tokens.add(
            db, "ERP", list(portal.registry.import_kinds), days=1, scopes=scopes_of(portal, "systems")
        )
    secrets = {"customer": own, "system": system, "stranger": ""}

    def call(who: str, examples: int, coverage: bool) -> Judged:
        known = {} if who == "stranger" else {"path.account": account.public_id}
        with served(portal) as address:
            return judge(address, secrets[who], examples, known, seed=417, coverage=coverage)

    return call


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_some_hundreds_of_strange_calls_are_answered_as_described(judged: Judge) -> None:
    found = judged("customer", 1, False)

    assert not found.failures, str(found)
    assert found.cases >= 200, str(found)


@pytest.mark.proof
@pytest.mark.parametrize("who", ["customer", "system", "stranger"])
def test_thousands_of_strange_calls_are_answered_as_described(judged: Judge, who: str) -> None:
    """On both databases, two thirds of them as a sixth each."""
    found = judged(who, max(10, CALLS // 400), True)

    assert not found.failures, str(found)
    assert not [status for status in found.statuses if status >= 500]
    assert found.cases >= CALLS // 6, str(found)
