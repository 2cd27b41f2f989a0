"""Which language a reader gets: their cookie, their account, their browser, the portal's own; and how they change it."""

from __future__ import annotations

import re

import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database
from lkportal.core.policy import anyone
from lkportal.web import Edge, Request, page, route
from lkportal.web.asgi.middleware import best_language
from tests.web.house import build, client, demo, house_of

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def spoken(request: Request) -> Response:
    return PlainTextResponse(request.locale.code)


@pytest.fixture
def edge(database: Database) -> Edge:
    return build(
        database,
        demo(
            route("/spoken", spoken, name="spoken", policy=anyone()),
            route("/page", lambda r: page(r, "demo/page.html", said="x"), name="page", policy=anyone()),
        ),
    )


@pytest.mark.parametrize(
    ("cookie", "account", "browser", "language"),
    [
        ("", "", "", "ru"),
        ("", "", "en-GB,en;q=0.9", "en"),
        ("", "", "de,fr", "ru"),
        ("", "en", "ru", "en"),
        ("ru", "en", "en", "ru"),
        ("en", "", "ru", "en"),
        ("xx", "", "en", "en"),
        ("xx", "en", "ru", "en"),
    ],
)
def test_the_order_of_wishes(edge: Edge, cookie: str, account: str, browser: str, language: str) -> None:
    visitor = client(edge, "anna", **{"accept-language": browser})
    if cookie:
        visitor.cookies.set("__Host-lk_locale", cookie, domain="lk.example.org")
    house_of(edge).guard.locale = account

    assert visitor.get("/demo/spoken").text == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("EN-us", "en"),
        ("de, en;q=0.5, ru;q=0.7", "ru"),
        ("en;q=0.1, ru;q=0.05", "en"),
        ("*", "ru"),
        ("de;q=1, *;q=0.5", "ru"),
        ("en;q=0", ""),
        ("en;q=high", ""),
        ("en;q=nan", ""),
        (";;;,,,=", ""),
        ("x" * 5000, ""),
    ],
)
def test_what_a_browser_asks_for(header: str, language: str) -> None:
    assert best_language(header, ("ru", "en")) == language


def test_a_reader_changes_language_and_mode_and_stays_on_the_page(edge: Edge) -> None:
    visitor = client(edge)
    token = TOKEN.findall(visitor.get("/demo/page").text)[0]
    referer = {"referer": "https://lk.example.org/demo/page?tab=2"}

    changed = visitor.post("/language", data={"locale": "en", "csrf_token": token}, headers=referer)
    assert (changed.status_code, changed.headers["location"]) == (303, "/demo/page?tab=2")
    visitor.post("/mode", data={"mode": "dark", "csrf_token": token}, headers=referer)
    text = visitor.get("/demo/page").text
    assert '<html lang="en" data-mode="dark"' in text
    assert "To the content" in text


@pytest.mark.parametrize(
    "referer", ["https://evil.example//evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_going_back_leads_nowhere_else(edge: Edge, referer: str) -> None:
    visitor = client(edge)
    token = TOKEN.findall(visitor.get("/demo/page").text)[0]

    answer = visitor.post("/language", data={"locale": "zz", "csrf_token": token}, headers={"referer": referer})
    assert answer.headers["location"] == "/"
    assert "lk_locale" not in answer.headers.get("set-cookie", "")


def test_an_error_page_speaks_the_readers_language(edge: Edge) -> None:
    assert "По этому адресу ничего нет" in client(edge).get("/nowhere").text
    assert "Nothing at this address" in client(edge, **{"accept-language": "en"}).get("/nowhere").text
