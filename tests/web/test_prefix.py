"""The portal under a path: by its settings, by the server, inside another application. Addresses follow, nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from lkportal.core.db import Database
from lkportal.core.policy import anyone, on_account, signed_in
from lkportal.web import Edge, Request, RouteGroup, page, redirect, route
from tests.web.house import ACCOUNTS, HTTPS, MENU, build, demo

ANNA = ACCOUNTS["anna"].public_id


def shown(request: Request) -> Response:
    return page(
        request, "demo/page.html", said=request.url("demo:bill", account=ANNA) + " " + request.url("demo:list", page=2)
    )


def edge_of(database: Database, **options: Any) -> Edge:
    routes = demo(
        route("/", shown, name="list", policy=anyone()),
        route("/{account}/bill", shown, name="bill", policy=on_account("demo.see")),
        route("/mine", shown, name="mine", policy=signed_in()),
        route("/save", lambda r: redirect(r, "demo:list"), name="save", policy=anyone(), methods=("POST",), csrf=False),
    )
    login = RouteGroup("auth", "", (route("/login", shown, name="login", policy=anyone()),))
    return build(database, routes, login, menu=MENU, **options)


def mounted(edge: Edge) -> ASGIApp:
    other = Route("/", lambda _request: PlainTextResponse("the other application"))
    return Starlette(routes=[other, Mount("/lk", app=edge)])


def ways(database: Database) -> dict[str, ASGIApp]:
    return {
        "settings, path kept by the proxy": edge_of(database, root_path="/lk"),
        "another application": mounted(edge_of(database)),
        "another application and settings": mounted(edge_of(database, root_path="/lk")),
    }


@pytest.mark.parametrize(
    "way", ["settings, path kept by the proxy", "another application", "another application and settings"]
)
def test_addresses_begin_with_the_prefix(database: Database, way: str) -> None:
    visitor = TestClient(ways(database)[way], base_url=HTTPS, follow_redirects=False)
    answer = visitor.get("/lk/demo/")

    assert answer.status_code == 200
    assert f"/lk/demo/{ANNA}/bill /lk/demo/?page=2" in answer.text
    assert '"/lk/static/portal.' in answer.text
    assert 'action="/lk/language"' in answer.text
    assert "report-uri /lk/csp-report" in answer.headers["content-security-policy"]
    for address in answer.text.split('"')[1::2]:
        assert not address.startswith("/") or address.startswith("/lk/")


@pytest.mark.parametrize("way", ["settings, path kept by the proxy", "another application"])
def test_everything_works_there(database: Database, way: str) -> None:
    visitor = TestClient(ways(database)[way], base_url=HTTPS, follow_redirects=False)

    assert visitor.get("/lk/health/live").status_code == 200
    assert visitor.get("/lk/static/portal.css").status_code == 200
    assert visitor.get("/lk/nowhere").status_code == 404
    assert visitor.post("/lk/demo/save").headers["location"] == "/lk/demo/"
    assert visitor.get("/lk/demo").headers["location"] == "/lk/demo/"
    assert visitor.get("/lk/demo/mine").headers["location"] == "/lk/login?next=%2Flk%2Fdemo%2Fmine"
    visitor.cookies.set("__Host-lk_session", "anna", domain="lk.example.org")
    assert 'href="/lk/demo/"' in visitor.get(f"/lk/demo/{ANNA}/bill").text


def test_a_proxy_may_cut_the_prefix_off(database: Database) -> None:
    visitor = TestClient(edge_of(database, root_path="/lk"), base_url=HTTPS)

    assert "/lk/demo/?page=2" in visitor.get("/demo/").text


def test_the_server_may_know_the_prefix(database: Database) -> None:
    visitor = TestClient(edge_of(database), base_url=HTTPS, root_path="/lk")

    assert "/lk/demo/?page=2" in visitor.get("/lk/demo/").text


def test_the_other_application_is_left_alone(database: Database) -> None:
    visitor = TestClient(mounted(edge_of(database)), base_url=HTTPS)

    assert visitor.get("/").text == "the other application"
    assert "content-security-policy" not in visitor.get("/").headers


def test_two_portals_live_in_one_process(database: Database) -> None:
    both = Starlette(routes=[Mount("/one", app=edge_of(database)), Mount("/two", app=edge_of(database))])
    visitor = TestClient(both, base_url=HTTPS)

    assert "/one/demo/?page=2" in visitor.get("/one/demo/").text
    assert "/two/demo/?page=2" in visitor.get("/two/demo/").text
