"""Icons drawn from a brand's mark: right sizes, no holes where a phone cuts, colours of the brand, and not a millisecond at the start."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from PIL import Image

from lkportal.theming import AssetIndex, Theme, build_theme, load_book, plain_book
from lkportal.theming.files.app_icons import Later, app_icons, icon_name
from lkportal.theming.marks.monogram import monogram
from tests.theming.conftest import FOUR_LINES, WriteBrand

TILE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 34"><rect width="34" height="34" rx="10" fill="#008844"/></svg>'
RING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3" fill="{}"/></svg>'


def dressed(brand: WriteBrand, mark: str | bytes, suffix: str = ".svg") -> Theme:
    text = FOUR_LINES + f'[logo]\nmark = "mark{suffix}"\n'
    return build_theme(load_book(brand(text, files={f"mark{suffix}": mark})))


def drawn(theme: Theme, name: str) -> Image.Image:
    return Image.open(BytesIO(app_icons(theme)[name].make())).convert("RGBA")


def pixel(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def corner_and_middle(picture: Image.Image) -> tuple[str, str]:
    middle = picture.width // 2
    return bytes(pixel(picture, 0, 0)).hex().upper(), bytes(pixel(picture, middle, middle)[:3]).hex().upper()


@pytest.mark.parametrize(
    ("side", "mask"), [(32, False), (180, False), (192, False), (512, False), (192, True), (512, True)]
)
def test_each_has_its_size(side: int, mask: bool) -> None:
    picture = drawn(build_theme(plain_book("Aqua Nord", "#0B3F86", "aqua")), icon_name("aqua", side, mask=mask))
    assert picture.size == (side, side)


def test_a_mark_that_is_a_tile_lends_its_own_ground(brand: WriteBrand) -> None:
    theme = dressed(brand, TILE)
    assert corner_and_middle(drawn(theme, icon_name("aqua", 192)))[0].endswith("00"), (
        "a plain icon keeps its round corners"
    )
    for name in (icon_name("aqua", 192, mask=True), icon_name("aqua", 180)):
        assert corner_and_middle(drawn(theme, name)) == ("008844FF", "008844")


@pytest.mark.parametrize(("mark", "ground"), [("#AA0000", "FFFFFFFF"), ("#FFFFFF", "0B3F86FF")])
def test_a_mark_without_a_ground_stands_on_one_where_it_is_seen(brand: WriteBrand, mark: str, ground: str) -> None:
    theme = dressed(brand, RING.format(mark))
    for name in (icon_name("aqua", 512, mask=True), icon_name("aqua", 180)):
        assert corner_and_middle(drawn(theme, name)) == (ground, mark[1:])


def test_a_mark_stays_inside_what_a_round_cut_leaves(brand: WriteBrand) -> None:
    square = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h2v8h-2z M6 0h2v8h-2z" fill="#A00"/></svg>'
    picture = drawn(dressed(brand, square), icon_name("aqua", 192, mask=True))
    inked = [(x, y) for x in range(192) for y in range(192) if pixel(picture, x, y)[1] < 128]
    assert inked
    assert max(((x - 95.5) ** 2 + (y - 95.5) ** 2) ** 0.5 for x, y in inked) <= 192 * 0.4 + 1.5


def test_a_bitmap_serves_as_well(brand: WriteBrand) -> None:
    bitmap = BytesIO()
    Image.new("RGB", (64, 64), "#AA0000").save(bitmap, "png")
    theme = dressed(brand, bitmap.getvalue(), ".png")
    assert corner_and_middle(drawn(theme, icon_name("aqua", 32))) == ("AA0000FF", "AA0000")


def test_favicon_ico_holds_one_picture_of_32(brand: WriteBrand) -> None:
    body = app_icons(dressed(brand, TILE))["brand/aqua.ico"].make()
    assert struct.unpack("<3H", body[:6]) == (0, 1, 1)
    assert Image.open(BytesIO(body)).size == (32, 32)


def test_nothing_is_drawn_until_it_is_asked_for(brand: WriteBrand) -> None:
    """The address follows from what an icon is drawn from: known at once, the same in every process, another for another mark."""
    theme = dressed(brand, TILE)
    index = AssetIndex().with_brand(theme, [])
    address = index.url(icon_name("aqua", 512), "aqua").removeprefix("/static/")
    assert index.is_slow(address)
    found = index.lookup(address)
    assert found is not None
    assert (found.media_type, found.immutable, found.body[:4]) == ("image/png", True, b"\x89PNG")
    assert not index.is_slow(address)
    assert AssetIndex().with_brand(theme, []).url(icon_name("aqua", 512), "aqua").endswith(address)
    assert not AssetIndex().with_brand(dressed(brand, RING), []).url(icon_name("aqua", 512), "aqua").endswith(address)


def test_what_is_made_later_is_made_once(brand: WriteBrand) -> None:
    made: list[str] = []

    def make() -> bytes:
        made.append("drawn")
        return b"bytes"

    index = AssetIndex()
    index._add("aqua", {"a.png": Later(b"seed", make)})
    for _ in range(3):
        index.find("a.png", "aqua")
    assert made == ["drawn"]


@pytest.mark.parametrize(
    ("name", "paths", "text"), [("Северный Дом", 2, 0), ("Aqua", 1, 0), ("ΩΔ", 0, 1), ("7 Sky", 2, 0)]
)
def test_a_monogram_is_outlines_where_the_font_has_the_letters(name: str, paths: int, text: int) -> None:
    """Outlines look the same without any font; a script the font lacks is written with what is there."""
    drawn = monogram(name, {"brand": "#0B3F86", "on-brand": "#FFFFFF"})
    assert (drawn.count("<path"), drawn.count("<text")) == (paths, text)
