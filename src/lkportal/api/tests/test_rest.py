"""The open API as its callers meet it: what a token reaches, lists by parts, what was not changed, limits, acts done once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from lkportal.api.tests.conftest import furnish
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef, Actor
from lkportal.testing import Program, World
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
Programs = Callable[..., Program]


@pytest.fixture
def anna(world: World, account: AccountRef) -> Actor:
    return world.customer("anna@example.org", account)


@pytest.fixture
def ids(world: World, account: AccountRef) -> dict[str, str]:
    return furnish(world, account)


def test_a_customers_program_reads_what_is_theirs(program: Programs, anna: Actor, ids: dict[str, str]) -> None:
    home = program(anna)
    here = f"/accounts/{ids['account']}"

    accounts = home.get("/accounts").json()
    assert [each["number"] for each in accounts["items"]] == ["0412778215"]
    assert home.get(here).json() == accounts["items"][0]
    assert home.get(f"{here}/balance").json()["owed"] == {"minor": 148260, "currency": "RUB"}
    bills = home.get(f"{here}/bills").json()["items"]
    assert [(each["period"], each["state"]) for each in bills] == [("2026-10-01", "due"), ("2026-09-01", "paid")]
    assert home.get(f"{here}/bills/{ids['bill']}").json()["lines"][0]["amount"]["minor"] == 148260
    assert home.get(f"{here}/payments").json()["items"][0]["amount"]["minor"] == 50000
    assert home.get(f"{here}/payments/{ids['payment']}").json()["state"] == "paid"
    assert {each["resource"] for each in home.get(f"{here}/meters").json()["items"]} == {"cold_water", "hot_water"}
    assert home.get(f"{here}/history", since="2026-11-01", until="2026-11-30").json()["movements"] == []
    assert home.get("/notices").json() == {"items": [], "next": None}


def test_a_customers_program_sends_readings(program: Programs, anna: Actor, ids: dict[str, str]) -> None:
    home, path = program(anna), f"/accounts/{ids['account']}/readings"

    below = home.post(path, {"readings": [{"register_id": ids["register"], "value": "411"}]})
    sent = home.post(path, {"readings": [{"register_id": ids["register"], "value": "416,3"}]})

    assert (below.status_code, below.json()["errors"][0]["pointer"]) == (422, "#/readings/0/value")
    assert "412" in below.json()["errors"][0]["detail"]
    assert (sent.status_code, sent.json()["period"]) == (201, "2026-11-01")
    read = home.get(path).json()["items"][0]
    assert (read["id"], read["value"], read["added"]) == (sent.json()["readings"][0]["id"], "416.3", "4.3")
    assert read["channel"] == "api"


def test_a_program_names_the_reading_that_was_sent_by_mistake(
    program: Programs, anna: Actor, ids: dict[str, str]
) -> None:
    home, path, register = program(anna), f"/accounts/{ids['account']}/readings", ids["register"]
    first = home.post(path, {"readings": [{"register_id": register, "value": "461,3", "confirmed": True}]})
    slip = first.json()["readings"][0]["id"]
    lower = {"register_id": register, "value": "416,3", "confirmed": True}
    asked = home.post(path, {"readings": [lower]})
    assert (asked.status_code, asked.json()["errors"][0]["corrects"]) == (422, slip)
    mended = home.post(path, {"readings": [lower | {"corrects": slip}]})
    assert mended.status_code == 201
    newest, before = home.get(path).json()["items"][:2]
    assert (newest["value"], newest["added"], before["corrected_by"]) == ("416.3", "-45", newest["id"])


def test_a_system_reads_all_accounts(program: Programs, world: World, ids: dict[str, str]) -> None:
    world.account("0500000001")
    erp = program()

    assert len(erp.get("/accounts").json()["items"]) == 2
    assert [each["id"] for each in erp.get("/accounts", number="0412778215").json()["items"]] == [ids["account"]]
    assert erp.get(f"/accounts/{ids['account']}/bills").status_code == 200
    assert erp.get("/notices").json()["code"] == "scope"


@ON_SQLITE
def test_a_list_comes_by_parts_each_item_once(program: Programs, anna: Actor, world: World) -> None:
    for number in range(7):
        world.account(f"07000000{number}")
    erp, met, asked = program(), [], dict[str, Any](limit=3)

    while True:
        answer = erp.get("/accounts", **asked)
        met += [each["number"] for each in answer.json()["items"]]
        if answer.json()["next"] is None:
            break
        assert f"after={answer.json()['next']}" in answer.headers["link"]
        asked["after"] = answer.json()["next"]

    assert len(met) == len(set(met)) == 8
    assert "link" not in answer.headers
    assert erp.get("/accounts", limit=0).status_code == erp.get("/accounts", after="x").status_code == 422


@pytest.mark.parametrize("what", ["bills", "payments", "meters", "readings"])
def test_lists_of_an_account_come_by_parts(
    program: Programs, anna: Actor, ids: dict[str, str], what: str, world: World
) -> None:
    home, path = program(anna), f"/accounts/{ids['account']}/{what}"
    for register, value in (("register", "413"), ("other", "414")):
        home.post(
            f"/accounts/{ids['account']}/readings", {"readings": [{"register_id": ids[register], "value": value}]}
        )

    whole = home.get(path).json()["items"]
    first = home.get(path, limit=1).json()
    rest = home.get(path, after=whole[0]["id"]).json()

    assert first["items"] == whole[:1]
    assert rest == {"items": whole[1:], "next": None}
    assert home.get(path, after="AAAAAAAAAAAAAAAA").json()["items"] == []


@ON_SQLITE
@pytest.mark.parametrize("given", ["0", "86400.0", "2026-10-01T00:00:00", "01.10.2026", "2026-02-30", ""])
def test_a_day_is_read_as_it_is_described_only(program: Programs, anna: Actor, ids: dict[str, str], given: str) -> None:
    history = f"/accounts/{ids['account']}/history"

    refused = program(anna).get(history, until=given)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?until")
    assert "2026-11-25" in refused.json()["errors"][0]["detail"]
    assert program(anna).get(history, until="2026-10-01").status_code == 200


@ON_SQLITE
def test_no_call_of_any_module_takes_a_number_for_a_day(portal: Portal) -> None:
    """An input that says `date` instead of `ApiDay` would."""
    inputs = [each.input for own in portal.registry.api_routes.values() for each in own if each.input is not None]
    met = set()
    for model in inputs:
        fields = {**model.model_json_schema()["properties"]}
        for name in [name for name, said in fields.items() if "'format': 'date'" in str(said)]:
            with pytest.raises(ValidationError) as refused:
                model.model_validate_json(json.dumps({name: "0"}), strict=True)
            assert (name,) in {each["loc"] for each in refused.value.errors()}, f"{model.__name__}.{name}"
            met.add(model.__name__)
    assert met >= {"Days"}


@ON_SQLITE
def test_what_did_not_change_is_not_sent_again(program: Programs, anna: Actor, ids: dict[str, str]) -> None:
    home, path = program(anna), f"/accounts/{ids['account']}/meters"
    tag = home.get(path).headers["etag"]

    same = home.get(path, {"if-none-match": tag})
    home.post(f"/accounts/{ids['account']}/readings", {"readings": [{"register_id": ids["register"], "value": "413"}]})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert home.get(path, {"if-none-match": tag}).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"api": {"calls_a_minute": 3}}])
def test_a_limit_is_told_before_it_is_met(program: Programs, anna: Actor, clock: MovableClock) -> None:
    home = program(anna)

    answers = [home.get("/accounts") for _ in range(4)]

    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert (answers[3].status_code, answers[3].json()["code"]) == (429, "api.too_often")
    clock.advance(timedelta(seconds=int(answers[3].headers["retry-after"]) + 60))
    assert home.get("/accounts").status_code == 200


@ON_SQLITE
def test_nobody_comes_in_without_a_good_token(
    portal: Portal, program: Programs, anna: Actor, world: World, clock: MovableClock, visit: Any, account: AccountRef
) -> None:
    home = program(anna)
    assert home.get("/accounts").status_code == 200

    nobody = Program(portal, "").get("/accounts")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Bearer realm="api"')
    assert Program(portal, "lkp_" + "x" * 43).get("/accounts").status_code == 401
    assert visit(anna, account).get("/api/v1/accounts").status_code == 401, "a session opens no call"
    with world.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET disabled_at = '2026-11-01'")
    assert home.get("/accounts").status_code == 401
    clock.advance(timedelta(days=31))
    assert program(None).get("/accounts").status_code == 200


@ON_SQLITE
def test_a_token_is_as_good_as_its_scopes_and_its_person(
    program: Programs, anna: Actor, world: World, ids: dict[str, str]
) -> None:
    here, other = f"/accounts/{ids['account']}", world.account("0999")
    bills = program(anna, "bills.read")
    reader = program(world.customer("r@example.org", world.account("0998"), role="reader"))
    theirs = reader.get("/accounts").json()["items"][0]["id"]

    assert bills.get(f"{here}/bills").status_code == 200
    assert (bills.get(f"{here}/meters").status_code, bills.get(f"{here}/meters").json()["code"]) == (403, "scope")
    assert program(anna).get(f"/accounts/{other.public_id}/bills").status_code == 404
    assert (reader.get(f"/accounts/{theirs}/meters").status_code, reader.get(f"{here}/meters").status_code) == (
        200,
        404,
    )
    assert reader.get(f"/accounts/{theirs}/bills").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"readings": []}, "#/readings"),
        ({"readings": [{"register_id": "x", "value": "1"}]}, "#/readings/0/register_id"),
        ({"readings": [{"register_id": "AAAAAAAAAAAAAAAA", "value": 1}]}, "#/readings/0/value"),
        ({"readings": [{"register_id": "AAAAAAAAAAAAAAAA", "value": "1", "x/y": 1}]}, "#/readings/0/x~1y"),
        ({"readings": [{"register_id": "AAAAAAAAAAAAAAAA", "value": "1"}]}, "#/readings/0/value"),
        ([], "#"),
    ],
)
def test_what_does_not_fit_is_pointed_at(
    program: Programs, anna: Actor, ids: dict[str, str], data: Any, pointer: str
) -> None:
    answer = program(anna, language="ru").post(f"/accounts/{ids['account']}/readings", data)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert any("а" <= letter <= "я" for letter in answer.json()["errors"][0]["detail"])


@ON_SQLITE
def test_a_body_that_is_no_json_is_told_so(program: Programs, anna: Actor, ids: dict[str, str]) -> None:
    home, path = program(anna), f"/api/v1/accounts/{ids['account']}/readings"
    typed = {"idempotency-key": "a", "content-type": "application/json"}

    assert home.client.post(path, content=b"{", headers=typed).status_code == 400
    assert home.client.post(path, content=b"\xff", headers=typed).status_code == 400
    assert home.client.post(path, data={"readings": "1"}, headers={"idempotency-key": "a"}).status_code == 415
    assert home.client.post(path, json={}).json()["code"] == "api.key"
    assert home.client.post(path, content=b" " * 70_000, headers=typed).status_code == 413


def test_an_act_sent_again_is_answered_again_and_done_once(
    portal: Portal, program: Programs, anna: Actor, ids: dict[str, str]
) -> None:
    home, path = program(anna), f"/accounts/{ids['account']}/readings"
    data = {"readings": [{"register_id": ids["register"], "value": "413"}]}

    answers = [home.post(path, data, key="monday") for _ in range(3)]
    other = home.post(path, {"readings": [{"register_id": ids["register"], "value": "414"}]}, key="monday")
    refused = [home.post(path, {"readings": [{"register_id": ids["register"], "value": "1"}]}, key="low") for _ in "12"]

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert (other.status_code, other.json()["code"]) == (422, "api.key_reused")
    assert refused[0].content == refused[1].content
    assert rows(portal.database, "SELECT count(*) FROM readings_readings WHERE channel = 'api'") == [(1,)]
