"""Colours as designers write them, in the fourteen spaces of DTCG 2025.10 and in CSS notation, brought to the sRGB hex that ships.

Numbers of OKLab and contrast live in oklch.py. Matrices are those of CSS Color 4 (W3C), white D65 unless said.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin
from typing import TypeAlias

from lkportal.theming.colour.oklch import hex_of, lab_of_linear, linear_of, rgb, shade

Triple: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[Triple, Triple, Triple]
_Reader: TypeAlias = Callable[[Triple], Triple]


@dataclass(frozen=True, slots=True)
class Colour:
    """An sRGB colour `#RRGGBB` with alpha 0..1. `outside` tells that sRGB cannot show what was written: it was brought in."""

    hex: str
    alpha: float = 1.0
    outside: bool = False


def colour_in(space: str, components: Sequence[float], alpha: float = 1.0, fallback: str = "") -> Colour:
    """The colour of `components` in a space of DTCG. Raises KeyError for an unknown space.

    `fallback` is the hex written beside them. It is taken where it means the same colour (components are often rounded) and
    where sRGB cannot show the colour; without one, such a colour loses chroma and keeps lightness and hue.
    """
    light = _SPACES[space]((components[0], components[1], components[2]))
    channels = tuple(_encoded(part) for part in light)
    if all(-_HALF <= channel <= 1 + _HALF for channel in channels):
        exact = tuple(min(max(round(channel * 255), 0), 255) for channel in channels)
        if fallback and all(abs(a - b) <= 1 for a, b in zip(exact, rgb(fallback), strict=True)):
            return Colour(fallback.upper(), alpha)
        return Colour(hex_of((exact[0], exact[1], exact[2])), alpha)
    if fallback:
        return Colour(fallback.upper(), alpha, outside=True)
    lightness, a, b = lab_of_linear(*light)
    return Colour(shade(lightness, hypot(a, b), degrees(atan2(b, a))), alpha, outside=True)


_HALF = 0.5 / 255


def _encoded(light: float) -> float:
    size = abs(light)
    value = 12.92 * size if size <= 0.0031308 else 1.055 * size ** (1 / 2.4) - 0.055
    return value if light >= 0 else -value


def _linear(channel: float) -> float:
    size = abs(channel)
    value = size / 12.92 if size <= 0.04045 else ((size + 0.055) / 1.055) ** 2.4
    return value if channel >= 0 else -value


def _times(matrix: Matrix, triple: Triple) -> Triple:
    x, y, z = triple
    first, second, third = (row[0] * x + row[1] * y + row[2] * z for row in matrix)
    return first, second, third


_FROM_XYZ: Matrix = (
    (3.2409699419045226, -1.537383177570094, -0.4986107602930034),
    (-0.9692436362808796, 1.8759675015077202, 0.04155505740717559),
    (0.05563007969699366, -0.20397695888897652, 1.0569715142428786),
)
_FROM_D50: Matrix = (
    (0.955473421488075, -0.02309845494876471, 0.06325924320057072),
    (-0.0283697093338637, 1.0099953980813041, 0.021041441191917323),
    (0.012314014864481998, -0.020507649298898964, 1.330365926242124),
)
_P3: Matrix = (
    (0.4865709486482162, 0.26566769316909306, 0.1982172852343625),
    (0.2289745640697488, 0.6917385218365064, 0.079286914093745),
    (0.0, 0.04511338185890264, 1.043944368900976),
)
_A98: Matrix = (
    (0.5766690429101305, 0.1855582379065463, 0.1882286462349947),
    (0.29734497525053605, 0.6273635662554661, 0.07529145849399788),
    (0.02703136138641234, 0.07068885253582723, 0.9913375368376388),
)
_PROPHOTO: Matrix = (
    (0.7977666449006423, 0.13518129740053308, 0.0313477341283922),
    (0.2880748288194013, 0.711835234241873, 0.00008993693872564),
    (0.0, 0.0, 0.8251046025104602),
)
_REC2020: Matrix = (
    (0.6369580483012914, 0.14461690358620832, 0.1688809751641721),
    (0.2627002120112671, 0.6779980715188708, 0.05930171646986196),
    (0.0, 0.028072693049087428, 1.060985057710791),
)
_D50 = (0.3457 / 0.3585, 1.0, (1 - 0.3457 - 0.3585) / 0.3585)


def _xyz(triple: Triple) -> Triple:
    return _times(_FROM_XYZ, triple)


def _xyz_d50(triple: Triple) -> Triple:
    return _xyz(_times(_FROM_D50, triple))


def _curved(matrix: Matrix, curve: Callable[[float], float], then: Callable[[Triple], Triple]) -> _Reader:
    def read(triple: Triple) -> Triple:
        red, green, blue = (curve(abs(part)) * (1 if part >= 0 else -1) for part in triple)
        return then(_times(matrix, (red, green, blue)))

    return read


def _srgb(triple: Triple) -> Triple:
    red, green, blue = (_linear(part) for part in triple)
    return red, green, blue


def _hsl(triple: Triple) -> Triple:
    """Hue in degrees, saturation and lightness 0..100 (CSS Color 4, section 7)."""
    hue, saturation, lightness = triple[0], triple[1] / 100, triple[2] / 100
    reach = saturation * min(lightness, 1 - lightness)

    def channel(offset: int) -> float:
        place = (offset + hue / 30) % 12
        return lightness - reach * max(-1.0, min(place - 3, 9 - place, 1.0))

    return _srgb((channel(0), channel(8), channel(4)))


def _hwb(triple: Triple) -> Triple:
    """Hue in degrees, whiteness and blackness 0..100 (CSS Color 4, section 8)."""
    hue, white, black = triple[0], triple[1] / 100, triple[2] / 100
    if white + black >= 1:
        grey = white / (white + black)
        return _srgb((grey, grey, grey))
    red, green, blue = (_encoded(part) * (1 - white - black) + white for part in _hsl((hue, 100.0, 50.0)))
    return _srgb((red, green, blue))


def _lab(triple: Triple) -> Triple:
    """CIE L*a*b*, white D50 (CSS Color 4, section 9.3)."""
    y = (triple[0] + 16) / 116
    parts = (triple[1] / 500 + y, y, y - triple[2] / 200)
    x, y, z = (
        white * (part**3 if part**3 > 216 / 24389 else (116 * part - 16) * 27 / 24389)
        for part, white in zip(parts, _D50, strict=True)
    )
    return _xyz_d50((x, y, z))


def _polar(then: _Reader) -> _Reader:
    def read(triple: Triple) -> Triple:
        angle = radians(triple[2])
        return then((triple[0], triple[1] * cos(angle), triple[1] * sin(angle)))

    return read


def _oklab(triple: Triple) -> Triple:
    return linear_of(*triple)


def _prophoto(channel: float) -> float:
    return channel / 16 if channel <= 16 / 512 else channel**1.8


_SPACES: Mapping[str, _Reader] = {
    "srgb": _srgb,
    "srgb-linear": lambda triple: triple,
    "hsl": _hsl,
    "hwb": _hwb,
    "lab": _lab,
    "lch": _polar(_lab),
    "oklab": _oklab,
    "oklch": _polar(_oklab),
    "display-p3": _curved(_P3, _linear, _xyz),
    "a98-rgb": _curved(_A98, lambda channel: channel ** (563 / 256), _xyz),
    "prophoto-rgb": _curved(_PROPHOTO, _prophoto, _xyz_d50),
    "rec2020": _curved(_REC2020, lambda channel: channel**2.4, _xyz),
    "xyz-d65": _xyz,
    "xyz-d50": _xyz_d50,
}

SPACES = tuple(_SPACES)
"""The names of DTCG 2025.10."""

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_CALL = re.compile(r"(rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(([^()]*)\)", re.IGNORECASE)
_PART = re.compile(r"(none|[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(%|deg|turn|rad|grad)?", re.IGNORECASE)
_WHOLE = {
    "rgb": (255.0, 255.0, 255.0), "hsl": (1.0, 100.0, 100.0), "hwb": (1.0, 100.0, 100.0), "lab": (100.0, 125.0, 125.0),
    "lch": (100.0, 150.0, 1.0), "oklab": (1.0, 0.4, 0.4), "oklch": (1.0, 0.4, 1.0), "color": (1.0, 1.0, 1.0),
}  # fmt: skip
"""What 100 % is, component by component."""
_TURN = {"deg": 1.0, "turn": 360.0, "rad": 180 / 3.141592653589793, "grad": 0.9}


def css_colour(text: str) -> Colour:
    """A colour in CSS notation: `#RGB[A]`, `#RRGGBB[AA]`, `rgb() hsl() hwb() lab() lch() oklab() oklch() color()`, `transparent`.

    Raises ValueError for anything else.
    """
    text = text.strip()
    if text.lower() == "transparent":
        return Colour("#000000", 0.0)
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) > 5 else "".join(digit * 2 for digit in text[1:])
        return Colour(f"#{digits[:6].upper()}", int(digits[6:] or "FF", 16) / 255)
    call = _CALL.fullmatch(text)
    if call is None:
        raise ValueError("not a colour")
    name, inside = call[1].lower(), call[2]
    space = {"rgb": "srgb"}.get(name, name)
    if name == "color":
        space, _, inside = inside.strip().partition(" ")
        space = {"xyz": "xyz-d65"}.get(space.lower(), space.lower())
    parts = re.split(r"[\s,/]+", inside.strip())
    if len(parts) not in (3, 4) or space not in _SPACES:
        raise ValueError("not a colour")
    values = [_component(part, whole) for part, whole in zip(parts[:3], _WHOLE[name], strict=True)]
    if name == "rgb":
        values = [value / 255 for value in values]
    return colour_in(space, values, min(max(_component(parts[3], 1.0), 0.0), 1.0) if len(parts) == 4 else 1.0)


def _component(text: str, whole: float) -> float:
    found = _PART.fullmatch(text)
    if found is None:
        raise ValueError("not a colour")
    number = 0.0 if found[1].lower() == "none" else float(found[1])
    unit = (found[2] or "").lower()
    return number * (whole / 100 if unit == "%" else _TURN.get(unit, 1.0))
