"""The laws of colour: the arithmetic is right, the fill never moves, every pair is readable, charts stay apart."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from coloraide import Color
from hypothesis import example, given
from hypothesis import strategies as st

from lkportal.theming.colour.oklch import contrast, distance, lab, lch, luminance, mix, shade
from lkportal.theming.colour.pairs import CHARTS, PAIRS, ROLES, failures
from lkportal.theming.colour.palette import MODES, Palette, Seed, palette
from lkportal.theming.colour.repair import ink_on, readable_fill, repair
from lkportal.theming.colour.series import nearest
from tests.theming.conftest import BRANDS

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


def grid(levels: int) -> list[str]:
    """The colours of an RGB grid with so many levels a channel, both ends among them."""
    steps = [round(level * 255 / (levels - 1)) for level in range(levels)]
    return [f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in product(steps, repeat=3)]


def misses(made: Palette, *, strict: bool = False) -> list[str]:
    """Every pair of every mode that is not readable, in words."""
    found = []
    for mode in MODES:
        more = mode.endswith("more")
        found += failures(mode, made.modes[mode], strong=more or strict, exact_fill=not more)
    return [str(failure) for failure in found]


@given(colours, colours)
def test_the_arithmetic_agrees_with_another_library(one: str, other: str) -> None:
    """Hex to OKLab, contrast and deltaE OK are those of coloraide, an independent implementation."""
    assert lab(one) == pytest.approx(Color(one).convert("oklab").coords(), abs=2e-4)
    assert contrast(one, other) == pytest.approx(Color(one).contrast(Color(other), method="wcag21"), abs=2e-3)
    assert distance(one, other) == pytest.approx(Color(one).delta_e(Color(other), method="ok"), abs=4e-4)


@given(colours)
def test_a_colour_comes_back_from_oklch(colour: str) -> None:
    """There and back again costs at most one 8-bit step."""
    back = shade(*lch(colour))
    assert all(abs(a - b) <= 1 for a, b in zip(bytes.fromhex(colour[1:]), bytes.fromhex(back[1:]), strict=True))


@given(st.floats(0.2, 0.95), st.floats(0, 0.4), st.floats(0, 360))
def test_what_srgb_cannot_show_loses_chroma_but_not_its_hue(lightness: float, chroma: float, hue: float) -> None:
    """A colour fitted into sRGB keeps its lightness, and its hue as long as it is a colour at all."""
    shown_lightness, shown_chroma, shown_hue = lch(shade(lightness, chroma, hue))
    assert shown_lightness == pytest.approx(lightness, abs=0.02)
    assert shown_chroma <= chroma + 0.01
    turned = abs((shown_hue - hue + 180) % 360 - 180)
    assert turned * shown_chroma < 0.9, "a hue turned by more than rounding explains"


@given(colours, st.sampled_from([3.0, 4.5, 7.0]), st.booleans())
def test_a_repaired_colour_reads_on_the_worst_surface_and_moves_no_further(
    colour: str, need: float, dark: bool
) -> None:
    """Repair reaches the contrast; a colour that had it is left alone; one tone short of the answer would not do."""
    surfaces = ("#15181D", "#1E2430") if dark else ("#FFFFFF", "#E6EAF0")
    mended = repair(colour, surfaces, need, dark=dark)
    assert min(contrast(mended, surface) for surface in surfaces) >= need
    if min(contrast(colour, surface) for surface in surfaces) >= need and (luminance(colour) > 0.2) is dark:
        assert mended == colour
    if mended != colour:
        lightness, chroma, hue = lch(mended)
        short = shade(lightness + (-0.012 if dark else 0.012), chroma, hue)
        assert min(contrast(short, surface) for surface in surfaces) < need


@given(colours)
def test_some_ink_reads_on_every_fill(fill: str) -> None:
    """White, tinted ink or black: at least 4.5:1 on any fill; a fill that may move reaches 7:1 as well."""
    assert contrast(ink_on(fill, "#20242C"), fill) >= 4.5
    moved = readable_fill(fill, 7.0)
    assert max(contrast("#FFFFFF", moved), contrast("#000000", moved)) >= 7.0


@given(colours, colours, st.booleans(), st.booleans())
@example("#000000", "#FFFFFF", True, False)
@example("#FFFFFF", "#000000", True, False)
@example("#FFFF00", "#0000FF", False, True)
def test_any_brand_is_readable_and_keeps_its_exact_fill(primary: str, accent: str, tinted: bool, strict: bool) -> None:
    """The main law: whatever the company's colours, no pair fails in any mode, and the fills are the company's own."""
    made = palette(Seed(primary, accent, tinted=tinted, strict=strict))
    assert misses(made, strict=strict) == []
    for mode in ("light", "dark"):
        assert (made.modes[mode]["brand"], made.modes[mode]["accent"]) == (primary, accent)
    lines = mix(made.modes["light"]["brand"], made.modes["light"]["on-brand"], made.rosette)
    assert made.rosette == 0 or contrast(made.modes["light"]["on-brand"], lines) >= 4.5


@pytest.mark.parametrize("primary", BRANDS.values(), ids=BRANDS)
def test_twelve_brands_have_no_failing_pair(primary: str) -> None:
    """The twelve known hard cases, and their series and past bars can be told apart."""
    made = palette(Seed(primary))
    assert misses(made) == []
    for mode in ("light", "dark"):
        roles = made.modes[mode]
        assert nearest([roles[chart] for chart in CHARTS]) >= 0.09
        assert distance(roles["chart-1"], roles["chart-1-rest"]) >= 0.08
        assert distance(roles["brand"], roles["brand-hover"]) >= 0.03


def wrong(primary: str, accent: str = "", *, tinted: bool = True, strict: bool = False) -> list[str]:
    """What breaks the law of a brand, in words: pairs under AA (AAA where contrast is asked for), or a fill that moved."""
    made = palette(Seed(primary, accent, tinted=tinted, strict=strict))
    found = misses(made, strict=strict)
    for mode in ("light", "dark"):
        if (made.modes[mode]["brand"], made.modes[mode]["accent"]) != (primary, accent or primary):
            found.append(f"{mode}: the fill moved")
    return found


@pytest.mark.parametrize("quarter", range(4))
def test_a_grid_of_4096_colours_breaks_no_law(quarter: int) -> None:
    """16 x 16 x 16 colours of the whole cube: 0 pairs under AA in light and dark with the fill unchanged, 0 under AAA on request."""
    colours = grid(16)
    assert len(colours) == 4096
    assert {colour: said for colour in colours[quarter::4] if (said := wrong(colour))} == {}


@pytest.mark.parametrize("seed", range(3))
def test_3000_random_brands_of_two_colours_break_no_law(seed: int) -> None:
    """Any two colours, neutral or tinted, either policy."""
    dice = Random(seed)
    for _ in range(1000):
        primary, accent = (f"#{dice.randrange(1 << 24):06X}" for _ in range(2))
        tinted, strict = dice.random() < 0.7, dice.random() < 0.3
        assert wrong(primary, accent, tinted=tinted, strict=strict) == [], (primary, accent, tinted, strict)


@pytest.mark.proof
@pytest.mark.parametrize("eighth", range(8))
def test_a_grid_of_262144_colours_breaks_no_law(eighth: int) -> None:
    """64 x 64 x 64 colours: 148 million pairs."""
    colours = grid(64)
    assert len(colours) == 262_144
    assert {colour: said for colour in colours[eighth::8] if (said := wrong(colour))} == {}


@pytest.mark.proof
def test_charts_of_a_grid_of_colours_stay_apart_under_both_policies() -> None:
    """4,096 colours: no failing pair under AAA, and the two most alike series stay 0.089 apart for all kinds of sight."""
    for colour in grid(16):
        made = palette(Seed(colour))
        assert misses(palette(Seed(colour, strict=True)), strict=True) == [], colour
        for mode in ("light", "dark"):
            assert nearest([made.modes[mode][chart] for chart in CHARTS]) >= 0.089, (colour, mode)


@given(colours)
def test_a_fill_that_gives_way_to_strong_contrast_keeps_its_hue(primary: str) -> None:
    """Where neither white nor black reaches 7:1 the asked-for mode shows a tone of the hue, and only that mode."""
    made = palette(Seed(primary))
    _, chroma, hue = lch(primary)
    for mode in ("light-more", "dark-more"):
        strong = made.modes[mode]["brand"]
        turned = abs((lch(strong)[2] - hue + 180) % 360 - 180)
        assert turned * min(chroma, lch(strong)[1]) < 0.9
        assert strong == primary or max(contrast("#FFFFFF", primary), contrast("#000000", primary)) < 7


def test_the_check_notices_a_palette_that_was_not_repaired() -> None:
    """The table is able to fail: the brand's bare hex as link, white on it, is what naive themes do."""
    roles = dict(palette(Seed("#FFCC00")).modes["light"])
    roles |= {"link": "#FFCC00", "on-brand": "#FFFFFF"}
    said = [str(missed) for missed in failures("light", roles, strong=False, exact_fill=True)]
    assert "light: link on page is 1.37:1, needs 4.5:1" in said
    assert "light: on-brand on brand is 1.51:1, needs 4.5:1" in said


