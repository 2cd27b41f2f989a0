"""Who of the company's people may be written to about a matter: those with the right, at an address they confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import update

from lkportal.accounts.contract import Colleagues
from lkportal.app import Portal
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.testing import World


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"accounts": {"shared_mailboxes": ["Desk@example.org"]}}


def change(portal: Portal, login: str, **values: Any) -> None:
    with portal.database.unit() as db:
        db.execute(update(Identity).where(Identity.login == login).values(**values))


def test_those_with_the_right_at_a_confirmed_address_and_shared_mailboxes_are_written_to(
    portal: Portal, world: World, clock: MovableClock
) -> None:
    for login in ("Chief@example.org", "new@example.org", "gone@example.org"):
        world.staff(login, "administrator")
    world.staff("operator@example.org", "operator")
    change(portal, "new@example.org", email_confirmed_at=None)
    change(portal, "gone@example.org", disabled_at=clock.now())

    colleagues = portal.ports.get(Colleagues)  # type: ignore[type-abstract]
    with portal.database.reading() as connection:
        assert colleagues.mailboxes(connection, "audit.view") == {"chief@example.org", "desk@example.org"}
        assert colleagues.mailboxes(connection, "nobody.declared_this") == frozenset()
