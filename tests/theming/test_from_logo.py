"""A logo alone proposes a brand: its leading colour exactly, a second one, the name; and a logo is measured as it is drawn."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from lkportal.cli.theme import theme
from lkportal.theming import BrandError, build_theme, load_book
from lkportal.theming.making.from_logo import propose
from lkportal.theming.marks.logos import Picture
from lkportal.theming.marks.raster import seen_share
from tests.theming.conftest import FOUR_LINES, WriteBrand, put

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} 40">{title}{body}</svg>'
WIDE = SVG.format(
    w=160,
    title="<title>Северный ветер</title>",
    body='<rect width="160" height="40" fill="#fff"/><circle cx="20" cy="20" r="18" fill="#E30611"/>'
    '<path d="M50 8h90v24h-90z" fill="#1F2229"/><path d="M60 12l30 16h-30z" fill="#FFB000"/>',
)


def png(*shapes: tuple[tuple[int, int, int, int], str], size: tuple[int, int] = (120, 120)) -> bytes:
    """A PNG with ellipses, whose edges are blended by drawing large and making small."""
    image = Image.new("RGBA", (size[0] * 4, size[1] * 4), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for (left, top, right, bottom), colour in shapes:
        draw.ellipse((left * 4, top * 4, right * 4, bottom * 4), fill=colour)
    body = BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(body, "PNG")
    return body.getvalue()


def test_an_svg_gives_its_colours_exactly_and_its_title(tmp_path: Path) -> None:
    """Paper and ink are no company's colour, however much of the picture they take."""
    put(tmp_path, {"logo.svg": WIDE})
    found = propose(tmp_path / "logo.svg")
    assert (found.name, found.primary, found.accent, found.square) == ("Северный ветер", "#E30611", "#FFB000", False)
    assert {ink.colour for ink in found.inks} == {"#FFFFFF", "#1F2229", "#E30611", "#FFB000"}
    assert sum(ink.share for ink in found.inks) == pytest.approx(1, abs=0.02)


def test_a_png_with_blended_edges_keeps_the_exact_colour_and_names_itself_by_its_file(tmp_path: Path) -> None:
    put(tmp_path, {"north-wind-logo-rgb.png": png(((5, 5, 115, 115), "#0079C2"), ((40, 40, 80, 80), "#FFFFFF"))})
    found = propose(tmp_path / "north-wind-logo-rgb.png")
    assert (found.name, found.primary, found.accent, found.square) == ("North wind", "#0079C2", "", True)


def test_a_black_logo_gives_a_neutral_brand(tmp_path: Path) -> None:
    put(tmp_path, {"sign.svg": SVG.format(w=40, title="", body='<path d="M0 0h40v40z" fill="#111"/>')})
    found = propose(tmp_path / "sign.svg")
    assert (found.primary, found.neutral) == ("#111111", True)
    assert 'surface = "neutral"' in found.text()


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_what_is_proposed_is_a_brand_that_builds(name: str, tmp_path: Path) -> None:
    """From a file to a folder that `theme check` likes, in one command; a brand that is there is not overwritten."""
    put(tmp_path, {name: WIDE if name.endswith("svg") else png(((5, 5, 115, 115), "#7700FF"))})
    done = CliRunner().invoke(theme, ["from-logo", str(tmp_path / name), "--out", str(tmp_path / "brand")])
    assert done.exit_code == 0, done.output
    assert "0 below their contrast" in done.output
    made = build_theme(load_book(tmp_path / "brand"))
    assert made.book.sections.color.primary == propose(tmp_path / name).primary
    assert made.logos.light is not None or made.book.logos["mark"].is_file()
    again = CliRunner().invoke(theme, ["from-logo", str(tmp_path / name), "--out", str(tmp_path / "brand")])
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_without_a_folder_the_proposal_is_printed_as_toml(tmp_path: Path) -> None:
    put(tmp_path, {"logo.svg": WIDE})
    done = CliRunner().invoke(theme, ["from-logo", str(tmp_path / "logo.svg")])
    put(tmp_path / "copied", {"brand.toml": done.output, "assets/logo.svg": WIDE})
    assert load_book(tmp_path / "copied").name == "Северный ветер"


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("logo.gif", b"GIF89a", "save it as .svg"), ("logo.svg", SVG.format(w=40, title="", body=""), "draws nothing"),
        ("logo.svg", "<svg", "not well-formed"), ("logo.png", b"no picture", "does not hold a PNG"),
        ("logo.png", b"\x89PNG\r\n\x1a\nbroken", "does not hold a PNG"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_logo_is_refused(name: str, body: str | bytes, said: str, tmp_path: Path) -> None:
    put(tmp_path, {name: body})
    with pytest.raises(BrandError) as refused:
        propose(tmp_path / name)
    assert said in refused.value.problems[0]


def test_a_logo_is_measured_as_it_is_drawn(tmp_path: Path) -> None:
    """Colours by class, by name or in a bitmap count by the area they take; a plate of its own makes a dark logo seen."""
    ink = "<style>.a{fill:black}</style><path class='a' d='M0 0h40v40h-40z'/>"
    alone = Picture(SVG.format(w=40, title="", body=ink).encode(), ".svg")
    assert seen_share(alone, "#FFFFFF") == 1
    assert seen_share(alone, "#12161C") == 0
    plated = Picture(
        SVG.format(w=80, title="", body="<rect width='80' height='40' fill='white'/>" + ink).encode(), ".svg"
    )
    assert seen_share(plated, "#12161C") == pytest.approx(0.5, abs=0.02)
    assert seen_share(Picture(png(((5, 5, 115, 115), "#111111")), ".png"), "#12161C") < 0.05


def test_a_dark_bitmap_is_reported_on_dark_pages_and_a_light_twin_ends_it(brand: WriteBrand) -> None:
    dark, light = png(((5, 5, 115, 115), "#111111")), png(((5, 5, 115, 115), "#F2F2F2"))
    files: dict[str, str | bytes] = {"a.png": dark, "b.png": light}
    told = CliRunner().invoke(theme, ["check", str(brand(FOUR_LINES + '[logo]\nlight = "a.png"\n', files=files))])
    assert "of the logo is hard to see on a dark page" in told.output
    told = CliRunner().invoke(
        theme, ["check", str(brand(FOUR_LINES + '[logo]\nlight = "a.png"\ndark = "b.png"\n', files=files))]
    )
    assert "hard to see" not in told.output
