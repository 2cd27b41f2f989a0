"""Static files: for good under their hash, for a while under their name, and nothing else."""

from __future__ import annotations

import gzip

import pytest

from lkportal.core.db import Database
from lkportal.web import Edge
from tests.web.house import build, client, faces, house_of


@pytest.fixture
def edge(database: Database) -> Edge:
    return build(database)


CSS = faces().assets.url("portal.css")


def test_a_hashed_name_is_kept_for_good(edge: Edge) -> None:
    answer = client(edge).get(CSS)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


def test_it_comes_packed_to_those_who_take_it(edge: Edge) -> None:
    visitor = client(edge)
    with visitor.stream("GET", CSS, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    plain = visitor.get(CSS, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"]


def test_who_has_it_gets_304(edge: Edge) -> None:
    visitor = client(edge)
    etag = visitor.get(CSS).headers["etag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = visitor.get(CSS, headers={"if-none-match": sent})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert visitor.get(CSS, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_plain_name_is_kept_for_a_while(edge: Edge) -> None:
    assert client(edge).get("/static/portal.css").headers["cache-control"] == "public, max-age=300"


def test_head_has_the_length_and_no_body(edge: Edge) -> None:
    answer = client(edge).head(CSS, headers={"accept-encoding": "identity"})

    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 1000


def test_other_methods_are_refused(edge: Edge) -> None:
    assert client(edge).post(CSS).status_code == 405
    assert client(edge).post(CSS).headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        CSS.replace(".css", "0.css"),
        "/static/portal.000000000000.css",
        "/static/",
        "/static/../portal.toml",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc/passwd",
        "/static//etc/passwd",
        "/static/....//....//etc/passwd",
        "/static/portal.css%00.png",
        "/static/theme.toml",
        "/static/fonts",
        "/static/PORTAL.CSS",
        "/static/C:/windows/win.ini",
        "/static/\\\\host\\share",
    ],
)
def test_everything_else_is_not_there(edge: Edge, path: str) -> None:
    assert client(edge).get(path).status_code == 404


def test_files_cost_neither_thread_nor_connection(edge: Edge) -> None:
    client(edge).get(CSS)

    assert all(not limiter.threads for limiter in edge.limiters.values())
    assert house_of(edge).lines()[0]["route"] == "/static/*"


def test_another_host_may_show_them(database: Database) -> None:
    edge = build(database, assets_url="https://cdn.example.org")
    headers = client(edge).get("/static/portal.css").headers

    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
