"""Nobody is ever sent to an address that is not a page of ours, however it is spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse

from lkportal.core.policy import anyone, on_account
from lkportal.web import RouteGroup, RouteTable, route, safe_destination

HOME = "/"


def endpoint(_request: object) -> PlainTextResponse:
    return PlainTextResponse("")


TABLE = RouteTable(
    [
        RouteGroup(
            "demo",
            "/demo",
            (
                route("/", endpoint, name="list", policy=anyone()),
                route("/{account}/bill", endpoint, name="bill", policy=on_account("demo.see")),
                route("/logout", endpoint, name="logout", policy=anyone(), methods=("POST",)),
                route("/return", endpoint, name="return", policy=anyone(), kind="action"),
                route("/file", endpoint, name="file", policy=anyone(), kind="file"),
            ),
        ),
        RouteGroup("home", "", (route("/", endpoint, name="home", policy=anyone()),)),
    ]
)


@pytest.mark.parametrize("ours", ["/", "/demo/", "/demo/?page=2&q=%D0%B0", "/demo/AnnaAccount00001/bill"])
def test_pages_of_ours_are_kept(ours: str) -> None:
    assert safe_destination(TABLE, "", ours, "/fallback") == ours


FOREIGN = [
    "https://evil.example", "http://evil.example/demo/", "//evil.example", "//evil.example/demo/", "///evil.example",
    "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "/%5Cevil.example",
    "/%2Fevil.example", "/%2f%2fevil.example", "/demo//evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "vbscript:x", "mailto:a@b", "ftp://evil.example", "evil.example", "demo/", "./demo/", "../demo/",
    "/demo/..", "/demo/../demo/", "/demo/./", "/demo/%2e%2e/", "/.", "/..", "/demo/\r\nLocation: https://evil.example",
    "/demo/%0d%0aSet-Cookie:x", "\t//evil.example", " //evil.example", "/\t/evil.example", "/\n/evil.example", "/demo/\x00",
    "/demo/%00", "@evil.example", "/@evil.example", "//lk.example.org@evil.example", "/demo/#//evil.example",
    "https:/evil.example", "https:evil.example", "http:///evil.example", "?next=//evil.example", "#", "", "/demo/logout",
    "/demo/return", "/demo/file", "/nowhere", "/demo/%252e%252e/", "/demо/", "／demo/", "/demo/" + "a" * 2000,
    "/demo/;//evil.example", "/demo/A%2FB/bill",
]  # fmt: skip


@pytest.mark.parametrize("foreign", FOREIGN)
def test_everything_else_becomes_home(foreign: str) -> None:
    assert safe_destination(TABLE, "", foreign, HOME) == HOME


@given(st.text(max_size=40))
def test_what_is_kept_is_a_plain_path(wanted: str) -> None:
    kept = safe_destination(TABLE, "", wanted, "")
    if kept:
        assert kept.startswith("/")
        assert not kept.startswith(("//", "/\\"))
        assert kept.isascii()
        assert kept.isprintable()


def test_under_a_prefix_only_addresses_with_it_are_ours() -> None:
    assert safe_destination(TABLE, "/lk", "/lk/demo/", HOME) == "/lk/demo/"
    for outside in ("/demo/", "/lkdemo/", "/lk", "/lk//demo/", "//lk/demo/"):
        assert safe_destination(TABLE, "/lk", outside, HOME) == HOME
