"""What programs do in every module: each call answers its own example, and the stories people live on pages are lived by calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lkportal.api.tests.furnishing import EVERYTHING, WORDS, Furnished, furnish_all
from lkportal.app import Portal
from lkportal.core.policy import AccountRef, Actor
from lkportal.modules.tickets import service as tickets
from lkportal.testing import Program, World
from lkportal.testing.sandbox import SandboxDriver
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("portal_url", ["postgresql"], indirect=True)
Programs = Callable[..., Program]


@pytest.fixture
def portal_overrides() -> dict[str, Any]:
    return {"modules": {"enabled": EVERYTHING}}


@pytest.fixture
def anna(world: World, account: AccountRef) -> Actor:
    return world.customer("anna@example.org", account)


@pytest.fixture
def furnished(portal: Portal, world: World, account: AccountRef, anna: Actor) -> Furnished:
    return furnish_all(portal, world, account, anna)


def schema_of(description: dict[str, Any], wanted: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**description, **wanted})


def where(answer: Any) -> list[str]:
    """Return the pointers of a refusal."""
    assert answer.status_code == 422, answer.text
    return [each["pointer"] for each in answer.json()["errors"]]


@ON_SQLITE
def test_every_call_answers_its_own_example(
    portal: Portal, program: Programs, anna: Actor, furnished: Furnished, gateway: SandboxDriver
) -> None:
    """Each call is made from nothing but the description, with the ids of what is there, and answers as it says."""
    _each_by_its_example(portal, program, anna, furnished)


@pytest.mark.proof
@ON_POSTGRESQL
def test_every_call_answers_its_own_example_on_postgresql(
    portal: Portal, program: Programs, anna: Actor, furnished: Furnished, gateway: SandboxDriver
) -> None:
    _each_by_its_example(portal, program, anna, furnished)


def _each_by_its_example(portal: Portal, program: Programs, anna: Actor, furnished: Furnished) -> None:
    home, erp = program(anna), program()
    description = home.client.get("/api/openapi.json").json()
    known = {f"{module}_{call.name}": call for module, own in portal.registry.api_routes.items() for call in own}
    called = set()
    for path, method, operation in _calls(description):
        name = operation["operationId"]
        who = home if known[name].scope.customers else erp
        asked, data = _wished(description, operation, furnished)
        made = furnished.path(path, name).removeprefix("/api/v1")
        answer = who.get(made, **asked) if method == "get" else who.post(made, data)
        told = next(iter(operation["responses"]))
        assert answer.status_code == int(told), f"{name}: {answer.text}"
        content = operation["responses"][told]["content"]
        if "*/*" in content:
            assert answer.content == WORDS
            assert who.get(made, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        else:
            example = content["application/json"]["examples"]["one"]["value"]
            for value in (answer.json(), example):
                schema_of(description, content["application/json"]["schema"]).validate(value)
        called.add(name)
    assert called == set(known)


def _calls(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in description["paths"].items():
        if "/v1/feed/" not in path:
            yield from ((path, method, operation) for method, operation in operations.items())


def _wished(description: dict[str, Any], operation: dict[str, Any], furnished: Furnished) -> tuple[Any, Any]:
    """Return the query and the body of the examples, about what is there instead of what the examples are about."""
    ids = furnished.ids
    real = {"Rg6yX3bC8dEf1GhJ": ids["register"], "132.05": "413", "Of4fG7hJ1kL3zX6c": ids["offering"]}
    queried = [each for each in operation["parameters"] if each["in"] == "query" and "example" in each]
    asked = {each["name"]: real.get(each["example"], each["example"]) for each in queried}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return asked, None
    data = body["examples"]["one"]["value"]
    schema_of(description, body["schema"]).validate(data)
    written = json.dumps(data)
    for shown, value in real.items():
        written = written.replace(shown, value)
    return asked, json.loads(written)


@ON_SQLITE
def test_a_request_is_asked_answered_and_rated_by_programs(
    program: Programs, world: World, anna: Actor, account: AccountRef
) -> None:
    home, desk, here = program(anna), program(), f"/accounts/{account.public_id}"
    types = {each["id"]: each for each in home.get(f"{here}/ticket-types").json()["items"]}
    assert [each["name"] for each in types["tickets.repair"]["questions"]] == ["place", "since", "phone"]

    ask = {"type": "tickets.repair", "body": "A leak.", "answers": {"place": "Kitchen", "since": "2026-11-20"}}
    made = home.post(f"{here}/tickets", ask, key="leak")
    again = home.post(f"{here}/tickets", ask, key="leak")
    assert made.status_code == 201, made.text
    assert again.content == made.content
    path = f"{here}/tickets/{made.json()['id']}"
    staff = world.staff("olga@example.org", "operator")
    with world.unit() as db:
        tickets.note(db, made.json()["id"], staff.id or 0, tickets.Words("Secret: he complains a lot."))
    assert desk.post(f"{path}/answers", {"body": "Which tap?", "state": "waiting"}).json()["state"] == "waiting"
    assert home.get(path).json()["unread"] is True
    assert home.post(f"{path}/messages", {"body": "The left one."}).json()["state"] == "open"
    assert desk.post(f"{path}/answers", {"body": "Mended.", "state": "solved"}).json()["state"] == "solved"
    assert home.post(f"{path}/rating", {"rating": 5}).json()["rating"] == 5
    assert home.post(f"{path}/rating", {"rating": 1}).status_code == 409

    whole = home.get(path)
    assert [(each["side"], each["body"]) for each in whole.json()["messages"]] == [
        ("customer", "A leak."), ("company", "Which tap?"), ("customer", "The left one."), ("company", "Mended."),
    ]  # fmt: skip
    assert {each["name"]: each["value"] for each in whole.json()["answers"]} == ask["answers"]
    assert "Secret" not in whole.text + desk.get(path).text


@ON_SQLITE
def test_a_request_that_does_not_fit_is_refused_place_by_place(
    program: Programs, world: World, anna: Actor, furnished: Furnished
) -> None:
    here = f"/accounts/{furnished.ids['account']}"
    home, path = program(anna), f"{here}/tickets"

    assert where(home.post(path, {"type": "tickets.repair", "body": "A leak."})) == ["#/answers/place"]
    assert where(home.post(path, {"type": "tickets.nothing", "body": "A leak."})) == ["#/type"]
    assert where(home.post(path, {"type": "tickets.other", "body": "A", "answers": {"x": "1"}})) == ["#/answers/x"]
    assert where(home.post(path, {"type": "tickets.other", "body": "A", "about": "payments.bill/no"})) == ["#/about"]
    assert where(home.post(path, {"type": "tickets.other", "body": "\u0000"})) == ["#/body"]
    about = f"payments.bill/{furnished.ids['bill']}"
    asked = home.post(path, {"type": "tickets.charge", "body": "Why so much?", "about": about})
    assert asked.json()["about"]["id"] == furnished.ids["bill"]
    stranger = program(world.customer("boris@example.org", world.account("0500000001")))
    reader = program(world.customer("rita@example.org", role="reader"))
    assert stranger.get(f"{path}/{furnished.ids['ticket']}").status_code == 404
    assert reader.post(path, {"type": "tickets.other", "body": "May I?"}).status_code in (403, 404)
    erp = program()
    assert erp.post(f"{path}/{furnished.ids['ticket']}/messages", {"body": "In her name"}).json()["code"] == "scope"


@ON_SQLITE
def test_a_payment_is_begun_once_and_made_at_the_provider(
    program: Programs, anna: Actor, account: AccountRef, gateway: SandboxDriver, work_off: Callable[[], int]
) -> None:
    home, path = program(anna), f"/accounts/{account.public_id}/payments"
    wish = {"amount": {"minor": 50_000, "currency": "RUB"}}

    begun = home.post(path, wish, key="october")
    again = home.post(path, wish, key="october")
    assert (begun.status_code, begun.json()["state"], again.content) == (201, "waiting", begun.content), begun.text
    payment = begun.json()["id"]
    assert begun.json()["page"].endswith(f"/{account.public_id}/payments/{payment}")
    assert gateway.count(payment) == 1
    assert home.get(f"{path}/{payment}").json()["pay_at"].startswith("http")
    assert where(home.post(path, {"amount": {"minor": 50_000, "currency": "USD"}})) == ["#/amount/currency"]
    assert where(home.post(path, {"amount": {"minor": 1, "currency": "RUB"}})) == ["#/amount/minor"]
    assert where(home.post(path, {"amount": {"minor": 2**80, "currency": "RUB"}})) == ["#/amount/minor"]
    assert where(home.post(path, {**wish, "contact": "@"})) == ["#/contact"]
    assert home.post(path, {**wish, "bill": "A" * 16, "amount": {"minor": 777, "currency": "RUB"}}).status_code == 404


@ON_SQLITE
def test_a_portal_that_takes_no_payments_says_so(program: Programs, anna: Actor, account: AccountRef) -> None:
    wish = {"amount": {"minor": 50_000, "currency": "RUB"}}

    answer = program(anna).post(f"/accounts/{account.public_id}/payments", wish)

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.closed")


@ON_SQLITE
def test_a_system_gives_back_what_one_person_may(
    program: Programs, anna: Actor, furnished: Furnished, gateway: SandboxDriver, portal_overrides: dict[str, Any]
) -> None:
    erp, home = program(), program(anna)
    paid = furnished.own["payments_refund"]["payment"]
    path = f"/accounts/{furnished.ids['account']}/payments/{paid}/refunds"
    some = {"amount": {"minor": 10_000, "currency": "RUB"}, "reason": "Paid twice"}

    given = erp.post(path, some)
    assert (given.status_code, given.json()["state"]) == (201, "intended"), given.text
    assert erp.get(path).json()["items"] == [given.json()]
    assert erp.post(path, some).json()["code"] == "payments.refund_too_much"
    assert where(erp.post(path, {**some, "reason": "."})) == ["#/reason"]
    assert home.post(path, some).json()["code"] == "scope"


@ON_SQLITE
def test_a_document_is_agreed_on_as_it_was_read(
    program: Programs, world: World, anna: Actor, furnished: Furnished
) -> None:
    home = program(anna)
    path = f"/accounts/{furnished.ids['account']}/documents/{furnished.ids['document']}"

    whole = home.get(path).json()
    assert whole["may"] == ["agree", "decline", "remark"]
    assert [(each["act"], each["side"]) for each in whole["history"]] == [("publish", "company")]
    assert home.post(f"{path}/agree", {"version": 2}).status_code == 409
    assert where(home.post(f"{path}/remarks", {"version": 1, "remark": "\u2028"})) == ["#/remark"]
    assert home.post(f"{path}/remarks", {"version": 1, "remark": "Another month."}).json()["state"] == "review"
    assert home.post(f"{path}/agree", {"version": 1}).status_code == 409
    bytes_of = f"{path}/versions/{whole['versions'][0]['id']}"
    given = home.get(bytes_of)
    assert (given.content, given.headers["etag"]) == (WORDS, f'"{whole["versions"][0]["sha256"]}"')
    assert given.headers["content-disposition"].startswith("attachment")
    elsewhere = world.account("0500000001")
    boris = program(world.customer("boris@example.org", elsewhere))
    assert boris.get(bytes_of.replace(furnished.ids["account"], elsewhere.public_id)).status_code == 404


@ON_SQLITE
def test_a_service_is_ordered_on_the_terms_that_were_told(program: Programs, anna: Actor, furnished: Furnished) -> None:
    home, erp, here = program(anna), program(), f"/accounts/{furnished.ids['account']}"
    offering = furnished.ids["offering"]
    assert offering in {each["id"] for each in home.get(f"{here}/offerings").json()["items"]}

    told = home.get(f"{here}/quote", kind="connect", offering=offering).json()
    order = {"kind": "connect", "offering": offering, "day": told["last"], "price": told["price"]["minor"]}
    assert home.post(f"{here}/orders", {**order, "monthly": 1}).status_code == 409
    made = home.post(f"{here}/orders", {**order, "monthly": told["monthly"]["minor"]})
    assert (made.status_code, made.json()["state"], made.json()["day"]) == (201, "waiting", told["last"]), made.text
    path = f"{here}/orders/{made.json()['id']}"
    assert home.post(f"{path}/process").json()["code"] == "scope"
    done = erp.post(f"{path}/process").json()
    assert (done["state"], done["day"]) == ("processed", told["last"])
    assert home.post(f"{path}/cancel").status_code == 409
    late = home.get(f"{here}/quote", kind="connect", offering=offering, day=date.max.isoformat())
    assert where(late) == ["?day"]
    move = {"kind": "move", "service": furnished.ids["service"], "day": told["day"], "price": 0, "monthly": 65_000}
    assert where(home.post(f"{here}/orders", move)) == ["#/place"]


@ON_SQLITE
def test_an_offer_is_taken_for_its_own_price_alone(program: Programs, anna: Actor, furnished: Furnished) -> None:
    home, here = program(anna), f"/accounts/{furnished.ids['account']}"
    (device,) = home.get(f"{here}/equipment").json()["items"]
    assert (device["id"], device["model"], device["silent_since"]) == (furnished.ids["device"], "AX3000", None)
    (offer,) = home.get(f"{here}/promotions").json()["items"]
    assert (offer["price"]["minor"], offer["then"]["minor"], offer["price_months"]) == (45_000, 65_000, 3)

    wish = {"kind": "connect", "offering": furnished.ids["service"], "promotion": offer["id"]}
    told = home.get(f"{here}/quote", **wish).json()
    assert told["monthly"]["minor"] == 45_000
    order = {**wish, "day": told["last"], "price": told["price"]["minor"], "monthly": 45_000}
    made = home.post(f"{here}/orders", order).json()
    assert (made["offering"], made["monthly"]["minor"]) == ("Internet", 45_000), (
        "the offering is the offer's, whatever was sent"
    )
    assert home.get(f"{here}/promotions").json()["items"] == [], "it is taken once"
    again = home.post(f"{here}/orders", {**order, "offering": None})
    assert (again.status_code, again.json()["code"]) == (422, "tariffs.unfit")


def test_lists_of_every_module_come_by_parts(
    program: Programs, portal: Portal, world: World, anna: Actor, account: AccountRef, furnished: Furnished
) -> None:
    home, here = program(anna), f"/accounts/{account.public_id}"
    lists = [
        each for own in portal.registry.api_routes.values() for each in own if each.listed and "{account}" in each.path
    ]

    for each in lists:
        path = each.path.replace("{account}", account.public_id)
        whole = [item["id"] for item in home.get(path).json()["items"]]
        parts, asked = [], dict[str, Any](limit=1)
        while True:
            answer = home.get(path, **asked).json()
            parts += [item["id"] for item in answer["items"]]
            if answer["next"] is None:
                break
            asked["after"] = answer["next"]
        assert parts == whole, path
    assert len(home.get(f"{here}/documents", kind="documents.act").json()["items"]) == 4
    assert home.get(f"{here}/documents", kind="documents.nothing").json()["items"] == []
    assert home.get(f"{here}/news", kind="outage").json()["items"] == []
    item = home.post(f"{here}/news/{furnished.ids['item']}/read").json()
    assert (item["read"], item["title"], item["body"]) == (True, "Hours", "We are here from eight.")
    assert rows(portal.database, "SELECT count(*) FROM news_reads") == [(1,)]
