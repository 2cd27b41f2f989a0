"""Colours of chart series: six that stay apart for people with normal sight and with each of three colour blindnesses.

The first comes from the brand, the second is warm (hot beside cold water), the rest are picked from a fixed
pool, greedily and then by exchange, so that the nearest two are as far apart as possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import dist
from typing import TypeAlias

from lkportal.theming.colour.oklch import LINEAR, Lab, lab_of_linear, rgb, shade

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
    return min(map(dist, one, other))


def nearest(colours: Sequence[str]) -> float:
    """How far apart the two most alike of some colours are, over all kinds of sight."""
    seen = [sights(colour) for colour in colours]
    return min(apart(one, other) for place, one in enumerate(seen) for other in seen[:place])


@dataclass(frozen=True, slots=True)
class _Pool:
    """Candidates of a mode, what they look like, which are warm, and how far apart each two are."""

    tones: tuple[str, ...]
    seen: tuple[Sights, ...]
    warm: frozenset[int]
    gaps: tuple[tuple[float, ...], ...]


_LEVELS = {False: (0.28, 0.38, 0.48, 0.57), True: (0.64, 0.74, 0.84, 0.93)}
_CHROMAS = (0.06, 0.14)
_WARM = range(20, 81)


@cache
def _pool(dark: bool) -> _Pool:
    """A table of constants, computed once at first use. Nearly all reach 3:1 on every surface as they are."""
    grid = [(level, chroma, hue) for level in _LEVELS[dark] for chroma in _CHROMAS for hue in range(0, 360, 20)]
    tones = tuple(shade(*place) for place in grid)
    seen = tuple(sights(tone) for tone in tones)
    warm = frozenset(place for place, (_, _, hue) in enumerate(grid) if hue in _WARM)
    return _Pool(tones, seen, warm, tuple(tuple(apart(one, other) for other in seen) for one in seen))


def series(first: str, *, dark: bool) -> tuple[str, ...]:
    """Six colours, `first` the first of them, unrepaired."""
    pool = _pool(dark)
    start = sights(first)
    own = tuple(apart(start, seen) for seen in pool.seen)
    best: list[int] = []
    width = 0.0
    for second in sorted(pool.warm, key=own.__getitem__, reverse=True)[:4]:
        chosen = _spread(pool, own, second)
        gap = min([own[place] for place in chosen] + _gaps(pool, chosen))
        if gap > width:
            best, width = chosen, gap
        if width >= _GOAL:
            break
    return (first, *(pool.tones[place] for place in best))


_GOAL = 0.095
"""A little above the 0.09 that is promised: a series may move a hair when it is repaired."""


def _spread(pool: _Pool, own: Sequence[float], second: int) -> list[int]:
    """Five places: the warm one given, then each the furthest from those before, then each once more beside all others."""
    chosen = [second]
    near = list(map(min, own, pool.gaps[second]))
    while len(chosen) < 5:
        chosen.append(near.index(max(near)))
        near = list(map(min, near, pool.gaps[chosen[-1]]))
    for slot in (1, 2, 3, 4):
        near = list(own)
        for place in (place for number, place in enumerate(chosen) if number != slot):
            near = list(map(min, near, pool.gaps[place]))
        chosen[slot] = near.index(max(near))
    return chosen


def _gaps(pool: _Pool, chosen: Sequence[int]) -> list[float]:
    return [pool.gaps[one][other] for number, one in enumerate(chosen) for other in chosen[:number]]
