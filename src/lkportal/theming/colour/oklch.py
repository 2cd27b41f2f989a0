"""Colour arithmetic on plain floats: sRGB hex, OKLab, OKLCH, WCAG 2.2 luminance and contrast, deltaE OK.

Lives here: numbers only. Which colour a role gets is decided in palette.py; moving a colour until it is readable, in repair.py.
"""

from math import atan2, cbrt, cos, degrees, hypot, radians, sin, sqrt
from typing import TypeAlias

Lab: TypeAlias = tuple[float, float, float]
Rgb: TypeAlias = tuple[int, int, int]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


LINEAR = tuple(_linear(step / 255) for step in range(256))
"""Linear light of every 8-bit channel value: what ships is 8 bit, so this is all that is ever measured."""

_RED = tuple(0.2126 * light for light in LINEAR)
_GREEN = tuple(0.7152 * light for light in LINEAR)
_BLUE = tuple(0.0722 * light for light in LINEAR)


def rgb(hex_colour: str) -> Rgb:
    """`#RRGGBB` as three numbers 0..255."""
    return int(hex_colour[1:3], 16), int(hex_colour[3:5], 16), int(hex_colour[5:7], 16)


def hex_of(colour: Rgb) -> str:
    """Three numbers 0..255 as `#RRGGBB`, capitals."""
    return f"#{colour[0] << 16 | colour[1] << 8 | colour[2]:06X}"


def luminance(hex_colour: str) -> float:
    """Relative luminance 0..1 (WCAG 2.2)."""
    number = int(hex_colour[1:], 16)
    return _RED[number >> 16] + _GREEN[number >> 8 & 255] + _BLUE[number & 255]


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1..21 of two colours (WCAG 2.2, success criterion 1.4.3)."""
    first, second = luminance(one), luminance(other)
    return (first + 0.05) / (second + 0.05) if first > second else (second + 0.05) / (first + 0.05)


def lab_of_linear(red: float, green: float, blue: float) -> Lab:
    """OKLab of linear sRGB light (B. Ottosson, "A perceptual color space for image processing", 2020)."""
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def lab(hex_colour: str) -> Lab:
    """OKLab of an sRGB hex colour."""
    red, green, blue = rgb(hex_colour)
    return lab_of_linear(LINEAR[red], LINEAR[green], LINEAR[blue])


def lch(hex_colour: str) -> Lab:
    """OKLCH: lightness 0..1, chroma 0..0.33, hue in degrees; the hue of a grey is 0."""
    lightness, a, b = lab(hex_colour)
    chroma = hypot(a, b)
    return lightness, chroma, degrees(atan2(b, a)) % 360 if chroma > 1e-4 else 0.0


def distance(one: str, other: str) -> float:
    """deltaE OK: the straight distance in OKLab. 0.02 is a just visible step, 0.1 plainly another colour."""
    return lab_distance(lab(one), lab(other))


def lab_distance(one: Lab, other: Lab) -> float:
    """deltaE OK of two OKLab triples."""
    return sqrt((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2)


def linear_of(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """Linear sRGB light of an OKLab colour; outside 0..1 when sRGB cannot show it."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


_SLACK = 0.0005
"""How far outside sRGB still counts as inside: less than one 8-bit step."""


def _encode(light: float) -> int:
    """Linear light as an 8-bit sRGB channel, clipped and rounded."""
    if light <= 0.0031308:
        return round(3294.6 * light) if light > 0.0 else 0
    return round(269.025 * light ** (1 / 2.4) - 14.025) if light < 1.0 else 255


def shade(lightness: float, chroma: float, hue: float) -> str:
    """The sRGB hex of an OKLCH colour. Where sRGB cannot show it the chroma gives way; lightness and hue stay."""
    if lightness <= 0.0:
        return "#000000"
    if lightness >= 1.0:
        return "#FFFFFF"
    angle = radians(hue)
    a, b = cos(angle), sin(angle)
    red, green, blue = linear_of(lightness, a * chroma, b * chroma)
    low, high = -_SLACK, 1 + _SLACK
    if not (low <= red <= high and low <= green <= high and low <= blue <= high):
        red, green, blue = _nearest_inside(lightness, chroma, a, b)
    return f"#{_encode(red) << 16 | _encode(green) << 8 | _encode(blue):06X}"


def _nearest_inside(lightness: float, chroma: float, a: float, b: float) -> tuple[float, float, float]:
    least, most = 0.0, chroma
    low, high = -_SLACK, 1 + _SLACK
    best = linear_of(lightness, 0.0, 0.0)
    for _ in range(7):
        middle = (least + most) / 2
        light = linear_of(lightness, a * middle, b * middle)
        if low <= light[0] <= high and low <= light[1] <= high and low <= light[2] <= high:
            least, best = middle, light
        else:
            most = middle
    return best


def mix(one: str, other: str, part: float) -> str:
    """`one` with `part` (0..1) of `other` laid over it, as a browser blends opacity: in sRGB channels."""
    first, second = rgb(one), rgb(other)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return hex_of((red, green, blue))
