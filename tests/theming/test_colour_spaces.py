"""Colours of other spaces and notations arrive as the sRGB hex that an independent library gives."""

from __future__ import annotations

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from lkportal.theming.colour.oklch import lch, rgb
from lkportal.theming.colour.spaces import SPACES, Colour, colour_in, css_colour


@pytest.mark.parametrize("space", SPACES)
@given(number=st.integers(0, 0xFFFFFF))
def test_a_space_agrees_with_another_library(space: str, number: int) -> None:
    """All fourteen of DTCG: a colour that coloraide writes in a space is read back to the last bit but one."""
    expected = f"#{number:06X}"
    written = Color(expected).convert(space).coords(nans=False)
    scaled = [written[0], written[1] * 100, written[2] * 100] if space in ("hsl", "hwb") else written
    made = colour_in(space, scaled)
    assert not made.outside
    assert all(abs(a - b) <= 1 for a, b in zip(rgb(made.hex), rgb(expected), strict=True))


def test_what_srgb_cannot_show_is_brought_in_with_its_hue_or_by_the_designers_own_hex() -> None:
    """The red of a wide display: the hex beside it is the designer's answer; without one, chroma gives way."""
    assert colour_in("display-p3", [1, 0, 0], fallback="#e00000") == Colour("#E00000", 1.0, outside=True)
    alone = colour_in("display-p3", [0, 1, 0])
    assert alone.outside
    assert abs(lch(alone.hex)[2] - Color("display-p3", [0, 1, 0]).convert("oklch")["hue"]) < 3


def test_a_hex_beside_rounded_components_is_the_exact_colour() -> None:
    """0.475 of 255 is 121.1 and 0.761 is 194.06: written by hand for #0079C2. A hex that is another colour is not heard."""
    assert colour_in("srgb", [0, 0.475, 0.761], fallback="#0079c2").hex == "#0079C2"
    assert colour_in("hsl", [213.3, 12.7, 13.9], fallback="#1f2328").hex == "#1F2328"
    assert colour_in("srgb", [0, 0.475, 0.761], fallback="#ff0000").hex == "#0079C2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#07c", Colour("#0077CC")), ("#0079C280", Colour("#0079C2", 128 / 255)), ("rgb(0, 121, 194)", Colour("#0079C2")),
        ("rgba(0 121 194 / 40%)", Colour("#0079C2", 0.4)), ("hsl(0 100% 40%)", Colour("#CC0000")),
        ("hsla(0, 0%, 0%, 0.65)", Colour("#000000", 0.65)), ("color(srgb 1 0 0)", Colour("#FF0000")),
        ("hwb(0 100% 0%)", Colour("#FFFFFF")), ("transparent", Colour("#000000", 0.0)), ("lab(100% 0 0)", Colour("#FFFFFF")),
    ],
)  # fmt: skip
def test_css_notations_are_read(text: str, expected: Colour) -> None:
    """The forms that published token files have."""
    assert css_colour(text) == expected


@pytest.mark.parametrize(
    "text", ["inherit", "none", "red", "#12", "rgb(1,2)", "url(x)", "color(cmyk 1 0 0)", "rgb(a b c)", ""]
)
def test_anything_else_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        css_colour(text)
