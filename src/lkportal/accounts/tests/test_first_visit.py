"""The first visit leads by the hand: step by step, left and taken up again, and counted without anybody's name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lkportal.accounts import service
from lkportal.accounts.first import visits
from lkportal.app import Portal
from lkportal.auth.contract import Registered
from lkportal.core.events import emit
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_a_newcomer_is_led_by_the_hand(
    portal: Portal, world: World, account: AccountRef, visit: Callable[..., Visitor], work_off: Callable[[], int]
) -> None:
    person = world.customer("new@example.org")
    newcomer = visit(person)
    with world.unit() as db:
        emit(db, Registered(person.public_id))
    work_off()

    assert newcomer.get("/").headers["location"] == "/welcome"
    page = newcomer.get("/welcome").text
    assert "Add your account" in page
    assert 'href="/claim"' in page
    assert "Skip" not in page, "without an account there is nothing to look at"
    assert rows(portal.database, "SELECT step, done_at FROM accounts_first_steps WHERE done_at IS NULL") == [
        ("accounts.account", None)
    ]

    with world.unit() as db:
        service.grant(db, person.id or 0, account, "owner")
    home = newcomer.get(f"/home/{account.public_id}/").text
    assert "Next: See where notices come" in home, "the contact is confirmed, the account is there"

    assert newcomer.post("/welcome", {"step": "notify.notices", "do": "done"}).status_code == 303
    assert newcomer.post("/welcome", {"step": "auth.second", "do": "skip"}).status_code == 303
    assert "Next: Look around" in newcomer.get(f"/home/{account.public_id}/").text
    assert newcomer.post("/welcome", {"step": "nobody.knows", "do": "done"}).status_code == 404
    assert newcomer.post("/welcome", {"do": "over"}).status_code == 303
    assert "Next:" not in newcomer.get(f"/home/{account.public_id}/").text

    clerk = visit(world.staff("operator@example.org", "operator"))
    funnel = clerk.get("/staff/first-steps").text
    assert "new@example.org" not in funnel
    with portal.database.reading() as connection:
        begun, over, counted = visits.counts(connection)
    assert (begun, over) == (1, 1)
    assert counted["auth.second"] == {"seen": 1, "done": 0, "skipped": 1}
    assert counted["notify.notices"]["done"] == 1


@ON_SQLITE
def test_who_was_here_before_is_left_alone(customer: Visitor, account: AccountRef) -> None:
    assert 'id="first"' not in customer.get(f"/home/{account.public_id}/").text
