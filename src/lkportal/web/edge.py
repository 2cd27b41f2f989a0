"""The HTTP edge of one portal: routes, limiters, signatures, policies and caches in one place, and the ASGI app made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from lkportal.core.contributions import Limiter as LimiterName
from lkportal.core.errors import StartupError
from lkportal.core.language.formats import Locale
from lkportal.core.limits.budget import Budget
from lkportal.core.logs import json_logger
from lkportal.theming.drawing.drawings import icon_set
from lkportal.theming.files.assets import ROOT
from lkportal.web.asgi.csp import Policies
from lkportal.web.asgi.limiters import Limiter, limiters
from lkportal.web.asgi.middleware import stack
from lkportal.web.own.gallery import gallery_routes
from lkportal.web.own.routes import own_routes
from lkportal.web.page.brand_view import BrandView, brand_view
from lkportal.web.page.chrome import Chrome
from lkportal.web.page.head import Head, head_of
from lkportal.web.portal import Portal, Site
from lkportal.web.routing import RouteGroup, RouteTable
from lkportal.web.streams import Streams
from lkportal.web.trust.csrf import Csrf
from lkportal.web.trust.guard import Guard
from lkportal.web.trust.known import KnownBrowsers
from lkportal.web.trust.signing import Signing
from lkportal.web.visit import Visit
from lkportal.web.witness import Witness
from lkportal.web.wrapper import Wrapper

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_KEYLESS = (
    "secret_key is empty or short: set LKPORTAL_SECRET_KEY to 32 random characters or more. Where there is a secrets.env, load it "
    "first: set -a; . ./secrets.env; set +a"
)
_SHORTEST_SECRET = 16


class Edge:
    """Everything the edge of one portal holds. Made again when the registry or the brands change; limiters are handed on."""

    def __init__(
        self,
        portal: Portal,
        groups: Iterable[RouteGroup],
        *,
        keep: Edge | None = None,
        log: FilteringBoundLogger | None = None,
    ) -> None:
        """Build the edge. `keep` is the edge this one replaces. Raises StartupError for a route without a policy, a short
        secret key, or when nobody fills the port Guard."""
        secret = portal.settings.secret_key.get_secret_value()
        if len(secret) < _SHORTEST_SECRET:
            raise StartupError("secret_key", _KEYLESS)
        self.portal = portal
        self.log: FilteringBoundLogger = log or (keep.log if keep else json_logger(portal.settings.portal.log_level))
        self.guard: Guard = portal.ports.get(Guard)  # type: ignore[type-abstract]
        shown = portal.settings.portal.demo or portal.settings.web.gallery
        self.routes = RouteTable((*groups, own_routes(), *([gallery_routes()] if shown else [])))
        self.signing = Signing(secret)
        self.csrf = Csrf(self.signing)
        self.policies = Policies(portal.settings.web, portal.origins)
        self.chrome = Chrome()
        self.report_budget = Budget(10)
        self._root = portal.settings.web.root_path.rstrip("/")
        self._rooted: dict[tuple[Environment, str], Environment] = {}
        self._brands: dict[tuple[str, str, str], BrandView] = {}
        self._heads: dict[tuple[object, ...], Head] = {}
        self.streams: Streams = keep.streams if keep else Streams(portal.database, self.log)
        self.limiters: Mapping[LimiterName, Limiter] = keep.limiters if keep else limiters(portal.settings.web)
        witness = portal.ports.find(Witness)  # type: ignore[type-abstract]
        self.witness: Witness | None = witness if witness is not None and witness.is_on else None
        self.known: KnownBrowsers | None = portal.ports.find(KnownBrowsers)  # type: ignore[type-abstract]
        self.default_site: Site = portal.sites[0]
        self.default_locale: Locale = portal.locales.get(None)
        self.hosts: Mapping[str, Site] = _hosts(portal)
        wrapper = Wrapper(self)
        self.refuse = wrapper.refuse
        self.app: ASGIApp = stack(self, self.routes.router(wrapper.handle, wrapper.not_found))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the portal's own lifespan belongs to the app that holds this edge."""
        await self.app(scope, receive, send)

    def put_away(self) -> None:
        """Put away what is kept in memory alone: the portal stops."""
        self.streams.close()
        if self.witness is not None:
            self.witness.close()

    def environment(self, visit: Visit) -> Environment:
        """Return the templates of a visit's brand and language.

        Icons are drawn by an address in the templates' globals: under a root the settings do not know it is another one.
        """
        made = self.portal.environment(visit.site.face, visit.locale)
        if visit.root == self._root:
            return made
        found = self._rooted.get((made, visit.root))
        if found is None:
            found = self._rooted[made, visit.root] = made.overlay()
            asset = self.asset_address(visit)
            # From the page's own origin, wherever other files come from: browsers draw a sprite from nowhere else.
            sprite = visit.root + ROOT + asset("icons.svg").partition(ROOT)[2]
            found.globals = {**made.globals, "icon": icon_set(sprite), "asset": asset}
        return found

    def brand(self, visit: Visit) -> BrandView:
        """Return what templates know of a visit's brand."""
        key = (visit.site.face, visit.site.theme_version, visit.root)
        found = self._brands.get(key)
        if found is None:
            found = self._brands[key] = brand_view(
                self.portal.theme(visit.site.face), self.asset_address(visit), visit.root
            )
        return found

    def head(self, visit: Visit, templates: Collection[str]) -> Head:
        """Return what the head of a page links that is made of these templates."""
        key = (visit.site.face, visit.site.theme_version, visit.root, visit.locale.code, tuple(templates))
        found = self._heads.get(key)
        if found is None:
            face, address = self.portal.face(visit.site.face), self.asset_address(visit)
            found = self._heads[key] = head_of(face, templates, visit.locale.code, address)
        return found

    def asset_address(self, visit: Visit) -> Callable[[str], str]:
        """Return the function that templates call as `asset("css/portal.css")`."""
        return partial(_asset, self.portal.assets_of(visit.site.face).url, visit.site.key, visit.root)

    async def close(self) -> None:
        """Let the threads finish their work."""
        loop = asyncio.get_running_loop()
        for limiter in self.limiters.values():
            await loop.run_in_executor(None, limiter.close)


def _asset(url: Callable[[str, str], str], brand: str, root: str, name: str) -> str:
    found = url(name, brand)
    return root + found if found.startswith("/") else found


def _hosts(portal: Portal) -> dict[str, Site]:
    """Map each host name the portal answers to its site. A portal on a loopback address answers to all loopback names."""
    known: dict[str, Site] = {}
    for site in portal.sites:
        parts = urlsplit(site.public_url)
        named = parts.netloc.rpartition("@")[2].lower()
        public = named if named.endswith("]") else named.rsplit(":", 1)[0] if ":" in named else named
        names = _LOOPBACK if public in _LOOPBACK else {public}
        for name in (*names, *(host.lower() for host in site.hosts)):
            known.setdefault(name, site)
    for host in portal.settings.web.hosts:
        known.setdefault(host.lower(), portal.sites[0])
    return known
