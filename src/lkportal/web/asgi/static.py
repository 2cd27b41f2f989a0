"""Static files: served from memory under hashed names, for good; by their plain name for five minutes. Which bytes an address
means is theming's AssetIndex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from lkportal.web.asgi.compress import takes_gzip
from lkportal.web.portal import StaticFile
from lkportal.web.visit import visit_of

if TYPE_CHECKING:
    from lkportal.web.edge import Edge

_PATH = "/static/"
_FOR_GOOD = b"public, max-age=31536000, immutable"
_FOR_NOW = b"public, max-age=300"
Header = tuple[bytes, bytes]


class StaticFiles:
    """Answers everything below /static/ without a session or a lookup on disk; only an icon that must first be drawn takes a thread. An unknown hash is a 404."""

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        self.app = app
        self.edge = edge
        self._shared = bool(edge.portal.settings.web.assets_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)
        path: str = scope["path"]
        start = visit.root + _PATH
        if not path.startswith(start):
            await self.app(scope, receive, send)
            return
        visit.template = "/static/*"
        assets, name = self.edge.portal.assets, path[len(start) :]
        found = await run_in_threadpool(assets.lookup, name) if assets.is_slow(name) else assets.lookup(name)
        if found is None or scope["method"] not in ("GET", "HEAD"):
            await _empty(send, 404 if found is None else 405, [(b"allow", b"GET, HEAD")] if found else [])
            return
        await self._file(found, scope, send)

    async def _file(self, found: StaticFile, scope: Scope, send: Send) -> None:
        sent = {name: value for name, value in scope["headers"] if name in (b"accept-encoding", b"if-none-match")}
        gzipped = found.gzipped if takes_gzip(sent.get(b"accept-encoding", b"").decode("latin-1")) else None
        body = found.body if gzipped is None else gzipped
        etag = f'"{found.path}{"" if gzipped is None else ".gz"}"'.encode()
        headers = self._headers(found, etag)
        if _matches(sent.get(b"if-none-match", b""), etag):
            await _empty(send, 304, headers)
            return
        headers.append((b"content-type", found.media_type.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        if gzipped is not None:
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _headers(self, found: StaticFile, etag: bytes) -> list[Header]:
        headers = [(b"etag", etag), (b"cache-control", _FOR_GOOD if found.immutable else _FOR_NOW)]
        if found.gzipped is not None:
            headers.append((b"vary", b"Accept-Encoding"))
        if self._shared:
            headers.append((b"access-control-allow-origin", b"*"))
            headers.append((b"cross-origin-resource-policy", b"cross-origin"))
        return headers


def _matches(wanted: bytes, etag: bytes) -> bool:
    return any(part.strip().removeprefix(b"W/") in (etag, b"*") for part in wanted.split(b","))


async def _empty(send: Send, status: int, headers: list[Header]) -> None:
    length = [] if status == 304 else [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": b""})
