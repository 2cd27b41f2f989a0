"""Which colours ever stand on which, and how much contrast each pair must have: the table the palette is repaired and checked by.

A new use of a role in a template or a stylesheet needs its pair here first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lkportal.theming.colour.oklch import luminance

STATUSES = ("success", "warning", "danger", "info")
CHARTS = tuple(f"chart-{number}" for number in range(1, 7))
RESTS = ("chart-rest", "chart-1-rest", "chart-2-rest")
SURFACES = ("page", "card", "sunken", "raised")
STATUS_TINTS = tuple(f"{status}-tint" for status in STATUSES)
TINTS = ("tint", *STATUS_TINTS)

ROLES = (
    *SURFACES, "text", "muted", "border", "field",
    "brand", "on-brand", "brand-hover", "brand-edge", "accent", "on-accent",
    "tint", "on-tint", "link", "link-hover", "focus",
    *(role for status in STATUSES for role in (status, f"{status}-tint", f"{status}-edge")),
    *CHARTS, *RESTS,
)  # fmt: skip
"""Every role, in the order it is written to CSS."""


@dataclass(frozen=True, slots=True)
class Level:
    """The least contrast of a pair: `usual` by WCAG AA, `strong` under `contrast = "AAA"` and `prefers-contrast: more`."""

    usual: float
    strong: float


INK = Level(7.0, 7.0)
READ = Level(4.5, 7.0)
SHAPE = Level(3.0, 4.5)
LINE = Level(1.0, 3.0)
"""INK: running text. READ: other text. SHAPE: parts one must see (WCAG 1.4.11). LINE: ornament, drawn stronger on request."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`front` is drawn on `back`. A `fixed` pair holds an exact fill, which does not move in the AAA policy either."""

    front: str
    back: str
    level: Level
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A pair that misses its contrast in a mode; both ratios are x:1."""

    mode: str
    pair: Pair
    ratio: float
    need: float

    def __str__(self) -> str:
        return f"{self.mode}: {self.pair.front} on {self.pair.back} is {self.ratio:.2f}:1, needs {self.need:g}:1"


def _pairs() -> tuple[Pair, ...]:
    everywhere = (*SURFACES, *TINTS)
    table = [Pair("text", back, INK) for back in everywhere]
    table += [Pair(front, back, READ) for front in ("muted", "link", "link-hover", "focus") for back in everywhere]
    table += [Pair(back, "text", INK) for back in ("page", "card")]
    table += [Pair("on-tint", "tint", INK)] + [Pair("on-tint", back, READ) for back in SURFACES]
    for status in STATUSES:
        table += [Pair(status, back, READ) for back in (*SURFACES, "tint", f"{status}-tint")]
        table += [Pair(f"{status}-edge", back, LINE) for back in ("card", f"{status}-tint")]
    table += [Pair(front, fill, READ, fixed=True) for front, fill in _FILLS]
    table += [Pair("field", back, SHAPE) for back in everywhere]
    table += [Pair("brand-edge", back, SHAPE) for back in (*SURFACES, "tint")]
    table += [Pair(chart, back, SHAPE) for chart in CHARTS for back in (*SURFACES, "tint")]
    table += [Pair(rest, back, SHAPE) for rest in RESTS for back in ("card", "page")]
    table += [Pair("border", back, LINE) for back in SURFACES]
    return tuple(table)


_FILLS = (("on-brand", "brand"), ("on-brand", "brand-hover"), ("on-accent", "accent"))

PAIRS = _pairs()
"""Checked in each of the four modes."""


def needed(pair: Pair, *, strong: bool, exact_fill: bool) -> float:
    """The contrast a pair must reach. An exact fill keeps the usual level even where the policy asks for more."""
    return pair.level.strong if strong and not (pair.fixed and exact_fill) else pair.level.usual


def failures(mode: str, roles: Mapping[str, str], *, strong: bool, exact_fill: bool) -> list[Failure]:
    """Every pair of one mode that misses its contrast; empty for whatever palette.py made."""
    lights = {role: luminance(colour) + 0.05 for role, colour in roles.items()}
    missed = []
    for pair in PAIRS:
        front, back = lights[pair.front], lights[pair.back]
        ratio = front / back if front > back else back / front
        need = needed(pair, strong=strong, exact_fill=exact_fill)
        if ratio < need:
            missed.append(Failure(mode, pair, ratio, need))
    return missed
