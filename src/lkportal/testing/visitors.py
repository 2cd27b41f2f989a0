"""Those who call a portal in tests: browsers (cookies, the CSRF token taken from the page, no scripts), programs with a token of the open
API. They talk ASGI to a portal in this process."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from httpx2 import Response
from starlette.testclient import TestClient

from lkportal.api import tokens
from lkportal.app import Portal
from lkportal.auth import sessions
from lkportal.auth.settings import AuthSettings
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import open_unit
from lkportal.testing.clients import PortalClient
from lkportal.testing.world import PASSWORD, World
from lkportal.web.cookies import SESSION, cookie_name

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


class Visitor:
    """Somebody at a browser. Redirects are shown, not followed, so that a test sees where they lead.

    `actor` is who signed in by `enter` (None: nobody); `account` the account that `url` fills in when a route needs one.
    """

    def __init__(self, portal: Portal, *, language: str = "en", network: str = "203.0.113.7") -> None:
        self.portal = portal
        self.actor: Actor | None = None
        self.account: AccountRef | None = None
        self.site = portal.sites[0]
        self.client = PortalClient(
            portal,
            base_url=self.site.public_url,
            client=(network, 50_000),
            headers={"accept-language": language, "user-agent": CHROME},
        )

    def url(self, route: str, /, **params: Any) -> str:
        """Return the path of a route by its name: `url("readings:list")`, `url("payments:bill", bill=...)`."""
        if self.account is not None and self.portal.edge.routes.takes_account(route):
            params.setdefault("account", self.account.public_id)
        return self.portal.settings.web.root_path + self.portal.edge.routes.path(route, params)

    def get(self, path: str, **headers: str) -> Response:
        """Open a page. Keywords are headers, `hx_request="true"`."""
        return self.client.get(path, headers=_headers(headers))

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        /,
        *,
        page: str = "",
        files: Any = None,
        **headers: str,
    ) -> Response:
        """Send a form with the CSRF token of `page` (the path itself, unless named). `fields` are its values."""
        filled = {"csrf_token": self.token(page or path), **(fields or {})}
        return self.client.post(path, data=filled, files=files, headers=_headers(headers))

    def token(self, page: str) -> str:
        """Return the CSRF token of the first form of a page. AssertionError when there is none."""
        answer = self.get(page)
        found = _TOKEN.search(answer.text)
        assert found is not None, (
            f"The page {page} ({answer.status_code}) has no form with a csrf_token: name another, post(..., page='/...')."
        )
        return unescape(found[1])

    def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> Response:
        """Sign in as people do, through the form at /login. Return the answer to it."""
        return self.post(self.url("auth:login"), {"login": login, "password": password, **fields})

    def enter(self, actor: Actor, account: AccountRef | None = None) -> Visitor:
        """Sign in the short way: a session row and its cookie, without a password check. Return this visitor."""
        with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
            settings: AuthSettings = self.portal.settings_of("auth")
            begun = sessions.begin(db, actor.id or 0, actor.kind, sessions.Origin(), settings)
        self.client.cookies.set(self.session_cookie, begun.token, domain=_domain(self.site.public_url), path="/")
        self.actor, self.account = actor, account
        return self

    @property
    def session_cookie(self) -> str:
        """The name of the cookie that holds the session."""
        return cookie_name(self.site, SESSION)

    @property
    def is_signed_in(self) -> bool:
        """Whether a page that needs a session opens."""
        return self.get(self.url("auth:sessions")).status_code == 200

    def close(self) -> None:
        """Close the browser."""
        self.client.close()


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


def _domain(address: str) -> str:
    return urlsplit(address).hostname or ""


@dataclass
class Program:
    """A program that calls the API with one token. Every POST has a key of its own unless one is given."""

    portal: Portal
    secret: str
    language: str = "en"
    client: TestClient = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        headers = {"accept-language": self.language}
        if self.secret:
            headers["authorization"] = f"Bearer {self.secret}"
        address = self.portal.sites[0].public_url
        self.client = TestClient(self.portal, base_url=address, headers=headers, follow_redirects=False)

    def get(self, path: str, headers: Mapping[str, str] | None = None, **asked: Any) -> Response:
        """Read /api/v1`path`."""
        return self.client.get(f"/api/v1{path}", params=asked, headers=headers)

    def post(self, path: str, data: Any = None, key: str = "", **headers: str) -> Response:
        """Do something at /api/v1`path`."""
        self.sent += 1
        named = {"idempotency-key": key or f"key-{self.sent}", **headers}
        return self.client.post(f"/api/v1{path}", json={} if data is None else data, headers=named)


def scopes_of(portal: Portal, kind: str = "customers") -> list[str]:
    """Return the names of all scopes that tokens of customers, or of systems, may have."""
    found = {each.scope for calls in portal.registry.api_routes.values() for each in calls}
    return sorted(each.name for each in found if getattr(each, kind))


def new_program(world: World, portal: Portal, person: Actor | None, scopes: Sequence[str], language: str) -> Program:
    """Return a program with a token for `scopes` (empty: all there are) of a customer, or of a system when there is no person."""
    with world.unit() as db:
        if person is None:
            secret, _ = tokens.add(db, "ERP", days=30, scopes=scopes or scopes_of(portal, "systems"))
        else:
            secret = tokens.add_own(db, person.id or 0, "Home", scopes or scopes_of(portal), days=30)
    return Program(portal, secret, language)
