"""Tokens of systems: who makes them, what they open, when they stop; and the desk's page of what came."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from lkportal.api.tests.conftest import System
from lkportal.app import Portal
from lkportal.cli.tokens import token
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World
from lkportal.testing.world import rows

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
DEBT = [{"account": "0412778215", "amount": "5.00"}]


@pytest.fixture
def admin(visit: Callable[..., Visitor], world: World) -> Visitor:
    """An administrator at the desk, who has just proved who they are."""
    visitor = visit(world.staff("admin@example.org", "administrator"))
    visitor.post("/step-up?next=%2F", {"password": "lkportal-demo"})
    return visitor


def test_an_administrator_makes_a_token_that_is_shown_once(portal: Portal, admin: Visitor, account: AccountRef) -> None:
    fields = {"name": "Billing", "kinds": ["registry"], "days": "30", "networks": "203.0.113.0/24"}
    made = admin.post("/staff/api/tokens/new", fields)

    found = re.search(r"lkp_[A-Za-z0-9_-]{43}", made.text)
    assert found is not None, made.text
    assert System(portal, found[0]).push("registry", DEBT).status_code == 200
    assert System(portal, found[0], network="198.51.100.7").push("registry", DEBT).status_code == 401
    listed = admin.get("/staff/api/tokens").text
    assert found[0] not in listed
    assert f"…{found[0][-4:]}" in listed
    told = rows(portal.database, "SELECT action FROM audit_records WHERE action LIKE 'api.%'")
    assert told == [("api.token_added",)]
    assert found[0] not in str(rows(portal.database, "SELECT * FROM api_tokens"))


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"kinds": []}, {"kinds": ["weather"]}, {"days": "0"}, {"networks": "10.0.0.0/99"}]
)
def test_what_is_wrong_in_the_form_stays_as_typed(admin: Visitor, wrong: dict[str, object]) -> None:
    fields = {"name": "Billing", "kinds": ["registry"], "days": "30", "networks": "", **wrong}

    answer = admin.post("/staff/api/tokens/new", fields)

    assert answer.status_code == 422
    assert "lkp_" not in answer.text
    assert all(f'value="{value}"' in answer.text for value in wrong.values() if isinstance(value, str) and value)


def test_a_revoked_and_an_old_token_open_nothing(
    portal: Portal, admin: Visitor, give: Callable[..., System], clock: MovableClock, account: AccountRef
) -> None:
    first, second = give(), give(days=1)
    public_id = rows(portal.database, "SELECT public_id FROM api_tokens ORDER BY id")[0][0]

    admin.post(f"/staff/api/tokens/{public_id}/revoke", page="/staff/api/tokens")
    assert first.push("registry", DEBT).status_code == 401
    assert second.push("registry", DEBT).status_code == 200
    clock.advance(timedelta(days=1))

    refused = second.push("registry", DEBT, key="two")
    assert (refused.status_code, refused.json()["code"]) == (401, "token")
    assert refused.headers["www-authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize("authorization", ["", "Basic YTpi", "Bearer", "Bearer x", "Bearer " + "y" * 5000])
def test_a_call_without_a_good_token_is_refused_in_json(portal: Portal, authorization: str) -> None:
    answer = System(portal, "").client.post("/api/v1/feed/charges", headers={"authorization": authorization})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_session_opens_nothing_here_and_nothing_is_a_page(portal: Portal, admin: Visitor) -> None:
    assert admin.get("/api/v1/feed/charges").status_code == 401
    for answer in (admin.get("/api/nowhere"), admin.get("/api/"), admin.client.delete("/api/v1/feed/charges")):
        assert answer.headers["content-type"] == "application/problem+json"
    with TestClient(portal, base_url="http://elsewhere.test") as client:
        assert client.get("/api/v1/feed/x").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("portal_overrides", [{"api": {"calls_a_minute": 3}}])
def test_a_system_that_calls_too_often_is_told_when_to_come_again(billing: System, account: AccountRef) -> None:
    answers = [billing.push("registry", DEBT, key=f"k{number}") for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "60"


def test_the_desk_sees_what_came_and_downloads_what_was_not_taken(
    portal: Portal, admin: Visitor, staff: Visitor, billing: System, account: AccountRef
) -> None:
    billing.push("registry", [*DEBT, {"account": "=1+1", "amount": "x"}, {"account": "777", "amount": "1"}])

    shown = admin.get("/staff/api/runs").text
    link = re.search(r'href="([^"]+rejects\.csv)"', shown)
    assert link is not None
    assert "Billing" in shown
    assert "Debt registry" in shown
    answer = admin.get(link[1])
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.count("\n") == 3
    assert "'=1+1" in answer.text
    assert staff.get("/staff/api/runs").status_code == 403
    assert rows(portal.database, "SELECT outcome FROM audit_records WHERE action = 'api.rejects_read'") == [("viewed",)]


def test_a_token_is_made_and_revoked_in_the_shell(portal: Portal, account: AccountRef) -> None:
    def shell(*words: str) -> str:
        result = CliRunner().invoke(token, words, obj=lambda: portal)
        assert result.exit_code == 0, result.output
        return result.stdout

    secret = shell("add", "Billing", "--kind", "registry", "--days", "7").strip()

    assert System(portal, secret).push("registry", DEBT).status_code == 200
    public_id = shell("list").split()[0]
    shell("revoke", public_id)
    assert System(portal, secret).push("registry", DEBT).status_code == 401
