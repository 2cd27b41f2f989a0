"""The brand's colour becomes a table of roles: light, dark, and each once more for people who ask for strong contrast.

The fill a company gave is never altered in light and dark. Everything computed from it is moved only as far as pairs.py asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from lkportal.theming.colour.oklch import contrast, distance, lch, luminance, mix, shade
from lkportal.theming.colour.pairs import CHARTS, PAIRS, ROLES, Level
from lkportal.theming.colour.repair import ink_on, reach, readable_fill
from lkportal.theming.colour.series import series

MODES = ("light", "dark", "light-more", "dark-more")
"""`-more` answers `prefers-contrast: more`."""

_HUES = {"success": (155, 0.13), "warning": (70, 0.13), "danger": (25, 0.19), "info": (245, 0.12)}
LINK_DRIFT = 0.2
"""A link that had to move further than this no longer looks like the brand (yellow turns olive): it becomes `text`."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What a palette grows from. `primary` and `accent` are `#RRGGBB`; `tinted` lends neutrals a trace of the brand's hue."""

    primary: str
    accent: str = ""
    tinted: bool = True
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A role that could not keep the brand's colour: from, to, and how far that is in deltaE OK."""

    mode: str
    role: str
    before: str
    after: str
    distance: float


@dataclass(frozen=True, slots=True)
class Palette:
    """`modes[mode][role]` is `#RRGGBB`; `moves` tells which brand colours gave way; `rosette` the opacity of the slip's lines."""

    modes: Mapping[str, Mapping[str, str]]
    moves: tuple[Move, ...]
    rosette: float


def palette(seed: Seed) -> Palette:
    """All four modes of a seed. Pure: the same seed gives the same bytes."""
    modes: dict[str, Mapping[str, str]] = {}
    moves: list[Move] = []
    for mode in MODES:
        usual = modes.get(mode.removesuffix("-more"))
        sketch = _Sketch(seed, dark=mode.startswith("dark"), usual=usual)
        roles = sketch.roles()
        modes[mode] = MappingProxyType({role: roles[role] for role in ROLES})
        if not sketch.more:
            moves += [
                Move(mode, role, old, roles[role], distance(old, roles[role])) for role, old in sketch.wanted.items()
            ]
    moved = tuple(move for move in moves if move.before != move.after)
    return Palette(MappingProxyType(modes), moved, _rosette(modes["light"]))


def _backs() -> dict[str, tuple[tuple[str, ...], Level]]:
    table: dict[str, tuple[tuple[str, ...], Level]] = {}
    for pair in PAIRS:
        backs, level = table.get(pair.front, ((), pair.level))
        table[pair.front] = ((*backs, pair.back), max(level, pair.level, key=lambda choice: choice.usual))
    return table


_BACKS = _backs()
"""For each role every surface it may stand on, with the strictest level: worst of all, so that one tone serves everywhere."""


@cache
def _statuses(*, dark: bool, more: bool) -> Mapping[str, tuple[str, str, str]]:
    """Tint, ink and edge of each status before repair: the same for every brand."""
    level = (0.24 if more else 0.275) if dark else 0.955
    return {
        status: (
            shade(level, 0.05 if dark else 0.035, hue),
            shade(0.78, chroma * 0.8, hue) if dark else shade(0.50, chroma, hue),
            shade(0.42 if dark else 0.86, 0.07, hue),
        )
        for status, (hue, chroma) in _HUES.items()
    }


