"""The Host header chooses among our own brands and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database
from lkportal.core.policy import anyone, signed_in
from lkportal.web import Edge, Request, RouteGroup, Site, page, public_url, route
from tests.web.house import build, client, demo, house_of
from tests.web.served import served, speak, status_of

SITES = (
    Site("main", "https://lk.example.org"),
    Site("sever", "https://sever.example.org", ("old.sever.example.org",)),
    Site("http", "http://plain.example.org:8080"),
)


def whose(request: Request) -> Response:
    return PlainTextResponse(f"{request.brand} {request.public_url('demo:whose')} {request.url('demo:whose')}")


@pytest.fixture
def edge(database: Database) -> Edge:
    routes = [
        route("/whose", whose, name="whose", policy=anyone()),
        route("/page", lambda r: page(r, "demo/page.html", said="x"), name="page", policy=anyone()),
        route("/mine", whose, name="mine", policy=signed_in()),
    ]
    login = RouteGroup("auth", "", (route("/login", whose, name="login", policy=anyone()),))
    return build(database, demo(*routes), login, sites=SITES, hosts=("extra.example.org",))


@pytest.mark.parametrize(
    ("host", "brand"),
    [
        ("lk.example.org", "main"),
        ("LK.Example.ORG", "main"),
        ("lk.example.org:8443", "main"),
        ("extra.example.org", "main"),
        ("sever.example.org", "sever"),
        ("old.sever.example.org", "sever"),
        ("plain.example.org:8080", "http"),
    ],
)
def test_our_hosts_are_answered_in_their_brand(edge: Edge, host: str, brand: str) -> None:
    answer = client(edge).get("/demo/whose", headers={"host": host})
    site = next(site for site in SITES if site.key == brand)

    assert answer.text == f"{brand} {site.public_url}/demo/whose /demo/whose"


FOREIGN = [
    "evil.example",
    "lk.example.org.evil.example",
    "evil-lk.example.org",
    "sub.lk.example.org",
    "example.org",
    "127.0.0.1",
    "localhost",
    "[::1]",
    "xn--80ak6aa92e.com",
]
MALFORMED = [
    "",
    " ",
    "lk.example.org@evil.example",
    "user:pass@lk.example.org",
    "lk.example.org/evil",
    "lk.example.org?x",
    "lk.example.org#x",
    "lk.example.org:port",
    "lk.example.org:",
    "lk.example.org:80:80",
    "lk.example.org:999999",
    "lk.example.org, evil.example",
    "lk.example.org evil.example",
    "lk.example.org\\evil",
    "lk.example.org.",
    "https://lk.example.org",
    "[lk.example.org]",
    "%6ck.example.org",
    "a" * 300 + ".example.org",
]


@pytest.mark.parametrize("host", FOREIGN + MALFORMED)
def test_other_hosts_are_refused(edge: Edge, host: str) -> None:
    answer = client(edge).get("/demo/page", headers={"host": host})

    assert answer.status_code in (400, 421)
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)


@pytest.fixture
def address(edge: Edge) -> Iterator[tuple[str, int]]:
    with served(edge) as found:
        yield found


@pytest.mark.parametrize(
    "head",
    [
        "GET /demo/page HTTP/1.1\r\nHost: lk.example.org\r\nHost: evil.example",
        "GET /demo/page HTTP/1.1\r\nHost: evil.example\r\nHost: lk.example.org",
        "GET http://evil.example/demo/page HTTP/1.1\r\nHost: evil.example",
        "GET /demo/page HTTP/1.0",
    ],
)
def test_two_hosts_or_none_are_refused_on_the_wire(address: tuple[str, int], head: str) -> None:
    assert status_of(speak(address, f"{head}\r\n\r\n".encode())) in (400, 421)


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-host", "forwarded", "x-original-url", "x-rewrite-url"])
def test_headers_about_other_hosts_change_nothing(edge: Edge, header: str) -> None:
    answer = client(edge).get("/demo/whose", headers={header: "evil.example"})

    assert answer.text == "main https://lk.example.org/demo/whose /demo/whose"


def test_redirects_hold_no_host(edge: Edge) -> None:
    signing_in = client(edge).get("/demo/mine", headers={"host": "extra.example.org"})
    assert signing_in.headers["location"].startswith("/login?")


def test_letters_are_linked_to_the_public_address_of_their_brand(edge: Edge) -> None:
    portal = house_of(edge)

    assert public_url(portal, "/demo/whose", "sever") == "https://sever.example.org/demo/whose"
    assert public_url(portal, "/demo/whose", "unknown") == "https://lk.example.org/demo/whose"


def test_health_is_asked_by_address(edge: Edge) -> None:
    assert client(edge).get("/health/live", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_a_portal_on_the_loopback_answers_to_its_names(database: Database) -> None:
    edge = build(
        database, demo(route("/whose", whose, name="whose", policy=anyone())), public_url="http://127.0.0.1:8000"
    )
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.1:9999"):
        assert (
            client(edge, base_url="http://127.0.0.1:8000").get("/demo/whose", headers={"host": host}).status_code == 200
        )
    assert (
        client(edge, base_url="http://127.0.0.1").get("/demo/whose", headers={"host": "evil.example"}).status_code
        == 421
    )


PROXY: dict[str, Any] = {"trusted_proxies": ("10.0.0.0/8", "127.0.0.1", "::1")}


def seen(request: Request) -> Response:
    return PlainTextResponse(f"{request.client.host if request.client else ''} {request.scope['scheme']}")


@pytest.mark.parametrize(
    ("peer", "forwarded", "proto", "result"),
    [
        ("10.0.0.1", "203.0.113.9", "https", "203.0.113.9 https"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "https", "203.0.113.9 https"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "http", "203.0.113.9 http"),
        ("10.0.0.1", "nonsense", "gopher", "10.0.0.1 https"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "https", "10.0.0.3 https"),
        ("203.0.113.50", "198.51.100.1", "http", "203.0.113.50 https"),
    ],
)
def test_only_trusted_proxies_are_believed(
    database: Database, peer: str, forwarded: str, proto: str, result: str
) -> None:
    edge = build(database, demo(route("/seen", seen, name="seen", policy=anyone())), **PROXY)
    visitor = client(edge)
    visitor._transport.client = (peer, 5000)  # type: ignore[attr-defined]

    answer = visitor.get("/demo/seen", headers={"x-forwarded-for": forwarded, "x-forwarded-proto": proto})
    assert answer.text == result
