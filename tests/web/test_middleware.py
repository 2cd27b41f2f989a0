"""The middleware is one list of pure ASGI layers, and each costs microseconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.routing import Router
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lkportal.core.db import Database
from lkportal.web import Edge
from lkportal.web.asgi import middleware
from lkportal.web.asgi.static import StaticFiles
from tests.web.house import HTTPS, build

ORDER = ["Arrival", "RequestId", "AccessLog", "SecurityHeaders", "HostCheck", "StaticFiles", "LocaleChoice", "Router"]
MOST_MICROSECONDS = 400
"""Of the whole list on a busy machine; a single BaseHTTPMiddleware is about 116."""


def layers(app: ASGIApp) -> list[Any]:
    found: list[Any] = [app]
    while hasattr(found[-1], "app") and not isinstance(found[-1], Router):
        found.append(found[-1].app)
    return found


def test_the_list_is_the_order(database: Database) -> None:
    assert [type(layer).__name__ for layer in layers(build(database).app)] == ORDER
    behind_a_proxy = layers(build(database, trusted_proxies=("10.0.0.0/8",)).app)
    assert type(behind_a_proxy[1]).__name__ == "ProxyHeaders"


def test_no_layer_is_a_base_http_middleware(database: Database) -> None:
    assert not any(isinstance(layer, BaseHTTPMiddleware) for layer in layers(build(database).app))


def test_what_is_not_http_is_declined(database: Database) -> None:
    edge = build(database)
    with TestClient(edge, base_url=HTTPS) as visitor:
        assert visitor.get("/health/live").status_code == 200
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(edge({"type": "websocket", "path": "/"}, receive, send))
    assert sent[0]["type"] == "websocket.close"


async def nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})


def microseconds(app: ASGIApp, times: int = 300) -> float:
    headers = [
        (b"host", b"lk.example.org"),
        (b"accept-language", b"ru,en;q=0.5"),
        (b"cookie", b"__Host-lk_session=" + b"x" * 43),
    ]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/demo/",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(_message: Message) -> None:
        pass

    async def run() -> float:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            await app({**scope}, receive, send)
            taken.append(time.perf_counter() - began)
        return median(taken) * 1e6

    return asyncio.run(run())


def test_the_whole_list_costs_microseconds(database: Database) -> None:
    edge = build(database)

    assert microseconds(middleware.stack(edge, nothing)) - microseconds(nothing) < MOST_MICROSECONDS


def costs(edge: Edge) -> dict[str, float]:
    """Return microseconds of each layer by its name, measured one on top of another."""
    order: list[Callable[[ASGIApp, Edge], ASGIApp]] = [
        middleware.LocaleChoice,
        StaticFiles,
        middleware.HostCheck,
        middleware.SecurityHeaders,
        middleware.AccessLog,
        middleware.RequestId,
        middleware.Arrival,
    ]
    arrival = middleware.Arrival(nothing, edge)
    found: dict[str, float] = {}
    app: ASGIApp = nothing
    before = microseconds(arrival, 3000)
    for layer in order[:-1]:
        app = layer(app, edge)
        now = microseconds(middleware.Arrival(app, edge), 3000)
        found[str(getattr(layer, "__name__", ""))], before = now - before, now
    found["Arrival"] = microseconds(arrival, 3000) - microseconds(nothing, 3000)
    return found


def test_no_single_layer_is_dear(database: Database) -> None:
    dear = {name: cost for name, cost in costs(build(database)).items() if cost > MOST_MICROSECONDS / 2}

    assert dear == {}
