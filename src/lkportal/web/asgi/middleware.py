"""The middleware of the edge: pure ASGI, one list, in the order a request meets it. Each does one thing and costs microseconds."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address, ip_network
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.web.asgi.static import StaticFiles
from lkportal.web.cookies import LOCALE, cookie_name
from lkportal.web.visit import KEY, Visit, visit_of

if TYPE_CHECKING:
    from lkportal.web.edge import Edge

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HOST = re.compile(r"(?P<name>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")
_HEALTH = "/health/"


def stack(edge: Edge, app: ASGIApp) -> ASGIApp:
    """Return `app` inside the whole middleware. The list below is the order; there is no other."""
    settings = edge.portal.settings.web
    layers: list[Callable[[ASGIApp, Edge], ASGIApp]] = [
        Arrival,
        *([ProxyHeaders] if settings.trusted_proxies else []),
        RequestId,
        AccessLog,
        SecurityHeaders,
        HostCheck,
        StaticFiles,
        LocaleChoice,
    ]
    for layer in reversed(layers):
        app = layer(app, edge)
    return app


class Layer:
    """One middleware: the next app and the edge it serves."""

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        self.app = app
        self.edge = edge


class Arrival(Layer):
    """Begins the visit and finds out the root path: of the server, of a foreign app's mount, or of the settings."""

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        super().__init__(app, edge)
        self._root = edge.portal.settings.web.root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _not_http(scope, receive, send)
            return
        scope = dict(scope)
        root = scope.get("root_path", "").rstrip("/")
        path = scope["path"]
        if not root and self._root:
            root = self._root
            if path != root and not path.startswith(root + "/"):
                path = root + path
        elif root and not path.startswith(root + "/") and path != root:
            path = root + path
        if path == root:
            path += "/"
        scope["root_path"], scope["path"] = root, path
        scope.pop("router", None)
        scope[KEY] = Visit(self.edge, root)
        await self.app(scope, receive, send)


async def _not_http(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


class ProxyHeaders(Layer):
    """Believes X-Forwarded-For and -Proto of proxies in the trusted networks, and of nobody else."""

    def __init__(self, app: ASGIApp, edge: Edge) -> None:
        super().__init__(app, edge)
        self._networks = [ip_network(each, strict=False) for each in edge.portal.settings.web.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client and self._trusts(client[0]):
            headers = Headers(scope=scope)
            proto = headers.get("x-forwarded-proto", "").strip().lower()
            if proto in ("http", "https"):
                scope["scheme"] = proto
            chain = [part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",") if part.strip()]
            known = [part for part in chain if _is_address(part)]
            outside = [part for part in known if not self._trusts(part)]
            if known:
                scope["client"] = ((outside or known)[-1 if outside else 0], 0)
        await self.app(scope, receive, send)

    def _trusts(self, address: str) -> bool:
        if not _is_address(address):
            return False
        found = ip_address(address)
        return any(found.version == network.version and found in network for network in self._networks)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


class RequestId(Layer):
    """Gives the request its number: the one a proxy sent if it looks like one, else 64 random bits."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                sent = value.decode("latin-1")
                if _REQUEST_ID.fullmatch(sent):
                    visit.request_id = sent
                break
        visit.request_id = visit.request_id or secrets.token_hex(8)
        await self.app(scope, receive, send)


class AccessLog(Layer):
    """Writes one line a request: the route's template, never the path, the query or anybody's name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            self.edge.log.exception("request_broke_off", request_id=visit.request_id)
            if not status:
                await _plain(send, 500)
                status = 500
        finally:
            self.edge.log.info(
                "request",
                method=scope["method"] if scope["method"].isalpha() else "-",
                route=visit.template,
                status=status,
                ms=round((perf_counter() - visit.started) * 1000, 1),
                request_id=visit.request_id,
                actor=visit.actor_kind,
            )


class SecurityHeaders(Layer):
    """Puts the policy with this answer's nonce, the fixed security headers and the request's number on every answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                policies = self.edge.policies
                origins = visit.route.spec.origins if visit.route else ()
                nonce = visit.nonce if visit.has_nonce else ""
                quiet = visit.route is not None and visit.route.policy.who == "guest"
                headers = [
                    *message.get("headers", ()),
                    *policies.headers(visit.site, visit.root, visit.frames, quiet=quiet),
                ]
                headers.append(
                    (b"content-security-policy", policies.policy(visit.site, visit.root, nonce, origins, visit.frames))
                )
                headers.append((b"x-request-id", visit.request_id.encode()))
                if not any(name == b"cross-origin-resource-policy" for name, _ in headers):
                    headers.append((b"cross-origin-resource-policy", b"same-origin"))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, dressed)


class HostCheck(Layer):
    """Answers only to the hosts of the settings and the brands, and so finds the brand. Nothing is ever linked from Host.

    Health checks come by address and are let through.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(hosts[0].decode("latin-1").lower()) if len(hosts) == 1 else None
        site = self.edge.hosts.get(match["name"]) if match else None
        if site is not None:
            visit.site = site
        elif not scope["path"].startswith(visit.root + _HEALTH):
            await self.edge.refuse(_WRONG_HOST if match else _NO_HOST, scope, receive, send)
            return
        await self.app(scope, receive, send)


_WRONG_HOST = PortalError(
    "unknown_host", text("web.host.unknown", "Check the address: this portal answers under another name."), 421
)
_NO_HOST = PortalError("no_host", text("web.host.missing", "The request does not say which site it is for."), 400)


class LocaleChoice(Layer):
    """Chooses the language: the visitor's cookie, else what the browser asks for. An account's setting comes in between, in
    the wrapper, once it is known who asks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope)
        locales = self.edge.portal.locales_of(visit.site.face)
        kept, asked = "", ""
        for name, value in scope["headers"]:
            if name == b"cookie" and LOCALE.encode() in value:
                kept = _cookie_value(value.decode("latin-1"), cookie_name(visit.site, LOCALE))
            elif name == b"accept-language":
                asked = best_language(value.decode("latin-1")[:200], locales.codes)
        visit.locale_chosen = kept in locales
        visit.locale = locales.get(kept if visit.locale_chosen else asked)
        await self.app(scope, receive, send)


def _cookie_value(header: str, name: str) -> str:
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


@lru_cache(maxsize=1024)
def best_language(header: str, offered: tuple[str, ...]) -> str:
    """Return the offered language that an Accept-Language header likes best, or "" when it likes none of them."""
    best, best_quality = "", 0.0
    for part in header.split(","):
        tag, _, params = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        quality = _quality(params)
        if code == "*":
            code = offered[0]
        if code in offered and quality > best_quality:
            best, best_quality = code, quality
    return best


def _quality(params: str) -> float:
    key, _, value = params.strip().partition("=")
    if key.strip().lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0


async def _plain(send: Send, status: int) -> None:
    body = b"Something broke on our side. Try again in a minute."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
