"""The head of a page: what it links follows from what it is made of, its language, and the brand whose host was asked."""

from __future__ import annotations

import re

import pytest
from starlette.responses import Response

from lkportal.core.db import Database
from lkportal.core.policy import anyone
from lkportal.web import Edge, Request, page, route
from tests.web.house import build, client, demo

LINK = re.compile(r'<link rel="([a-z -]+)" href="/static/([^"]+?)\.[0-9a-f]{12}\.(\w+)"')


@pytest.fixture
def edge(database: Database) -> Edge:
    plain = route("/plain", lambda r: page(r, "demo/page.html", said="x"), name="plain", policy=anyone())
    lean = route("/lean", lambda r: page(r, "demo/lean.html"), name="lean", policy=anyone())
    return build(database, demo(plain, lean))


def linked(edge: Edge, path: str, rel: str, **headers: str) -> list[str]:
    html = client(edge, **headers).get(path).text
    return [f"{name}.{suffix}" for kind, name, suffix in LINK.findall(html) if kind == rel]


def test_a_lean_page_goes_without_the_rules_of_forms_and_another_does_not(edge: Edge) -> None:
    assert linked(edge, "/demo/plain", "stylesheet") == ["portal.css", "more.css", "brand/main.css"]
    assert linked(edge, "/demo/lean", "stylesheet") == ["portal.css", "brand/main.css"]


def test_a_part_drawn_on_a_lean_page_brings_its_rules_along(database: Database) -> None:
    def drawn(request: Request) -> Response:
        request.drawn.append("demo/page.html")
        return page(request, "demo/lean.html")

    edge = build(database, demo(route("/drawn", drawn, name="drawn", policy=anyone())))
    assert "more.css" in linked(edge, "/demo/drawn", "stylesheet")


def test_names_and_sums_have_their_font_on_the_first_page_of_any_language(edge: Edge) -> None:
    fonts = ["fonts/onest-latin.woff2", "fonts/onest-cyrillic.woff2", "fonts/onest-ruble.woff2"]
    assert linked(edge, "/demo/plain", "preload") == fonts
    assert linked(edge, "/demo/plain", "preload", **{"accept-language": "en"}) == fonts


def test_the_bar_of_a_phone_has_the_pages_colour_in_either_mode(edge: Edge) -> None:
    bars = re.compile(r'<meta name="theme-color" media="\(prefers-color-scheme: (\w+)\)" content="(#\w+)">')
    found = dict(bars.findall(client(edge).get("/demo/plain").text))
    assert set(found) == {"light", "dark"}
    assert found["light"] != found["dark"]
    chosen = dict(bars.findall(client(edge, cookie="__Host-lk_mode=dark").get("/demo/plain").text))
    assert set(chosen.values()) == {found["dark"]}


def test_with_another_host_for_files_a_page_asks_that_host_and_its_own_alone(database: Database) -> None:
    """Icons of the sprite and the manifest stay at home: browsers take them from nowhere else."""
    plain = route("/plain", lambda r: page(r, "demo/page.html", said="x"), name="plain", policy=anyone())
    edge = build(database, demo(plain), assets_url="https://cdn.example.org")
    html = client(edge).get("/demo/plain").text
    asked = re.findall(r'<(?:link|script|img|use|source)\b[^>]*?\s(?:href|src|srcset)="([^"]+)"', html)
    assert len(asked) > 8
    assert {address.partition("/static/")[0] for address in asked if "/static/" in address} <= {
        "",
        "https://cdn.example.org",
    }
    assert all(address.startswith(("/", "https://cdn.example.org/static/", "#")) for address in asked)
    home = [address for address in asked if address.startswith("/")]
    assert all(address.startswith("/static/icons.") or address == "/manifest.webmanifest" for address in home), home
    sheet = next(address for address in asked if "portal." in address and address.endswith(".css"))
    body = client(edge).get(sheet.removeprefix("https://cdn.example.org")).text
    assert re.findall(r"url\((?!\"?fonts/)[^)]*\)", body) == [], "fonts come from beside the stylesheet"


def test_icons_stay_at_home_under_a_root_that_a_proxy_gives(database: Database) -> None:
    plain = route("/plain", lambda r: page(r, "demo/page.html", said="x"), name="plain", policy=anyone())
    edge = build(database, demo(plain), assets_url="https://cdn.example.org")
    visitor = client(edge)
    visitor._transport.root_path = "/lk"  # type: ignore[attr-defined]
    drawn = re.findall(r'<use href="([^"#]+)', visitor.get("/lk/demo/plain").text)
    assert drawn
    assert all(address.startswith("/lk/static/icons.") for address in drawn)
