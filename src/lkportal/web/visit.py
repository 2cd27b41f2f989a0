"""One visit: what the middleware learned about a request before it has a route, kept in one place of the ASGI scope."""

from __future__ import annotations

import secrets
from time import perf_counter
from typing import TYPE_CHECKING, Literal, cast

from starlette.types import Scope

from lkportal.core.language.formats import Locale
from lkportal.web.portal import Site

if TYPE_CHECKING:
    from lkportal.web.edge import Edge
    from lkportal.web.routing import Bound

KEY = "lkportal.visit"
Frames = Literal["", "shows", "shown"]
"""Whether an answer shows frames of our own, or may be shown in one of them."""


class Visit:
    """The state of one request on its way through the middleware; `root` is the path the portal is mounted under."""

    __slots__ = (
        "_nonce",
        "actor_kind",
        "edge",
        "frames",
        "locale",
        "locale_chosen",
        "request_id",
        "root",
        "route",
        "site",
        "started",
        "template",
    )

    def __init__(self, edge: Edge, root: str) -> None:
        self.edge = edge
        self.root = root
        self.site: Site = edge.default_site
        self.locale: Locale = edge.default_locale
        self.locale_chosen = False
        self.request_id = ""
        self.route: Bound | None = None
        self.template = "-"
        self.frames: Frames = ""
        self.actor_kind = "anonymous"
        self.started = perf_counter()
        self._nonce = ""

    @property
    def nonce(self) -> str:
        """The nonce of this answer's scripts: 144 random bits, made when first asked for."""
        if not self._nonce:
            self._nonce = secrets.token_urlsafe(18)
        return self._nonce

    @property
    def has_nonce(self) -> bool:
        """Whether anything of the answer used the nonce; if not, the policy allows no script at all."""
        return bool(self._nonce)


def visit_of(scope: Scope) -> Visit:
    """Return the visit that a scope belongs to."""
    return cast(Visit, scope[KEY])