def test_links_of_light_brands_are_text_and_others_keep_their_hue() -> None:
    """Yellow would turn olive: its links are text. Blue and red stay blue and red."""
    for primary in ("#FFE100", "#FFCC00", "#B4FF00"):
        light = palette(Seed(primary)).modes["light"]
        assert light["link"] == light["text"]
    for primary in ("#0079C2", "#E30611", "#00B956", "#7700FF"):
        light = palette(Seed(primary)).modes["light"]
        turned = abs((lch(light["link"])[2] - lch(primary)[2] + 180) % 360 - 180)
        assert turned < 4


def test_moves_tell_what_gave_way() -> None:
    """A report of a yellow brand names link, focus and edge on light, with distances, and never the fill."""
    moves = palette(Seed("#FFCC00")).moves
    assert {(move.mode, move.role) for move in moves} == {
        ("light", "brand-edge"),
        ("light", "link"),
        ("light", "focus"),
    }
    assert all(move.before == "#FFCC00" and move.distance > 0.1 for move in moves)


def test_strong_contrast_strengthens_and_only_there_the_fill_may_move() -> None:
    """Red carries no text at 7:1, so the asked-for mode shows a tone of its hue; light and dark do not."""
    made = palette(Seed("#E30611"))
    strong = made.modes["light-more"]
    assert strong["brand"] != "#E30611"
    assert contrast(strong["brand"], strong["on-brand"]) >= 7
    assert abs(lch(strong["brand"])[2] - lch("#E30611")[2]) < 5
    assert contrast(strong["text"], strong["page"]) > contrast(made.modes["light"]["text"], made.modes["light"]["page"])


def test_neutral_surfaces_are_grey_and_tinted_ones_carry_a_trace() -> None:
    """`surface` decides whether neutrals lean towards the brand."""
    assert lch(palette(Seed("#7700FF", tinted=False)).modes["light"]["page"])[1] < 0.002
    assert 0.004 < lch(palette(Seed("#7700FF", tinted=True)).modes["light"]["page"])[1] < 0.009


def test_every_role_is_in_the_table_and_every_role_is_checked() -> None:
    """A role nobody checks would be a hole; page surfaces are the backs."""
    made = palette(Seed("#0B3F86"))
    assert all(tuple(made.modes[mode]) == ROLES for mode in MODES)
    checked = {pair.front for pair in PAIRS} | {pair.back for pair in PAIRS}
    assert set(ROLES) - checked == set()
