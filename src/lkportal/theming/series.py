"""Colours of chart series: six that stay apart for people with normal sight and with each of three colour blindnesses.

The first comes from the brand, the second is warm where it can be (hot beside cold water), the rest are picked greedily
from a fixed pool so that the nearest two are as far apart as possible.
"""

from collections.abc import Sequence
from functools import cache
from math import inf
from typing import TypeAlias

from lkportal.theming.oklch import LINEAR, Lab, lab_of_linear, rgb, shade

Sights: TypeAlias = tuple[Lab, Lab, Lab, Lab]

_BLINDNESS = (
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
)
"""Full protanopia, deuteranopia, tritanopia over linear sRGB (G. Machado, M. Oliveira, L. Fernandes, 2009)."""


def sights(colour: str) -> Sights:
    """The colour in OKLab as seen with normal sight, protanopia, deuteranopia and tritanopia."""
    red, green, blue = (LINEAR[channel] for channel in rgb(colour))
    blind = [lab_of_linear(*(max(0.0, a * red + b * green + c * blue) for a, b, c in matrix)) for matrix in _BLINDNESS]
    return lab_of_linear(red, green, blue), blind[0], blind[1], blind[2]


def apart(one: Sights, other: Sights) -> float:
    """The smallest deltaE OK of two colours over the four kinds of sight."""
    least = inf
    for (l1, a1, b1), (l2, a2, b2) in zip(one, other, strict=True):
        square = (l1 - l2) * (l1 - l2) + (a1 - a2) * (a1 - a2) + (b1 - b2) * (b1 - b2)
        if square < least:
            least = square
    return float(least**0.5)


def nearest(colours: Sequence[str]) -> float:
    """How far apart the two most alike of some colours are, over all kinds of sight."""
    seen = [sights(colour) for colour in colours]
    return min(apart(one, other) for place, one in enumerate(seen) for other in seen[:place])


@cache
def _pool(dark: bool) -> tuple[tuple[str, bool, Sights], ...]:
    """Candidates with their warmth; a constant table, computed at first use. All reach 3:1 on every surface."""
    levels = (0.64, 0.73, 0.83, 0.92) if dark else (0.30, 0.40, 0.50, 0.57)
    tones = []
    for level in levels:
        for hue in range(0, 360, 20):
            colour = shade(level, 0.13, hue)
            tones.append((colour, 30 <= hue <= 70, sights(colour)))
    return tuple(tones)


def series(first: str, *, dark: bool) -> tuple[str, ...]:
    """Six colours, `first` being one of them, unrepaired."""
    pool = _pool(dark)
    start = sights(first)
    gaps = [apart(start, seen) for _, _, seen in pool]
    chosen = [first]
    while len(chosen) < 6:
        place = _pick(pool, gaps, warm=len(chosen) == 1)
        colour, _, seen = pool[place]
        chosen.append(colour)
        gaps = [
            min(gap, apart(seen, other)) if gap > 0.0 else gap for gap, (_, _, other) in zip(gaps, pool, strict=True)
        ]
    return tuple(chosen)


def _pick(pool: Sequence[tuple[str, bool, Sights]], gaps: Sequence[float], *, warm: bool) -> int:
    if warm:
        place = max((n for n, tone in enumerate(pool) if tone[1]), key=gaps.__getitem__)
        if gaps[place] >= 0.15:
            return place
    return max(range(len(pool)), key=gaps.__getitem__)
