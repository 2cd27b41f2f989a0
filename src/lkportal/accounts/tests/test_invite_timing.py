"""Who invites learns nothing of a mailbox: known and unknown ones get equal bytes and headers, and take equal time."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import perf_counter

import pytest

from lkportal.accounts.tests.test_claim_timing import PAIRS, area
from lkportal.testing import Visitor, World

FEW = 60
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
Visit = Callable[..., Visitor]


@pytest.fixture
def portal_overrides() -> dict[str, object]:
    return {"accounts": {"invitations_a_day": 10_000}}


@ON_SQLITE
def test_answers_are_equal(world: World, visit: Visit) -> None:
    inviter, path, token = settle(world, visit)
    told = set()
    for email in (known(1), unknown(1), known(2), unknown(2)):
        answer = inviter.client.post(path, data={"csrf_token": token, "email": email, "role": "reader"})
        shown = inviter.get(answer.headers["location"])
        assert (answer.status_code, shown.status_code) == (303, 200)
        told.add(bare(f"{answer.headers}{answer.text}{shown.headers}{shown.text}", email))
        withdraw(inviter, shown.text)

    assert len(told) == 1


@ON_SQLITE
@pytest.mark.parametrize("pairs", [FEW, pytest.param(PAIRS, marks=pytest.mark.proof)])
def test_time_tells_nothing(pairs: int, world: World, visit: Visit) -> None:
    inviter, path, token = settle(world, visit)
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * pairs + 40):
        is_known = bool((turn ^ (turn >> 1)) & 1)  # known, unknown, unknown, known: neither is always first
        email = (known if is_known else unknown)(turn // 2)
        typed = {"csrf_token": token, "email": email, "role": "reader"}
        started = perf_counter()
        answer = inviter.client.post(path, data=typed)
        times[is_known].append(perf_counter() - started)
        assert answer.status_code == 303
    told = area(times[True][20:], times[False][20:])
    print(f"invite: AUC {told:.3f} over {pairs} pairs")
    width = 0.05 if pairs == PAIRS else 0.3
    assert abs(told - 0.5) <= width


def settle(world: World, visit: Visit) -> tuple[Visitor, str, str]:
    """Let an owner open the form; half of whom they will invite are customers already. Return browser, address, token."""
    home = world.account("0412778215")
    for number in range(20):
        world.customer(known(number))
    inviter = visit(world.customer("anna@example.org", home), home)
    page = inviter.get(inviter.url("accounts:invite"))
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return inviter, inviter.url("accounts:send_invitation"), found[1]


def withdraw(inviter: Visitor, page: str) -> None:
    """Take the one invitation that waits back."""
    found = re.search(r'action="([^"]+/withdraw)"', page)
    assert found is not None
    assert inviter.post(found[1], page=inviter.url("accounts:people")).status_code == 303


def bare(told: str, email: str) -> str:
    """Return an answer without what is random in every one: nonces, ids, tokens, the packed length, the mailbox itself."""
    told = told.replace(email, "EMAIL")
    told = re.sub(r'(name="csrf_token" value|nonce|hx-nonce)="[^"]+"', r"\1", told)
    told = re.sub(r"nonce-[\w-]+", "nonce", told)
    told = re.sub(r"/people/[\w-]{16}/|invitations/[\w-]{16}/", "/ROW/", told)
    return re.sub(r"'(x-request-id|set-cookie|date|content-length)': '[^']*'", r"\1", told)


def known(number: int) -> str:
    return f"known{number % 20:02}@example.org"


def unknown(number: int) -> str:
    return f"nobod{number % 20:02}@example.org"
