"""Pictures of a company: drawn when missing, made safe when given."""

from __future__ import annotations

import pytest
from PIL import Image

from lkportal.theming import BrandError, build_theme, load_book, plain_book
from lkportal.theming.marks.logos import Picture, proportion, safe_picture, safe_svg
from lkportal.theming.marks.monogram import initials
from tests.theming.conftest import FOUR_LINES, WriteBrand

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a script of another namespace": '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "foreign content": "<foreignObject><p>alert(1)</p></foreignObject>",
    "an event handler": '<rect onload="alert(1)"/>',
    "a link": '<a href="javascript:alert(1)"><rect/></a>',
    "an outside picture": '<image href="https://alert.example/(1)"/>',
    "an outside use": '<use xlink:href="https://alert.example/#(1)"/>',
    "an outside fill": '<rect fill="url(https://alert.example/(1))"/>',
    "a style that fetches": "<style>@import 'https://alert.example/(1)';</style>",
    "a style that hides its words": r"<style>@\69mport 'https://alert.example/(1)';</style>",
    "an attribute that fetches": '<rect style="fill:url(//alert.example/(1))"/>',
    "an animation that sets a link": '<set attributeName="href" to="javascript:alert(1)"/>',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_does_not_draw_is_left_out_and_named(kind: str) -> None:
    """The picture stays, the danger goes, the report can tell what went."""
    clean, dropped = safe_svg(f'<svg {SVG}><path d="M0 0h1"/>{HOSTILE[kind]}</svg>'.encode(), "logo.svg")
    assert "alert" not in clean
    assert 'd="M0 0h1"' in clean
    assert dropped != ()


def test_an_honest_logo_is_kept() -> None:
    """Classes, gradients, masks and inner references are how drawing programs write."""
    source = (
        f'<svg {SVG} viewBox="0 0 9 9"><style>.a{{fill:#0b3f86}}</style><defs><linearGradient id="g"><stop offset="1" '
        'stop-color="#fff"/></linearGradient></defs><g class="a" transform="scale(2)"><use xlink:href="#p"/>'
        '<path id="p" d="M0 0" style="fill:url(#g)"/></g></svg>'
    )
    clean, dropped = safe_svg(source.encode(), "logo.svg")
    assert dropped == ()
    for part in ("<style>.a{fill:#0b3f86}</style>", 'href="#p"', "fill:url(#g)", 'viewBox="0 0 9 9"', 'offset="1"'):
        assert part in clean


REFUSED = {
    "a billion laughs": ('<!DOCTYPE s [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>', "entities"),
    "a page": ("<html><body/></html>", "first element is <html>"),
    "half a file": ('<svg xmlns="http://www.w3.org/2000/svg"><path', "not well-formed"),
    "a huge file": (f'<svg xmlns="http://www.w3.org/2000/svg"><desc>{"x" * 200_000}</desc></svg>', "may have 200,000"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_logo_is_refused_with_a_cure(kind: str) -> None:
    """Entities could grow to gigabytes, so a file that declares any is not even parsed."""
    source, words = REFUSED[kind]
    with pytest.raises(BrandError, match=words):
        safe_svg(source.encode(), "logo.svg")


def test_entities_do_not_hide_in_another_encoding() -> None:
    """The same bomb in UTF-16, which the XML parser would have read."""
    with pytest.raises(BrandError, match="not UTF-8"):
        safe_svg(REFUSED["a billion laughs"][0].encode("utf-16"), "logo.svg")


def test_a_bitmap_must_be_one(brand: WriteBrand) -> None:
    """A page renamed to .png is not served as a picture."""
    folder = brand(FOUR_LINES + '[logo]\nmark = "mark.png"', files={"mark.png": b"<html>"})
    with pytest.raises(BrandError, match="does not hold a PNG picture"):
        build_theme(load_book(folder))
    (folder / "mark.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BrandError, match="does not hold a PNG picture"):
        build_theme(load_book(folder))
    Image.new("RGB", (64, 32)).save(folder / "mark.png")
    assert build_theme(load_book(folder)).logos.mark.suffix == ".png"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Аква", "А"), ("Сосновый квартал", "СК"), ("«Лайм» & Co", "ЛC"), ("4 сезона", "4С"), ("—", "?")],
)
def test_a_mark_is_drawn_from_the_name(name: str, letters: str) -> None:
    """Quotes and dashes are no letters; the name itself is escaped."""
    assert initials(name) == letters
    mark = build_theme(plain_book(name, "#FFE100")).logos.mark.body.decode()
    assert mark.count("<path") + mark.count("<text") == (1 if letters == "?" else len(letters))
    assert safe_svg(mark.encode(), "mark.svg")[1] == ()


@pytest.mark.parametrize(
    ("head", "wide"),
    [
        ('viewBox="0 0 120 40"', 3.0),
        ('viewBox="0,0,50,100"', 0.5),
        ('width="90px" height="30"', 3.0),
        ('width="100%"', 1.0),
        ("", 1.0),
    ],
)
def test_a_logo_says_how_wide_it_is_before_it_comes(brand: WriteBrand, head: str, wide: float) -> None:
    """A page keeps its place free."""
    logo = f'<svg xmlns="http://www.w3.org/2000/svg" {head}><rect width="9" height="9"/></svg>'
    folder = brand(FOUR_LINES + '[logo]\nlight = "logo.svg"\n', files={"logo.svg": logo})
    picture = build_theme(load_book(folder)).logos.light
    assert picture is not None
    assert proportion(picture) == wide


BITMAPS = {
    "a bomb": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xc3P\x00\x00\xc3P\x08\x02\x00\x00\x00" + bytes(400),
    "a head alone": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\x00\x00",
    "a script": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
}


@pytest.mark.parametrize("kind", BITMAPS)
def test_a_bitmap_that_is_none_is_refused_before_a_page_draws_it(kind: str) -> None:
    with pytest.raises(BrandError, match=r"PNG picture|pixels"):
        safe_picture(BITMAPS[kind], ".png", "mark")


def test_groups_in_groups_are_refused_and_no_drawing_breaks_a_page() -> None:
    deep = f"<svg {SVG}>" + "<g>" * 20_000 + "</g>" * 20_000 + "</svg>"
    with pytest.raises(BrandError, match="groups in groups"):
        safe_svg(deep.encode(), "mark.svg")
    wide = safe_picture(f'<svg {SVG} viewBox="0 0 {"9" * 400} 1"/>'.encode(), ".svg", "mark")
    assert proportion(wide) == 40
    assert proportion(Picture(b'<svg viewBox="0 0 1 99999"/>', ".svg")) == 1 / 40