class _Sketch:
    """One mode in the making. Roles are put down in order: surfaces first, then what stands on them."""

    def __init__(self, seed: Seed, *, dark: bool, usual: Mapping[str, str] | None) -> None:
        """`usual` is the finished mode that this one strengthens, None for light and dark themselves."""
        self.seed, self.dark, self.usual, self.more = seed, dark, usual, usual is not None
        self.strong = self.more or seed.strict
        self.lightness, self.chroma, self.hue = lch(seed.primary)
        self.yellow = 80 < self.hue < 130 and self.lightness > 0.8
        self.trace = min(self.chroma / 0.13, 1.0) * (0.55 if self.yellow else 1.0) if seed.tinted else 0.0
        self.wanted: dict[str, str] = {}
        self.table: dict[str, str] = {}
        self.lights: dict[str, float] = {}

    def roles(self) -> dict[str, str]:
        for step in (
            self._surfaces,
            self._tints,
            self._neutrals,
            self._fills,
            self._links,
            self._states,
            self._charts,
        ):
            step()
        return self.table

    def _readable(self, role: str, colour: str) -> str:
        backs, level = _BACKS[role]
        need = level.strong if self.strong else level.usual
        lights = [self.lights[back] if back in self.lights else luminance(self.table[back]) for back in backs]
        return reach(colour, max(lights) if self.dark else min(lights), need, dark=self.dark)

    def _put(self, role: str, colour: str) -> None:
        self.table[role] = self._readable(role, colour)

    def _brand(self, role: str, colour: str) -> None:
        """A role that would be `colour` exactly, were it readable: told in the report when it moves."""
        self.wanted[role] = colour
        self._put(role, colour)

    def _surfaces(self) -> None:
        hue, trace = self.hue, self.trace
        if self.dark:
            levels = (0.14, 0.18, 0.16, 0.22) if self.more else (0.182, 0.232, 0.205, 0.272)
            chromas = (0.016, 0.019, 0.017, 0.021)
        else:
            levels = (0.985, 1.0, 0.97, 1.0) if self.more else (0.968, 1.0, 0.952, 1.0)
            chromas = (0.0075, 0.0, 0.010, 0.0)
        for role, level, chroma in zip(("page", "card", "sunken", "raised"), levels, chromas, strict=True):
            self.table[role] = shade(level, chroma * trace, hue)

    def _tints(self) -> None:
        deep = 0.26 if self.more else 0.30
        lightness = deep if self.dark else (0.955 if self.more else 0.94)
        lean = 0.7 if self.yellow else 1.0
        chroma = min(self.chroma, 0.055) * lean if self.dark else min(self.chroma, 0.07 if self.yellow else 0.032)
        self.table["tint"] = shade(lightness, chroma, self.hue)
        for status, tones in _statuses(dark=self.dark, more=self.more).items():
            self.table[f"{status}-tint"] = tones[0]
        self.lights = {role: luminance(colour) for role, colour in self.table.items()}

    def _neutrals(self) -> None:
        hue, trace, dark, more = self.hue, self.trace, self.dark, self.more
        self._put(
            "text",
            shade(0.985 if more else 0.955, 0.006 * trace, hue)
            if dark
            else shade(0.16 if more else 0.235, 0.03 * trace, hue),
        )
        self._put("muted", shade(0.755, 0.018 * trace, hue) if dark else shade(0.475, 0.026 * trace, hue))
        self._put("border", shade(0.325, 0.02 * trace, hue) if dark else shade(0.895, 0.012 * trace, hue))
        self._put("field", shade(0.60, 0.025 * trace, hue) if dark else shade(0.585, 0.03 * trace, hue))

    def _fills(self) -> None:
        ink = shade(0.22, 0.03 * self.trace, self.hue)
        need = 7.0 if self.strong else 4.5
        for role, exact in (("brand", self.seed.primary), ("accent", self.seed.accent or self.seed.primary)):
            fill = readable_fill(exact, 7.0) if self.more else exact
            self.table[role] = fill
            self.table[f"on-{role}"] = ink_on(fill, ink, need)
        self.table["brand-hover"] = self._hover(need if self.more else 4.5)

    def _hover(self, need: float) -> str:
        """A visible step from the fill, towards the middle of the scale where the text on it allows, else away from it."""
        lightness, chroma, hue = lch(self.table["brand"])
        towards = 0.06 if lightness < 0.45 else -0.05
        tone = shade(lightness + towards, chroma, hue)
        if contrast(tone, self.table["on-brand"]) >= need:
            return tone
        away = -0.05 if self.table["on-brand"] == "#FFFFFF" else 0.05
        return shade(lightness + away, chroma, hue)

    def _links(self) -> None:
        brand = self.table["brand"]
        self._brand("brand-edge", brand)
        self._brand("link", brand)
        self._brand("focus", brand)
        drift = distance(brand, self.table["link"])
        if (not self.dark and drift > LINK_DRIFT) or (self.dark and self.chroma < 0.04):
            self.table["link"] = self.table["text"]
        self.table["link-hover"] = self.table["text"]
        self._put("on-tint", shade(0.9 if self.dark else 0.36, min(self.chroma, 0.1), self.hue))

    def _states(self) -> None:
        for status, (_, ink, edge) in _statuses(dark=self.dark, more=self.more).items():
            self._put(status, ink)
            self._put(f"{status}-edge", edge)

    def _charts(self) -> None:
        if self.usual is not None:
            six = tuple(self.usual[chart] for chart in CHARTS)
        else:
            six = series(self._readable("chart-1", self._first_series()), dark=self.dark)
        for role, colour in zip(CHARTS, six, strict=True):
            self._put(role, colour)
        rests = {"chart-1-rest": "chart-1", "chart-2-rest": "chart-2"}
        for role, full in rests.items():
            _, chroma, hue = lch(self.table[full])
            self._put(role, shade(0.42 if self.dark else 0.72, chroma * 0.6, hue))
        self._put("chart-rest", shade(0.48 if self.dark else 0.70, 0.045 * self.trace, self.hue))

    def _first_series(self) -> str:
        if self.yellow:
            return self.table["brand"] if self.dark else shade(0.30, 0.03, self.hue)
        chroma = min(max(min(self.chroma, 0.15), 0.09 if self.chroma > 0.02 else 0.0), 0.15)
        level = max(self.lightness, 0.66) if self.dark else max(min(self.lightness, 0.55), 0.38)
        return shade(min(level, 0.86), chroma, self.hue)


def _rosette(roles: Mapping[str, str]) -> float:
    """Opacity of the slip's guilloche: at most 0.17, less where text over its lines would fall under 4.5:1."""
    for hundredth in range(17, 0, -1):
        line = mix(roles["brand"], roles["on-brand"], hundredth / 100)
        if contrast(roles["on-brand"], line) >= 4.5:
            return hundredth / 100
    return 0.0
