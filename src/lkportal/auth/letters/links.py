"""Whole addresses of pages for letters: from the settings, never from a Host header. Fills the port PageLinks."""

from __future__ import annotations

from typing import Any

from lkportal.web.request import public_url


class Links:
    """The addresses of one portal. Holds the portal, so that a route of a module switched on later is found."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    def page(self, route: str, brand: str = "", **params: str) -> str:
        """Return the address of `route` on the site of `brand`."""
        return public_url(self._portal, self._portal.edge.routes.path(route, params), brand)
