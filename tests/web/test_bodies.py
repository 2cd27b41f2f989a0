"""A body is never read beyond what its route allows, whatever the sender claims."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.policy import anyone
from lkportal.web import Edge, Request, route
from lkportal.web.forms.body import Body, BodyTooLarge, BodyTooSlow, Disconnected, read_body
from tests.web.house import build, demo
from tests.web.served import hear, served, speak, status_of

LIMIT = 1000


def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(request.body_bytes)))


@pytest.fixture
def edge(database: Database) -> Edge:
    post = route("/in", echo, name="in", policy=anyone(), methods=("POST",), body=LIMIT, csrf=False, kind="api")
    return build(database, demo(post), public_url="http://127.0.0.1")


@pytest.fixture
def address(edge: Edge) -> Iterator[tuple[str, int]]:
    with served(edge) as found:
        yield found


def post(headers: str, body: bytes = b"") -> bytes:
    return f"POST /demo/in HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n\r\n".encode() + body


def test_a_body_up_to_the_limit_passes_and_one_byte_more_does_not(address: tuple[str, int]) -> None:
    assert status_of(speak(address, post(f"Content-Length: {LIMIT}", b"x" * LIMIT))) == 200
    assert status_of(speak(address, post(f"Content-Length: {LIMIT + 1}", b"x" * (LIMIT + 1)))) == 413


def test_a_declared_length_beyond_the_limit_is_refused_before_any_body_comes(address: tuple[str, int]) -> None:
    answer = speak(address, post(f"Content-Length: {200 * 2**20}"))

    assert status_of(answer) == 413
    assert b"connection: close" in answer.lower()


def test_a_stream_of_200_mb_without_a_length_is_refused_early(address: tuple[str, int]) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0
    with socket.create_connection(address, timeout=10) as peer:
        peer.sendall(post("Transfer-Encoding: chunked"))
        try:
            while sent < 200 * 2**20:
                peer.sendall(chunk)
                sent += 65536
        except (ConnectionError, TimeoutError):
            pass
        else:
            pytest.fail("the whole stream was read")

    assert sent < 8 * 2**20


def test_a_stream_is_counted_chunk_by_chunk(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as peer:
        peer.sendall(post("Transfer-Encoding: chunked") + b"400\r\n" + b"x" * 1024 + b"\r\n")
        assert status_of(hear(peer)) == 413


def test_get_is_answered_without_its_body(address: tuple[str, int]) -> None:
    answer = speak(address, b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90000000\r\n\r\n")

    assert status_of(answer) == 200


def read(messages: list[dict[str, Any]], limit: int = 100, seconds: float = 5, length: bytes = b"") -> Body:
    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.sleep(60)
        return messages.pop(0)

    headers = [(b"content-length", length)] if length else []
    return asyncio.run(read_body({"type": "http", "headers": headers}, receive, limit, seconds))


def part(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_parts_are_put_together() -> None:
    assert read([part(b"one ", True), part(b"two")]) == b"one two"


def test_a_large_body_lies_on_the_disk() -> None:
    piece = bytes(range(256)) * 256
    parts = [part(piece, True) for _ in range(160)]
    tracemalloc.start()
    try:
        body = read([*parts, part(b"end")], limit=1 << 30)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not isinstance(body, bytes)
    with body:
        assert body.read() == piece * 160 + b"end"
    assert most < 2_000_000


def test_a_large_body_that_is_refused_leaves_nothing_open() -> None:
    for end, error in (
        (part(b"x" * 300_000), BodyTooLarge),
        ({"type": "http.disconnect"}, Disconnected),
    ):
        with pytest.raises(error):
            read([part(b"x" * 300_000, True), end], limit=400_000)


def test_a_length_that_promises_little_does_not_let_much_in() -> None:
    with pytest.raises(BodyTooLarge):
        read([part(b"x" * 60, True), part(b"x" * 60)], limit=100, length=b"10")


@pytest.mark.parametrize("length", [b"-5", b"ten", b"9" * 23, b"9" * 6000, b"1e3", b"0x10"])
def test_a_length_that_is_no_number_or_monstrous_never_breaks_the_reader(length: bytes) -> None:
    if length.isdigit():
        with pytest.raises(BodyTooLarge):
            read([part(b"abc")], length=length)
    else:
        assert read([part(b"abc")], length=length) == b"abc"


def test_a_body_that_stalls_is_given_up() -> None:
    with pytest.raises(BodyTooSlow) as caught:
        read([part(b"half", True)], seconds=0.05)
    assert isinstance(caught.value, PortalError)
    assert caught.value.status == 408


def test_a_visitor_who_leaves_is_not_answered() -> None:
    with pytest.raises(Disconnected):
        read([part(b"half", True), {"type": "http.disconnect"}])
