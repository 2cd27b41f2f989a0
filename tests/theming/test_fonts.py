"""A brand's own fonts: their faces, their stand-ins of the same measure, and what is said of a file that is no font."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from lkportal.theming import AssetIndex, BrandError, build_theme, load_book
from lkportal.theming.brand.book import BrandFont
from lkportal.theming.faces import Face
from lkportal.theming.files import fonts
from lkportal.theming.files.fonts import fallback_faces, read_fonts
from lkportal.theming.themes import installed_themes
from tests.theming.conftest import FOUR_LINES, WriteBrand

ONEST = installed_themes()["default"].folder / "static" / "fonts"
LATIN, CYRILLIC = (ONEST / f"onest-{script}.woff2" for script in ("latin", "cyrillic"))
TYPE = '[type]\nbody = ["Acme Sans", "Georgia"]\nheading = "Acme Serif"\n'


def font(family: str, file: str, weight: str = "400 800", style: str = "normal") -> str:
    return f'[[type.fonts]]\nfamily = "{family}"\nfile = "{file}"\nweight = "{weight}"\nstyle = "{style}"\n'


def files(*names: str) -> dict[str, bytes]:
    return {name: (CYRILLIC if "cyr" in name else LATIN).read_bytes() for name in names}


def test_a_font_file_becomes_a_face_whose_address_holds_its_hash(brand: WriteBrand) -> None:
    text = FOUR_LINES + TYPE + font("Acme Sans", "fonts/acme.woff2")
    theme = build_theme(load_book(brand(text, files=files("fonts/acme.woff2"))))
    index = AssetIndex().with_brand(theme, [])
    sheet = index.find("brand/aqua.css", "aqua")
    assert sheet is not None
    css = sheet.body.decode()
    sent = index.url("brand/aqua-font-0.woff2", "aqua").removeprefix("/static/brand/")
    assert f'@font-face{{font-family:"Acme Sans";src:url("{sent}") format("woff2");font-weight:400 800;' in css
    assert "font-display:swap" in css
    assert "unicode-range:U+20-7E" not in css, "a family of one file is fetched for any sign"


def test_text_falls_back_to_fonts_of_the_same_measure_and_headings_have_their_own(brand: WriteBrand) -> None:
    text = FOUR_LINES + TYPE + font("Acme Sans", "acme.woff2")
    css = build_theme(load_book(brand(text, files=files("acme.woff2")))).css
    stand_ins = '"Acme Sans Arial","Acme Sans Roboto","Acme Sans DejaVu"'
    assert f'--font:"Acme Sans",{stand_ins},"Georgia",system-ui,sans-serif;' in css
    assert '--font-heading:"Acme Serif",system-ui,sans-serif}' in css
    for name in stand_ins.split(","):
        assert re.search(rf"font-family:{name};src:local\(.*?size-adjust:[\d.]+%;ascent-override:[\d.]+%", css)


def test_files_of_one_weight_are_fetched_for_their_own_signs_only(brand: WriteBrand) -> None:
    text = FOUR_LINES + TYPE + font("Acme Sans", "lat.woff2") + font("Acme Sans", "cyr.woff2")
    css = build_theme(load_book(brand(text, files=files("lat.woff2", "cyr.woff2")))).css
    latin, cyrillic = re.findall(r'url\("aqua-font-\d\.woff2"\).*?unicode-range:([^}]*)', css)
    assert latin.startswith("U+20-7E")
    assert "U+40E-44F" in cyrillic


def test_what_stands_in_for_the_themes_own_font_is_what_would_be_computed() -> None:
    """The theme's stylesheet holds these rules as text; another version of the font needs other ones."""
    own = [
        BrandFont("Onest", ONEST / f"onest-{part}.woff2", "400 800", "normal")
        for part in ("cyrillic", "ruble", "latin")
    ]
    sheet = (ONEST.parent / "portal.css").read_text("utf-8")
    computed = [rule for rule in read_fonts(own, "x").css.splitlines() if "local(" in rule]
    assert len(computed) == 12
    assert [rule for rule in sheet.splitlines() if "local(" in rule] == computed


def test_a_stand_in_is_as_wide_as_the_font_it_stands_in_for() -> None:
    """Stretched by its own rule, Arial sets words that were not measured within two per cent of Onest, in both scripts and weights."""
    widths = Path(fonts.__file__).parents[1] / "letters" / "fallback-widths.json"
    known = json.loads(widths.read_text("utf-8"))["Arial"]
    css = read_fonts([BrandFont("Onest", path, "400 800", "normal") for path in (LATIN, CYRILLIC)], "x").css
    faces = re.findall(r'"Onest Arial";.*?font-weight:(\d+) \d+(;unicode-range:\S+?)?;size-adjust:([\d.]+)%', css)
    assert len(faces) == 4
    for first, cyrillic, adjust in faces:
        words = "Показания приняты спасибо" if cyrillic else "Readings taken thank you"
        own, weight = TTFont(CYRILLIC if cyrillic else LATIN), 400 if first == "100" else 600
        glyphs, signs = own.getGlyphSet(location={"wght": weight}), own.getBestCmap()
        letters = words.replace(" ", "")
        width = sum(glyphs[signs[ord(letter)]].width for letter in letters)
        stretched = sum(known["400" if weight == 400 else "700"][letter] for letter in letters) * float(adjust) / 100
        assert stretched == pytest.approx(width, rel=0.02), words


def test_a_font_without_cyrillic_gets_stand_ins_for_latin_alone() -> None:
    css = read_fonts([BrandFont("Acme", LATIN, "400", "normal")], "x").css
    assert "unicode-range:U+400" not in css
    assert fallback_faces("Acme", []) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"wOF2 but no more", "is not a font that can be read"),
        (b"", "is not a font"),
        (b"\0" * 1_000_001, "has 1,000,001 bytes: a font may have"),
    ],
)
def test_a_file_that_is_no_font_is_one_sentence(brand: WriteBrand, body: bytes, said: str) -> None:
    folder = brand(FOUR_LINES + font("Acme", "acme.woff2"), files={"acme.woff2": body})
    with pytest.raises(BrandError, match=r"acme\.woff2") as refused:
        build_theme(load_book(folder))
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1


def test_a_page_preloads_what_its_text_begins_with(brand: WriteBrand) -> None:
    text = (
        FOUR_LINES
        + TYPE
        + font("Acme Sans", "lat.woff2")
        + font("Acme Sans", "cyr.woff2")
        + font("Acme Sans", "lat-i.woff2", style="italic")
    )
    theme = build_theme(load_book(brand(text, files=files("lat.woff2", "cyr.woff2", "lat-i.woff2"))))
    face = Face("aqua", theme, (), (installed_themes()["default"],))
    assert face.preloads("en") == ("brand/aqua-font-0.woff2",)
    assert face.preloads("ru") == ("brand/aqua-font-0.woff2", "brand/aqua-font-1.woff2")
    installed = build_theme(load_book(brand(FOUR_LINES + '[type]\nbody = "PT Sans"\n', "plain")))
    assert Face("plain", installed, (), face.worn).preloads("ru") == (), (
        "a family of the reader's computer needs no file"
    )


def test_a_font_saved_as_ttf_is_served_as_such(brand: WriteBrand, tmp_path: Path) -> None:
    opened, saved = TTFont(LATIN), BytesIO()
    opened.flavor = None
    opened.save(saved)
    text = FOUR_LINES + TYPE + font("Acme Sans", "acme.ttf")
    css = build_theme(load_book(brand(text, files={"acme.ttf": saved.getvalue()}))).css
    assert 'url("aqua-font-0.ttf") format("truetype")' in css
