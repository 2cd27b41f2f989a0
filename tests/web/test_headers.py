"""Every answer carries the whole set of headers: pages, errors, files, redirects, refusals."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database
from lkportal.core.policy import anyone, signed_in
from lkportal.web import Edge, Request, fragment, page, redirect, route
from tests.web.house import HTTPS, build, client, demo, house_of

NONCE = re.compile(r"'nonce-([A-Za-z0-9_-]+)'")


def shown(request: Request) -> Response:
    return page(request, "demo/page.html", said="hello", fragment="demo/part.html")


def part(request: Request) -> Response:
    return fragment(request, "demo/part.html", said="a part")


def broken(_request: Request) -> Response:
    raise ValueError("anna@example.org was here")


def edge_of(database: Database, **options: Any) -> Edge:
    routes = [
        route("/", shown, name="list", policy=anyone()),
        route("/mine", shown, name="mine", policy=signed_in()),
        route("/part", part, name="part", policy=anyone()),
        route("/plain", lambda _r: PlainTextResponse("x" * 5000), name="plain", policy=anyone()),
        route("/away", lambda r: redirect(r, "demo:list"), name="away", policy=anyone()),
        route("/broken", broken, name="broken", policy=anyone()),
        route("/pay", shown, name="pay", policy=anyone(), origins=("https://pay.example.org",)),
    ]
    return build(database, demo(*routes), **options)


@pytest.fixture
def edge(database: Database) -> Edge:
    return edge_of(database)


EVERYWHERE = ["/demo/", "/demo/plain", "/demo/away", "/demo/broken", "/nowhere", "/static/nothing.css", "/health/live"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_is_dressed(edge: Edge, path: str) -> None:
    headers = client(edge).get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "camera=()" in headers["permissions-policy"]
    assert headers["x-request-id"]
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src ")


def test_the_policy_has_no_unsafe_word(edge: Edge) -> None:
    policy = client(edge).get("/demo/").headers["content-security-policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())

    assert "unsafe" not in policy
    assert "*" not in policy
    assert parts["require-trusted-types-for"] == "'script'"
    assert parts["trusted-types"] == "htmx portal-worker"
    assert parts["frame-ancestors"] == parts["base-uri"] == parts["default-src"] == "'none'"
    assert parts["form-action"] == parts["connect-src"] == "'self'"
    assert parts["report-uri"] == "/csp-report"


def test_the_nonce_is_fresh_long_and_the_one_of_the_page(edge: Edge) -> None:
    seen = set()
    for _ in range(20):
        answer = client(edge).get("/demo/")
        match = NONCE.search(answer.headers["content-security-policy"])
        assert match is not None
        assert f'nonce="{match[1]}"' in answer.text
        seen.add(match[1])
    assert len(seen) == 20
    assert all(len(nonce) * 6 >= 128 for nonce in seen)


def test_an_answer_without_scripts_allows_none(edge: Edge) -> None:
    assert "script-src 'none'" in client(edge).get("/demo/plain").headers["content-security-policy"]


def test_a_fragment_carries_its_own_policy(edge: Edge) -> None:
    answer = client(edge, **{"hx-request": "true"}).get("/demo/")
    match = NONCE.search(answer.headers["content-security-policy"])

    assert match is not None
    assert answer.text == f'<p hx-nonce="{match[1]}" id="part">hello</p>'


@pytest.mark.parametrize("header", ["hx-boosted", "hx-history-restore-request"])
def test_a_boosted_link_gets_the_whole_page(edge: Edge, header: str) -> None:
    assert "<!doctype html>" in client(edge, **{"hx-request": "true", header: "true"}).get("/demo/").text


def test_forms_may_lead_only_where_it_is_declared(database: Database) -> None:
    edge = edge_of(database, origins=("https://bank.example.org",))

    everywhere = client(edge).get("/demo/").headers["content-security-policy"]
    assert "form-action 'self' https://bank.example.org;" in everywhere
    here = client(edge).get("/demo/pay").headers["content-security-policy"]
    assert "form-action 'self' https://bank.example.org https://pay.example.org;" in here


def test_settings_open_frames_and_another_host_for_files(database: Database) -> None:
    edge = edge_of(database, frame_ancestors=("https://host.example.org",), assets_url="https://cdn.example.org")
    headers = client(edge).get("/demo/").headers

    assert "frame-ancestors https://host.example.org;" in headers["content-security-policy"]
    assert "style-src 'self' https://cdn.example.org;" in headers["content-security-policy"]
    assert "x-frame-options" not in headers
    assert "https://cdn.example.org/static/portal." in client(edge).get("/demo/").text


def test_over_http_there_is_no_hsts_and_no_upgrade(database: Database) -> None:
    edge = edge_of(database, public_url="http://127.0.0.1")
    headers = client(edge, base_url="http://127.0.0.1").get("/demo/").headers

    assert "strict-transport-security" not in headers
    assert "upgrade-insecure-requests" not in headers["content-security-policy"]
    assert "secure" not in headers.get("set-cookie", "").lower()


def test_pages_of_people_are_not_kept(edge: Edge) -> None:
    assert client(edge, "anna").get("/demo/mine").headers["cache-control"] == "no-store"
    assert client(edge).get("/demo/plain").headers["cache-control"] == "private, no-cache"


def test_cookies_over_https_are_locked_to_the_host(edge: Edge) -> None:
    cookie = client(edge).get("/demo/").headers["set-cookie"]

    assert cookie.startswith("__Host-lk_browser=")
    for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


def test_long_answers_are_packed_for_those_who_take_it(edge: Edge) -> None:
    packed = client(edge).get("/demo/plain", headers={"accept-encoding": "br, gzip;q=0.8"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 500
    assert packed.text == "x" * 5000
    for refused in ("identity", "gzip;q=0", "br"):
        plain = client(edge).get("/demo/plain", headers={"accept-encoding": refused})
        assert "content-encoding" not in plain.headers
        assert plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("sent", ["abcd-1234", "A" * 64])
def test_a_sensible_request_number_is_kept(edge: Edge, sent: str) -> None:
    assert client(edge).get("/demo/", headers={"x-request-id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize(
    "sent", ["short", "a" * 65, "with space1", "<script>alert(1)", '"}{"evil":"1', "new\x0bline123"]
)
def test_any_other_request_number_is_replaced(edge: Edge, sent: str) -> None:
    found = client(edge).get("/demo/", headers={"x-request-id": sent}).headers["x-request-id"]

    assert re.fullmatch(r"[0-9a-f]{16}", found)


def test_the_log_has_one_line_with_nothing_personal(edge: Edge) -> None:
    client(edge, "anna").get(
        "/demo/mine?email=anna@example.org&account=AnnaAccount00001", headers={"x-request-id": "number-1"}
    )
    (line,) = house_of(edge).lines()

    assert set(line) == {"event", "level", "at", "method", "route", "status", "ms", "request_id", "actor"}
    assert (line["method"], line["route"], line["status"]) == ("GET", "/demo/mine", 200)
    assert (line["actor"], line["request_id"]) == ("customer", "number-1")


def test_unknown_paths_and_methods_do_not_reach_the_log(edge: Edge) -> None:
    client(edge).request("EVIL", "/nowhere/anna@example.org")

    (line,) = house_of(edge).lines()
    assert line["route"] == "-"
    assert "anna" not in house_of(edge).stream.getvalue()


def test_browsers_reports_are_written_down_briefly(edge: Edge) -> None:
    visitor = client(edge)
    report = {
        "csp-report": {
            "effective-directive": "script-src",
            "blocked-uri": "https://evil.example/x?token=secret",
            "document-uri": HTTPS + "/a",
        }
    }
    for _ in range(30):
        assert visitor.post("/csp-report", json=report, headers={"sec-fetch-site": "cross-site"}).status_code == 204
    newer = [{"type": "csp-violation", "body": {"effectiveDirective": "style-src", "blockedURL": "inline"}}]
    visitor.post("/csp-report", json=newer)

    lines = house_of(edge).lines("csp_report")
    assert len(lines) == 10
    assert (lines[0]["directive"], lines[0]["blocked"]) == ("script-src", "https://evil.example")
    assert "secret" not in house_of(edge).stream.getvalue()


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 10_000, b"null", b"[1, null]", b'{"csp-report": 5}', b"\xff\xfe"])
def test_nonsense_reports_are_ignored(edge: Edge, body: bytes) -> None:
    assert client(edge).post("/csp-report", content=body).status_code == 204
    assert client(edge).post("/csp-report", content=b"x" * 20_000).status_code == 413
