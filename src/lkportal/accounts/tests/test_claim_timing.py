"""The time of an answer does not tell whether a number is an account's: known and unknown numbers, asked in turns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from time import perf_counter

import pytest

from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World, utility
from lkportal.testing.town import Town

PAIRS = 2_000
MANY = 10**6
OPEN = {"person_day": MANY, "number_day": MANY, "number_month": MANY, "network_day": MANY}


@pytest.fixture
def portal_overrides() -> dict[str, object]:
    return {"accounts": {"claim": OPEN}}


def area(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Return the chance that a known number took longer than an unknown one: one half tells nothing."""
    ranked = sorted([(value, 1) for value in known] + [(value, 0) for value in unknown])
    ranks = sum(place for place, (_, is_known) in enumerate(ranked, 1) if is_known)
    return (ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown))


@pytest.mark.proof
@pytest.mark.parametrize("by", ["payments.amount", "readings.serial", "accounts.paper"])
@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_time_tells_nothing(by: str, portal: Portal, world: World, visit: Callable[..., Visitor]) -> None:
    homes: list[AccountRef] = [world.account(f"04127782{place:02}") for place in range(20)]
    town = Town(portal, world, accounts={str(each.id): each for each in homes})
    for home in homes:
        for put in utility.PLANTS.values():
            put(town, home)
    asker = visit(world.customer("asker@example.org"))
    found = re.search(r'name="csrf_token" value="([^"]+)"', asker.get("/claim").text)
    assert found is not None
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * PAIRS + 40):
        known = bool((turn ^ (turn >> 1)) & 1)  # known, unknown, unknown, known: neither is always first
        number = homes[turn // 2 % 20].number if known else f"99127782{turn // 2 % 20:02}"
        typed = {"csrf_token": found[1], "number": number, "by": by, "proof": "7777,77"}
        started = perf_counter()
        answer = asker.client.post("/claim", data=typed)
        times[known].append(perf_counter() - started)
        assert answer.status_code == 422
    told = area(times[True][20:], times[False][20:])
    print(f"{by}: AUC {told:.3f} over {PAIRS} pairs")
    assert 0.45 <= told <= 0.55
