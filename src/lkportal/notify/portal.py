"""What notify needs of the portal it serves, and what follows from its settings: the sender's address, links for letters."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from jinja2 import Environment

from lkportal.core.clock import Clock
from lkportal.core.db import Database
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.ports import Ports
from lkportal.core.registry.building import Registry
from lkportal.core.settings import PortalSettings
from lkportal.core.unit import UnitContext
from lkportal.theming import Theme
from lkportal.web import Edge, Site


class Portal(Protocol):
    """The portal as notify sees it. Its registry, brands and words may be swapped between two letters."""

    @property
    def settings(self) -> PortalSettings: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def locales(self) -> Locales: ...
    @property
    def sites(self) -> Sequence[Site]: ...
    @property
    def edge(self) -> Edge: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def ports(self) -> Ports: ...
    def locales_of(self, brand: str) -> Locales: ...
    def theme(self, brand: str) -> Theme: ...
    def environment(self, brand: str, locale: Locale, *, html: bool = True) -> Environment: ...
    def unit_context(self, request_id: str = "") -> UnitContext: ...


def closed_topics(portal: Portal) -> list[str]:
    """Return the topics of installed modules that are off: what was told of them is not shown until they are on again."""
    registry = portal.registry
    return [each.name for module in registry.installed for each in module.topics if each.name not in registry.topics]


def sender(portal: Portal) -> str:
    """Return the address letters come from: the setting mail.sender, or no-reply@ the public URL's host."""
    return portal.settings.mail.sender or f"no-reply@{_host(portal)}"


def mail_domain(portal: Portal) -> str:
    """Return the domain of the sender: it stands in every Message-ID and is how we greet the mail server."""
    return sender(portal).rpartition("@")[2].encode("idna").decode()


def link(portal: Portal, route: str, brand: str, account: str = "", **params: str) -> str:
    """Return the public address of `route` for a letter; of the start page when there is no such route any more."""
    routes = portal.edge.routes
    site = next((each for each in portal.sites if each.key == brand), portal.sites[0])
    if account and routes.takes_account(route):
        params["account"] = account
    try:
        return site.public_url.rstrip("/") + routes.path(route, params)
    except LookupError:
        return site.public_url.rstrip("/") + "/"


def _host(portal: Portal) -> str:
    """The host of the public URL; a bare number is no domain of a mailbox."""
    host = urlsplit(portal.settings.portal.public_url).hostname or "localhost"
    try:
        ip_address(host)
    except ValueError:
        return host
    return "localhost"
