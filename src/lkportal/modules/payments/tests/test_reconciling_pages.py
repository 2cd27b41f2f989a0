"""Reconciliation at the desk: the letter to bookkeeping, the days, a difference with what to do, and who may record it as dealt with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.payments.reconciling import service
from lkportal.modules.payments.reconciling.comparing import Found, Totals
from lkportal.testing import Mailbox, SandboxDriver, Visitor
from lkportal.testing.world import World as People

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
DAY = date(2026, 11, 21)


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    """Bookkeeping has an address."""
    return {"payments": {"reconciliation": {"letters_to": ["books@example.org", "left@example.org"]}}}


def colleagues(world: People) -> None:
    """One keeps the books; one has no role any more, so the page a letter leads to is closed to them."""
    world.staff("books@example.org", "accountant")
    world.staff("left@example.org")


@ON_SQLITE
def test_bookkeeping_is_told_looks_and_records_what_was_done(
    portal: Portal,
    account: AccountRef,
    world: People,
    visit: Callable[..., Visitor],
    mailbox: Mailbox,
    work_off: Callable[[], int],
) -> None:
    assert account.number
    colleagues(world)
    found = Found("missing_here", "2d-77", "RUB", None, 44_520, 0, "succeeded", "")
    totals = {"RUB": Totals(1, 44_520, 0, 0, 0, 0, [found])}
    for _ in range(2):  # the second comparison finds nothing new, so it writes nobody
        with open_unit(portal.database, portal.unit_context("test")) as db:
            service.keep(db, "yookassa", DAY, totals, listed=True)
        work_off()
    (letter,) = [*mailbox.to("books@example.org"), *mailbox.to("left@example.org")]
    link = re.search(r"https?://\S+/reconciliation/\w+", letter.text)
    assert link is not None
    assert "445" not in letter.text.replace(link[0], "")

    olga = visit(world.staff("olga@example.org", "accountant"))
    assert "Reconciliation: 1" in olga.get(olga.url("payments:attention")).text
    day = re.search(r'href="([^"]+/reconciliation/\w+)"', olga.get(olga.url("payments:reconciliations")).text)
    assert day is not None
    assert link[0].endswith(day[1])
    page = re.search(r'href="([^"]+/differences/\w+)"', olga.get(day[1]).text)
    assert page is not None
    assert "Look in the provider" in olga.get(page[1]).text

    nina = visit(world.staff("nina@example.org", "cashier"))
    assert "<form" not in nina.get(page[1]).text.split("<main", 1)[1]
    done = {"how": "returned", "note": "given back in the provider's account"}
    assert nina.post(page[1], done, page=nina.url("payments:cash")).status_code == 403
    short = olga.post(page[1], {**done, "note": "ok"}, page=page[1])
    assert (short.status_code, "Say in a few words" in short.text) == (422, True)
    assert olga.post(page[1], done, page=page[1]).status_code == 303
    assert "given back in the provider" in olga.get(page[1]).text
    assert "Nothing differs" in olga.get(olga.url("payments:reconciliations")).text
    assert "To look into" not in olga.get(day[1]).text


@ON_SQLITE
def test_a_day_is_compared_when_somebody_asks(
    gateway: SandboxDriver, world: People, visit: Callable[..., Visitor], work_off: Callable[[], int]
) -> None:
    assert gateway.secrets
    olga = visit(world.staff("olga@example.org", "accountant"))
    start = olga.url("payments:reconciliations")
    late = olga.post(olga.url("payments:reconcile"), {"gateway": "yookassa", "day": "2031-01-01"}, page=start)
    assert (late.status_code, "has not come yet" in late.text) == (422, True)
    assert olga.post(olga.url("payments:reconcile"), {"gateway": "yookassa", "day": str(DAY)}, page=start).is_redirect
    work_off()
    text = olga.get(start).text
    assert "Agrees" in text
    assert "Nothing differs" in text
