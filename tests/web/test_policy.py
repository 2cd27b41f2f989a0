"""Who may pass. A denial tells nothing: what is foreign, revoked or absent looks the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.contributions import RouteSpec
from lkportal.core.db import Database
from lkportal.core.errors import Forbidden, NotFound, StartupError
from lkportal.core.policy import ANONYMOUS, Actor, Policy, anyone, on_account, signed_in, staff
from lkportal.web import Edge, Grant, Request, RouteGroup, RouteTable, route
from lkportal.web.trust.guard import judge
from tests.web.house import ACCOUNTS, NOW, PEOPLE, build, client, demo, house_of

ANNA, BORIS = ACCOUNTS["anna"].public_id, ACCOUNTS["boris"].public_id


def shown(request: Request) -> Response:
    return PlainTextResponse(f"for {request.account.number if request.account else request.actor.kind}")


@pytest.fixture
def edge(database: Database) -> Edge:
    routes = [
        route("/open", shown, name="open", policy=anyone()),
        route("/mine", shown, name="mine", policy=signed_in()),
        route("/{account}/see", shown, name="see", policy=on_account("demo.see")),
        route("/{account}/step", shown, name="step", policy=on_account("", step_up=True)),
        route("/desk", shown, name="desk", policy=staff("demo.view")),
        route("/system", shown, name="system", policy=Policy("system")),
        route("/data", shown, name="data", policy=signed_in(), kind="api"),
        route("/send", shown, name="send", policy=signed_in(), methods=("POST",)),
    ]
    login = route("/login", shown, name="login", policy=anyone())
    step_up = route("/prove", shown, name="step_up", policy=signed_in())
    return build(database, demo(*routes), RouteGroup("auth", "", (login, step_up)))


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("", "/demo/open", 200),
        ("anna", "/demo/open", 200),
        ("anna", "/demo/mine", 200),
        ("operator", "/demo/mine", 404),
        ("anna", f"/demo/{ANNA}/see", 200),
        ("boris", f"/demo/{BORIS}/see", 403),
        ("anna", f"/demo/{BORIS}/see", 404),
        ("anna", "/demo/NoSuchAccount123/see", 404),
        ("operator", f"/demo/{ANNA}/see", 404),
        ("operator", "/demo/desk", 200),
        ("clerk", "/demo/desk", 403),
        ("anna", "/demo/desk", 404),
        ("", "/demo/system", 401),
        ("anna", "/demo/system", 404),
        ("boris", f"/demo/{BORIS}/step", 200),
    ],
)
def test_policies(edge: Edge, who: str, path: str, status: int) -> None:
    assert client(edge, who).get(path).status_code == status


def test_a_foreign_account_and_an_absent_one_look_the_same(edge: Edge) -> None:
    visitor = client(edge, "anna")
    foreign, absent = visitor.get(f"/demo/{BORIS}/see"), visitor.get("/demo/NoSuchAccount123/see")

    assert foreign.status_code == absent.status_code
    assert len(foreign.text) == len(absent.text)
    assert BORIS not in foreign.text
    assert ACCOUNTS["boris"].number not in foreign.text


def test_a_stranger_is_led_to_sign_in_and_back(edge: Edge) -> None:
    answer = client(edge).get("/demo/mine?tab=2")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fdemo%2Fmine%3Ftab%3D2"


def test_a_stranger_who_sends_is_led_to_sign_in_without_a_way_back_to_a_post(edge: Edge) -> None:
    answer = client(edge).post("/demo/send", data={"a": "b"})

    assert answer.headers["location"] == "/login"


def test_htmx_is_told_to_move_the_page(edge: Edge) -> None:
    answer = client(edge, **{"hx-request": "true"}).get("/demo/mine")

    assert answer.status_code == 204
    assert answer.headers["hx-redirect"].startswith("/login?next=")


def test_an_old_proof_is_asked_for_again(edge: Edge) -> None:
    visitor = client(edge, "boris")
    house_of(edge).clock.advance(timedelta(minutes=6))

    answer = visitor.get(f"/demo/{BORIS}/step")
    assert answer.headers["location"].startswith("/prove?next=")
    assert client(edge, "anna").get(f"/demo/{ANNA}/step").headers["location"].startswith("/prove?next=")


def test_the_api_answers_problem_details(edge: Edge) -> None:
    answer = client(edge).get("/demo/data")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "sign_in"


def test_a_proof_from_the_future_proves_nothing() -> None:
    actor = Actor("customer", 1, stepped_up_at=NOW + timedelta(seconds=1))
    assert judge(Policy("customer", step_up="always"), Grant(actor), NOW) == "step_up"


def test_rights_are_judged_without_a_request() -> None:
    assert judge(anyone(), Grant(ANONYMOUS), NOW) == "pass"
    assert judge(signed_in(), Grant(ANONYMOUS), NOW) == "sign_in"
    with pytest.raises(Forbidden):
        judge(staff("demo.view"), Grant(PEOPLE["clerk"]), NOW)
    with pytest.raises(NotFound):
        judge(on_account("demo.see"), Grant(PEOPLE["anna"]), NOW)


def group(spec: RouteSpec) -> RouteTable:
    return RouteTable([RouteGroup("meters", "/meters", (spec,))])


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (RouteSpec("/a", shown, "a", None), "meters:a (/meters/a) of module 'meters' declares no policy"),
        (RouteSpec("/a", shown, "a", on_account("x.y")), "no {account}"),
        (RouteSpec("/{account}/a", shown, "a", signed_in()), "must be on_account"),
        (RouteSpec("a", shown, "a", anyone()), "begin with a slash"),
        (RouteSpec("/a", shown, "a", Policy("staff")), "names no permission"),
    ],
)
def test_a_route_that_says_too_little_stops_the_start(spec: RouteSpec, sentence: str) -> None:
    with pytest.raises(StartupError) as caught:
        group(spec)
    assert sentence in str(caught.value.message)


def test_two_routes_in_one_place_stop_the_start() -> None:
    twins = (RouteSpec("/a", shown, "one", anyone()), RouteSpec("/a", shown, "two", anyone()))
    with pytest.raises(StartupError, match="both answer GET /meters/a"):
        RouteTable([RouteGroup("meters", "/meters", twins)])
    same_name = (RouteSpec("/a", shown, "one", anyone()), RouteSpec("/b", shown, "one", anyone()))
    with pytest.raises(StartupError, match="two routes named 'one'"):
        RouteTable([RouteGroup("meters", "/meters", same_name)])
