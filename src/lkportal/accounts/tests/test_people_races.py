"""Many at once: an invitation is used once, and of owners who leave together one stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lkportal.accounts.models import Membership
from lkportal.accounts.people import deciding, inviting
from lkportal.accounts.tests.street import Street
from lkportal.auth.models import Identity
from lkportal.core.errors import PortalError
from lkportal.testing.races import race

ANSWER = timedelta(days=14)


@pytest.mark.parametrize("clients", [8])
def test_an_invitation_is_used_once_by_many_at_once(street: Street, clients: int) -> None:
    assert sum(_race(street, clients, number) for number in range(60)) == 60


@pytest.mark.proof
def test_an_invitation_is_used_once_ten_thousand_times(street: Street) -> None:
    assert sum(_race(street, 8, number) for number in range(1_250)) == 1_250


def _race(street: Street, clients: int, number: int) -> int:
    """Let as many people accept one invitation at once; return how many got in."""
    if number == 0:
        anna = street.person("Anna")
        street.account(anna)
        for n in range(clients):
            street.person(f"Racer{n}")
    with street.unit() as db:
        racers = list(db.scalars(select(Identity.id).where(Identity.name.like("Racer%"))))
        under = db.scalars(select(Membership.id).where(Membership.role == "owner").limit(1)).one()
        where = db.scalars(select(Membership.account_id).where(Membership.id == under)).one()
        scope = {"account_id": where, "group_id": None, "organisation_id": None}
        said = {
            "made_under": under,
            "hands_over": 0,
            "name": "",
            "word": "",
            "right_until": None,
            "locale": "",
            "expires_at": street.clock.now() + ANSWER,
        }
        made = inviting.write(db, f"racer{number}@example.org", "reader", scope, said)
        minted = inviting.mint(db, made)
        assert minted is not None
        token = minted[1]

    def attempt(identity: int) -> int:
        try:
            with street.unit() as db:
                inviting.accept(db, token, identity)
        except PortalError:
            return 0
        return 1

    return sum(race(attempt, racers))


@pytest.mark.parametrize("rounds", [20])
def test_of_eight_owners_who_leave_at_once_one_stays(street: Street, rounds: int) -> None:
    account = street.account()
    owners = [street.person(f"Owner{n}") for n in range(8)]
    for _ in range(rounds):
        for owner in owners:
            street.grant(owner, account, "owner")
        with street.portal.database.reading() as connection:
            rows = deciding.here(connection, account, street.clock.now(), 20)

        def leave(row: Any) -> int:
            try:
                with street.unit() as db:
                    deciding.take(db, row, account)
            except deciding.LastOwner:
                return 0
            return 1

        assert sum(race(leave, rows)) == 7
