"""Moving a colour's lightness, hue kept, until it can be read on the worst of its surfaces; and choosing ink for a fill.

Everything is measured on the 8-bit colour that ships, so a passing role is passing in the browser too.
"""

from collections.abc import Sequence

from lkportal.theming.oklch import contrast, distance, lch, luminance, shade

_STEPS = 11
"""Halvings of the lightness range: 1/2048, finer than one 8-bit step."""


def repair(colour: str, surfaces: Sequence[str], need: float, *, dark: bool) -> str:
    """`colour` itself if it reaches `need` on every surface, else the nearest tone of its hue that does.

    On light surfaces it darkens, in a dark mode it lightens. The surfaces must leave room for `need`; those of
    palette.py do (a test sweeps them).
    """
    lights = [luminance(surface) for surface in surfaces]
    if dark:
        target = (max(lights) + 0.05) * need - 0.05
        return colour if luminance(colour) >= target else _lighter(colour, target)
    target = (min(lights) + 0.05) / need - 0.05
    return colour if luminance(colour) <= target else _darker(colour, target)


def _lighter(colour: str, target: float) -> str:
    lightness, chroma, hue = lch(colour)
    low, high, best = lightness, 1.0, "#FFFFFF"
    for _ in range(_STEPS):
        middle = (low + high) / 2
        tone = shade(middle, chroma, hue)
        if luminance(tone) >= target:
            high, best = middle, tone
        else:
            low = middle
    return best


def _darker(colour: str, target: float) -> str:
    lightness, chroma, hue = lch(colour)
    low, high, best = 0.0, lightness, "#000000"
    for _ in range(_STEPS):
        middle = (low + high) / 2
        tone = shade(middle, chroma, hue)
        if luminance(tone) <= target:
            low, best = middle, tone
        else:
            high = middle
    return best


def ink_on(fill: str, ink: str, need: float = 4.5) -> str:
    """Text for a fill that may not move: white if it reads, else the tinted `ink`, else the better of black and white.

    White or black always reaches 4.58:1, whatever the fill.
    """
    for choice in ("#FFFFFF", ink):
        if contrast(choice, fill) >= need:
            return choice
    return max(("#FFFFFF", "#000000"), key=lambda choice: contrast(choice, fill))


def readable_fill(fill: str, need: float) -> str:
    """The nearest tone of a fill that carries white or black text at `need`; the fill itself when it already does."""
    if max(contrast("#FFFFFF", fill), contrast("#000000", fill)) >= need:
        return fill
    tones = (repair(fill, ("#FFFFFF",), need, dark=False), repair(fill, ("#000000",), need, dark=True))
    return min(tones, key=lambda tone: distance(tone, fill))
