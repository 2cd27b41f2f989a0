"""From a computed brand to the site the edge answers for: its address, its hosts, the version its cached pieces are kept by."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from lkportal.core.settings import PortalTable
from lkportal.theming import Theme
from lkportal.web.portal import Site


def site_of(key: str, theme: Theme, version: int, portal: PortalTable, *, first: bool) -> Site:
    """Return a brand as the edge sees it. A demo is opened at its own address, wherever the brand book says it lives."""
    book = theme.book
    own = "" if portal.demo else book.public_url
    if not own:
        own = portal.public_url if first or not book.hosts else _beside(portal.public_url, book.hosts[0])
    return Site(key, own, book.hosts, f"{version}.{theme.css_hash}")


def _beside(public_url: str, host: str) -> str:
    """Return the portal's address under another host: the same scheme, port and path."""
    parts = urlsplit(public_url)
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, host + port, parts.path, "", ""))
