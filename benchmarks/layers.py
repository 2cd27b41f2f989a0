"""What each middleware costs: the whole list around an application that answers at once, and the list without one of them, in turn."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from statistics import median
from time import process_time
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from benchmarks.places import ROOT, overrides
from lkportal.app import create_app
from lkportal.core.logs import json_logger
from lkportal.web import Edge
from lkportal.web.asgi.middleware import Arrival, stack

REQUESTS, ROUNDS = 1_000, 5
_HEADERS = [(b"host", b"127.0.0.1:8000"), (b"cookie", b"lk_session=x"), (b"accept-language", b"ru,en;q=0.8")]


def costs(url: str) -> Mapping[str, float]:
    """Return middleware -> microseconds of processor time that a request saves without it; "all" is what they cost together."""
    edge = create_app(ROOT / "examples/utility/portal.toml", overrides=overrides(url)).edge
    edge.log = json_logger(stream=io.StringIO())
    answer: ASGIApp = PlainTextResponse("ok")
    whole: Any = stack(edge, answer)
    kinds = _kinds(whole, answer)
    variants = {"": kinds} | {
        kind.__name__: [k for k in kinds if k is not kind] for kind in kinds if kind is not Arrival
    }
    variants["all"] = [Arrival]
    apps = {name: _built(chosen, edge, answer) for name, chosen in variants.items()}
    spent: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ROUNDS):
        for name, app in apps.items():
            spent[name].append(asyncio.run(_spent(app)))
    best = {name: median(sorted(times)[:3]) for name, times in spent.items()}
    return {name: (best[""] - best[name]) * 1e6 for name in apps if name}


def _kinds(app: Any, inner: ASGIApp) -> list[Any]:
    found = []
    while app is not inner:
        found.append(type(app))
        app = app.app
    return found


def _built(kinds: list[Any], edge: Edge, inner: ASGIApp) -> ASGIApp:
    app = inner
    for kind in reversed(kinds):
        app = kind(app, edge)
    return app


async def _spent(app: ASGIApp) -> float:
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/x/", "query_string": b"", "root_path": "",
             "headers": _HEADERS, "client": ("127.0.0.1", 1), "scheme": "http"}  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Any) -> None:
        return None

    began = process_time()
    for _ in range(REQUESTS):
        await app(scope, receive, send)
    return (process_time() - began) / REQUESTS
