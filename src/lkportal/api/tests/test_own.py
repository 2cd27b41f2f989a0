"""A customer gives a program access: chooses what it may do, sees the token once, takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.testing import Program, Visitor, World
from lkportal.testing.world import PASSWORD, rows

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
FIELDS = {"name": "Smart home", "scopes": ["bills.read", "accounts.read"], "days": "30"}


@pytest.fixture
def proved(customer: Visitor) -> Visitor:
    """A customer who has just proved who they are."""
    customer.post("/step-up?next=%2F", {"password": PASSWORD})
    return customer


def test_a_token_is_made_after_a_fresh_proof_and_shown_once(
    portal: Portal, customer: Visitor, account: AccountRef, clock: MovableClock
) -> None:
    clock.advance(timedelta(minutes=11))
    refused = customer.get("/access/new")
    assert (refused.status_code, "/step-up" in refused.headers["location"]) == (303, True)
    customer.post("/step-up?next=%2F", {"password": PASSWORD})

    made = customer.post("/access/new", FIELDS)

    found = re.search(r"lkp_[A-Za-z0-9_-]{43}", made.text)
    assert found is not None, made.text
    program = Program(portal, found[0])
    assert program.get(f"/accounts/{account.public_id}/bills").status_code == 200
    assert program.get(f"/accounts/{account.public_id}/meters").status_code == 403
    listed = customer.get("/access").text
    assert found[0] not in listed
    assert f"…{found[0][-4:]}" in listed
    assert found[0] not in str(rows(portal.database, "SELECT * FROM api_tokens"))
    assert "/access" in customer.get("/settings").text

    customer.post(re.findall(r'action="(/access/[^"]+/revoke)"', listed)[0], {}, page="/access")
    assert program.get("/accounts").status_code == 401
    told = rows(portal.database, "SELECT action FROM audit_records WHERE action LIKE 'api.%' ORDER BY id")
    assert told == [("api.key_made",), ("api.key_revoked",)]


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["feed.charges"]}, {"days": "9999"}])
def test_what_is_wrong_in_the_form_makes_no_token(portal: Portal, proved: Visitor, wrong: dict[str, Any]) -> None:
    answer = proved.post("/access/new", {**FIELDS, **wrong})

    assert answer.status_code == 422
    assert rows(portal.database, "SELECT count(*) FROM api_tokens") == [(0,)]


def test_a_token_of_another_person_cannot_be_taken_back(
    portal: Portal, proved: Visitor, world: World, program: Callable[..., Program]
) -> None:
    stranger = program(world.customer("other@example.org", world.account("0999")))
    theirs = rows(portal.database, "SELECT public_id FROM api_tokens")[0][0]

    assert proved.post(f"/access/{theirs}/revoke", {}, page="/access").status_code == 404
    assert stranger.get("/accounts").status_code == 200


@pytest.mark.parametrize("portal_overrides", [{"api": {"customer_tokens": False}}, {"api": {"open": False}}])
def test_what_is_switched_off_leaves_no_trace(portal: Portal, proved: Visitor) -> None:
    assert proved.get("/access").status_code == 404
    assert "/access" not in proved.get("/settings").text
    description = proved.get("/api/openapi.json").json()
    assert any(path.startswith("/api/v1/accounts") for path in description["paths"]) == (
        proved.get("/api/v1/accounts").status_code == 401
    )
