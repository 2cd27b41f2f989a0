"""The one service worker of a portal: `/sw.js`, put together from the parts that rooms bring by the hook `worker_scripts`.
Pages that set `worker` register it; what a part does stands in its static file."""

from __future__ import annotations

import json
from hashlib import sha256

from starlette.responses import Response

from lkportal.web.request import Request

WORKER = "/sw.js"
_FRAME = "worker.js"
# A worker that nobody brings a part to any more takes itself away, with what it kept.
_FAREWELL = """self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.registration.unregister()));
"""


def service_worker(request: Request) -> Response:
    """Answer with the script of the worker. It is asked for anew at each visit, and answered by 304 while it is the same."""
    body = _script(request).encode()
    mark = f'"{sha256(body).hexdigest()[:24]}"'
    headers = {"cache-control": "no-cache", "etag": mark}
    if mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="text/javascript", headers=headers)


def _script(request: Request) -> str:
    names = [part.name for part in request.portal.worker_scripts]
    if not names:
        return _FAREWELL
    start = f"const PORTAL = Object.freeze({json.dumps({'root': request.visit.root})});\n"
    return start + "".join(_part(request, name) for name in (_FRAME, *names))


def _part(request: Request, name: str) -> str:
    found = request.portal.assets.find(name, request.brand)
    if found is None:
        raise LookupError(f"The service worker wants the static file {name}, which no module has.")
    return f"// {name}\n{found.body.decode()}\n"
