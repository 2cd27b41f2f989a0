"""The gallery of the kit at /_kit: every component in each state, with its parameters, under the brand of the host asked.

For those who build pages: shown in demo mode and with `[web] gallery`, absent otherwise. Samples live in themes/.../kit/.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.language.formats import Locale
from lkportal.core.policy import anyone
from lkportal.theming.templates.pieces import IMPORTS, Parameters, Piece, macros, pieces
from lkportal.web.page.answers import page
from lkportal.web.request import Request
from lkportal.web.routing import RouteGroup, route

FRAMES = ("customer", "bare", "staff")
"""Whole pages: the layouts themselves."""
_TODAY = dt.date(2026, 11, 22)


class Gallery:
    """The shelf of one portal. What a brand and a language show is read and compiled when first asked for."""

    def __init__(self) -> None:
        self._read: dict[Environment, tuple[tuple[Piece, ...], dict[str, Parameters]]] = {}
        self._compiled: dict[tuple[Environment, str], Template] = {}

    def all(self, request: Request) -> Response:
        """Show every component."""
        shown, parameters = self._shelf(request)
        groups = [
            (group, [self._drawn(request, piece, parameters) for piece in members])
            for group, members in groupby(shown, key=lambda piece: piece.group)
        ]
        return page(request, "kit/gallery.html", groups=groups, frames=FRAMES, alone=False, **samples(request.locale))

    def one(self, request: Request) -> Response:
        """Show one component by itself."""
        shown, parameters = self._shelf(request)
        key = request.path_params["piece"]
        piece = next((piece for piece in shown if piece.key == key), None)
        if piece is None:
            raise NotFound
        groups = [(piece.group, [self._drawn(request, piece, parameters)])]
        return page(request, "kit/gallery.html", groups=groups, frames=(), alone=True, **samples(request.locale))

    def frame(self, request: Request) -> Response:
        """Show a layout as a whole page with nothing but a few lines in it."""
        name = request.path_params["name"]
        if name not in FRAMES:
            raise NotFound
        return page(request, f"kit/frames/{name}.html", **samples(request.locale))

    def _shelf(self, request: Request) -> tuple[tuple[Piece, ...], dict[str, Parameters]]:
        env = request.visit.edge.environment(request.visit)
        if env not in self._read:
            self._read[env] = (pieces(env), macros(env))
        return self._read[env]

    def _drawn(self, request: Request, piece: Piece, parameters: dict[str, Parameters]) -> dict[str, Any]:
        env = request.visit.edge.environment(request.visit)
        values = {**samples(request.locale), "request": request}
        states = [(state, Markup(self._template(env, state.source).render(values))) for state in piece.states]  # noqa: S704
        return {"piece": piece, "states": states, "macros": [parameters[name] for name in piece.macros]}

    def _template(self, env: Environment, source: str) -> Template:
        found = self._compiled.get((env, source))
        if found is None:
            found = self._compiled[env, source] = env.from_string(IMPORTS + source)
        return found


def gallery_routes() -> RouteGroup:
    """Return the gallery's routes, mounted at /_kit."""
    shelf = Gallery()
    return RouteGroup(
        "kit",
        "/_kit",
        (
            route("/", shelf.all, name="all", policy=anyone()),
            route("/frame/{name}", shelf.frame, name="frame", policy=anyone()),
            route("/{piece}", shelf.one, name="one", policy=anyone()),
        ),
    )


def samples(locale: Locale) -> dict[str, Any]:
    """Return what samples may use: `say(russian, english)` for words that are data, a year of consumption, half-hours."""
    russian = locale.code == "ru"
    return {
        "say": lambda in_russian, in_english: in_russian if russian else in_english,
        "months": [locale.short_month(_TODAY.replace(month=month)) for month in (12, *range(1, 12))],
        **SERIES,
        "intervals": _INTERVALS,
    }


def _half_hours(days: int = 91) -> list[int | None]:
    """A home's power by half-hours, watts: mornings and evenings, weekends, a day when the meter was silent."""
    found: list[int | None] = []
    for place in range(days * 48):
        day, hour = divmod(place, 48)
        busy = 2 if 13 <= hour <= 17 or 36 <= hour <= 45 else 1
        watts = busy * (300 + (place * 7919 + day * 104729) % 700) + (900 if day % 7 > 4 and hour > 20 else 0)
        found.append(None if day == 40 else watts)
    return found


_INTERVALS = _half_hours()

SERIES: dict[str, list[int]] = {
    "cold": [7600, 7300, 7000, 6600, 6500, 6200, 4700, 4400, 5700, 6600, 7200, 6900],
    "hot": [4200, 3900, 3600, 3500, 3300, 3000, 1400, 1000, 2200, 3000, 3900, 3700],
    "similar": [10900, 10800, 10500, 10300, 9900, 9400, 8300, 7600, 8800, 9900, 10700, 10400],
}
"""Cold and hot water of twelve months and what similar homes use, litres."""
