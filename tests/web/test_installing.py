"""What a phone learns of a portal it puts on its first screen, and the icons browsers look for by themselves."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from lkportal.core.contributions import MenuItem
from lkportal.core.db import Database
from lkportal.core.i18n import text
from lkportal.core.policy import anyone
from lkportal.web import Edge, page, route
from tests.web.house import MENU, build, client, demo


@pytest.fixture
def edge(database: Database) -> Edge:
    outages = MenuItem("demo:outages", text("demo.menu.list", "Readings"), "gauge", 30)
    routes = [
        route("/outages", lambda _: PlainTextResponse("x"), name="outages", policy=anyone()),
        route("/page", lambda r: page(r, "demo/page.html", said="x"), name="page", policy=anyone()),
    ]
    return build(database, demo(*routes), menu=(*MENU, outages))


def test_the_manifest_is_the_brands(edge: Edge) -> None:
    answer = client(edge).get("/manifest.webmanifest")
    said = answer.json()

    assert answer.headers["content-type"] == "application/manifest+json"
    assert (said["name"], said["short_name"], said["lang"], said["start_url"], said["scope"]) == (
        "Portal",
        "Portal",
        "ru",
        "/",
        "/",
    )
    assert said["theme_color"] == said["background_color"]
    assert {(icon["sizes"], icon["purpose"]) for icon in said["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable"), ("any", "any"),
    }  # fmt: skip
    for icon in said["icons"]:
        found = client(edge).get(icon["src"])
        assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, icon["type"])
        assert "immutable" in found.headers["cache-control"]


def test_its_language_is_the_readers_and_shortcuts_are_pages_open_without_an_account(edge: Edge) -> None:
    said = client(edge, **{"accept-language": "en"}).get("/manifest.webmanifest").json()

    assert said["lang"] == "en"
    assert said["shortcuts"] == [{"name": "Readings", "url": "/demo/outages"}]


def test_a_portal_under_a_path_keeps_to_it(database: Database) -> None:
    edge = build(database, root_path="/lk")
    said = client(edge).get("/lk/manifest.webmanifest").json()

    assert (said["start_url"], said["scope"], "shortcuts" in said) == ("/lk/", "/lk/", False)
    assert all(icon["src"].startswith("/lk/static/brand/") for icon in said["icons"])


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/favicon.ico", b"\x00\x00\x01\x00"),
        ("/apple-touch-icon.png", b"\x89PNG"),
        ("/apple-touch-icon-precomposed.png", b"\x89PNG"),
    ],
)
def test_icons_that_browsers_look_for_are_there(edge: Edge, path: str, start: bytes) -> None:
    answer = client(edge).get(path)

    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert answer.headers["cache-control"] == "public, max-age=86400"


def test_every_page_names_them(edge: Edge) -> None:
    html = client(edge).get("/demo/page").text

    assert '<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials">' in html
    assert 'rel="icon" type="image/png" sizes="32x32" href="/static/brand/main-icon-32.' in html
    assert 'rel="icon" type="image/svg+xml" sizes="any" href="/static/brand/main-mark.' in html
    assert 'rel="apple-touch-icon" type="image/png" sizes="180x180" href="/static/brand/main-icon-180.' in html
