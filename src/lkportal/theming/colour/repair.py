"""Moving a colour's lightness, hue kept, until it can be read on the worst of its surfaces; and choosing ink for a fill.

Everything is measured on the 8-bit colour that ships, so a passing role is passing in the browser too.
"""

from collections.abc import Sequence

from lkportal.theming.colour.oklch import contrast, distance, lch, luminance, shade

_STEP = 0.0012
"""The last steps of lightness: finer than one 8-bit step."""


def repair(colour: str, surfaces: Sequence[str], need: float, *, dark: bool) -> str:
    """`colour` itself if it reaches `need` on every surface, else the nearest tone of its hue that does.

    On light surfaces it darkens, in a dark mode it lightens. The surfaces must leave room for `need`; those of
    palette.py do (a test sweeps them).
    """
    lights = [luminance(surface) for surface in surfaces]
    return reach(colour, max(lights) if dark else min(lights), need, dark=dark)


def reach(colour: str, surface: float, need: float, *, dark: bool) -> str:
    """`repair` against one surface given by its luminance: the worst of all the colour stands on."""
    if dark:
        target = (surface + 0.05) * need - 0.05
        return colour if luminance(colour) >= target else _tone(colour, target, 1)
    target = (surface + 0.05) / need - 0.05
    return colour if luminance(colour) <= target else _tone(colour, target, -1)


def _tone(colour: str, target: float, way: int) -> str:
    """The tone of a hue whose luminance is just past `target`, upwards (`way` 1) or downwards (-1).

    The luminance of a grey is the cube of its lightness, and nearly so within a hue: a correction by the cube root comes
    within a hair, short steps then make sure, on the rounded colour.
    """
    lightness, chroma, hue = lch(colour)
    light = luminance(colour)
    lightness = lightness * (target / light) ** (1 / 3) if light > 1e-3 else target ** (1 / 3)
    lightness *= (target / max(luminance(shade(lightness, chroma, hue)), 1e-4)) ** (1 / 3)
    while 0.0 < lightness < 1.0:
        tone = shade(lightness, chroma, hue)
        if (luminance(tone) - target) * way >= 0.0:
            return tone
        lightness += way * _STEP
    return "#FFFFFF" if way > 0 else "#000000"


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
