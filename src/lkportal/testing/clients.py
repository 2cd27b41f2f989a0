"""A client of an app in this process: no socket, no thread of its own; half the cost of starlette's TestClient. Visitors use it."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

from httpx2 import BaseTransport, Client, Request, Response
from starlette.types import ASGIApp

_PORTS = {"http": 80, "https": 443}


class PortalClient(Client):
    """Asks an ASGI app as httpx asks a server. Redirects are not followed; several threads may ask at once.

    `client` is the (address, port) the app sees. What the app raises is raised here, unless `raise_errors` is False: then the
    answer it began stands, or a bare 500.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        base_url: str,
        client: tuple[str, int] = ("testclient", 50_000),
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        raise_errors: bool = True,
    ) -> None:
        super().__init__(
            transport=_InProcess(app, client, raise_errors),
            base_url=base_url,
            headers={"user-agent": "testclient", **(headers or {})},
            cookies=dict(cookies or {}),
        )


class _InProcess(BaseTransport):
    """Each request takes an idle event loop, or a new one."""

    def __init__(self, app: ASGIApp, client: tuple[str, int], raise_errors: bool) -> None:
        self._app = app
        self._client = client
        self._raise_errors = raise_errors
        self._idle: deque[asyncio.AbstractEventLoop] = deque()
        weakref.finalize(self, _close, self._idle)

    def handle_request(self, request: Request) -> Response:
        """Return the answer, whole: what the app does after it has been done too."""
        try:
            loop = self._idle.pop()
        except IndexError:
            loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(self._ask(request, request.read()))
        finally:
            self._idle.append(loop)

    def close(self) -> None:
        """Close the idle event loops."""
        _close(self._idle)

    async def _ask(self, request: Request, body: bytes) -> Response:
        unread = deque([{"type": "http.request", "body": body, "more_body": False}])
        answered = asyncio.Event()
        head: MutableMapping[str, Any] = {"status": 500, "headers": []}
        parts: list[bytes] = []

        async def receive() -> MutableMapping[str, Any]:
            if unread:
                return unread.popleft()
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    answered.set()

        try:
            await self._app(_scope(request, self._client), receive, send)
        except Exception:
            if self._raise_errors:
                raise
        content = b"" if request.method == "HEAD" else b"".join(parts)
        return Response(head["status"], headers=head["headers"], content=content)


def _close(loops: deque[asyncio.AbstractEventLoop]) -> None:
    while loops:
        loops.pop().close()


def _scope(request: Request, client: tuple[str, int]) -> dict[str, Any]:
    url = request.url
    path, _, query = url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": client,
        "server": (url.host, url.port or _PORTS[url.scheme]),
        "state": {},
    }
