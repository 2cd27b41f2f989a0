"""Icons one by one: a brand or a theme replaces or adds a symbol, made safe as a logo is; who builds pages hears of a wrong name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lkportal.theming import AssetIndex, BrandError, folder_layer
from lkportal.theming.drawing.drawings import icon_set
from lkportal.theming.faces import assemble, load_locales
from lkportal.theming.marks.sprite import icon_names, sprite_of
from tests.theming.conftest import FOUR_LINES, put

SPRITE = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><symbol id="bell" viewBox="0 0 24 24"><path d="M1 1"/></symbol>\n'
    b'<symbol id="check" viewBox="0 0 24 24"><path d="M2 2"/></symbol>\n</svg>'
)
LINE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="currentColor" {}><path d="M9 9"/></svg>'


def dressed(folder: Path, **icons: str) -> bytes:
    put(folder, {f"icons/{name}.svg": text for name, text in icons.items()})
    return sprite_of(SPRITE, [folder_layer("brand", "aqua", folder)])


def symbol(sprite: bytes, name: str) -> str:
    found = re.search(rf'<symbol id="{name}".*?</symbol>', sprite.decode())
    assert found
    return found[0]


def test_one_icon_is_replaced_and_one_added_the_rest_stay(tmp_path: Path) -> None:
    sprite = dressed(tmp_path, bell=LINE.format('stroke-width="3"'), boiler=LINE.format(""))
    assert icon_names(sprite) == {"bell", "check", "boiler"}
    expected = '<symbol id="bell" viewBox="0 0 16 16"><g fill="none" stroke="currentColor" stroke-width="3"><path d="M9 9" /></g></symbol>'
    assert symbol(sprite, "bell") == expected
    assert symbol(sprite, "check").endswith('<path d="M2 2"/></symbol>')


def test_an_icon_that_strokes_nothing_is_filled(tmp_path: Path) -> None:
    filled = dressed(
        tmp_path, bell='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0h9z"/></svg>'
    )
    assert '<g fill="currentColor" stroke="none">' in symbol(filled, "bell")


def test_an_icon_is_made_safe_and_keeps_its_ids_to_itself(tmp_path: Path) -> None:
    text = LINE.format('onload="x()"').replace(
        "<path",
        '<script>x()</script><image href="https://evil.example/x.png"/><clipPath id="a"/><path clip-path="url(#a)"',
    )
    made = symbol(dressed(tmp_path, bell=text), "bell")
    assert not re.search("script|onload|evil|image", made)
    assert 'id="bell--a"' in made
    assert "url(#bell--a)" in made


def test_the_brand_wins_over_its_theme(tmp_path: Path) -> None:
    theme = folder_layer(
        "theme", "calm", put(tmp_path / "t", {"icons/bell.svg": LINE.format(""), "icons/check.svg": LINE.format("")})
    )
    brand = folder_layer("brand", "aqua", put(tmp_path / "b", {"icons/bell.svg": LINE.format('stroke-width="7"')}))
    sprite = sprite_of(SPRITE, [brand, theme])
    assert 'stroke-width="7"' in symbol(sprite, "bell")
    assert 'd="M9 9"' in symbol(sprite, "check")


def test_each_brand_has_a_sprite_of_its_own_at_an_address_of_its_own(tmp_path: Path) -> None:
    aqua = put(tmp_path / "aqua", {"brand.toml": FOUR_LINES, "icons/bell.svg": LINE.format("")})
    nord = put(tmp_path / "nord", {"brand.toml": FOUR_LINES})
    assets: AssetIndex = assemble({"aqua": aqua, "nord": nord}, "default", (), {}).assets
    own, plain = (assets.find("icons.svg", key) for key in ("aqua", "nord"))
    assert own is not None
    assert plain is not None
    assert own.path != plain.path
    assert 'd="M9 9"' in symbol(own.body, "bell")
    assert icon_names(own.body) == icon_names(plain.body)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bell", "<svg", "is not well-formed SVG"),
        ("bell", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', "has no viewBox"),
        ("Bell_2", LINE.format(""), "is not named like an icon"),
        ("bell", LINE.format(f'class="{"x" * 9000}"'), "an icon may have 8,000"),
    ],
)
def test_what_is_wrong_with_an_icon_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(BrandError, match=rf"icons/{name}\.svg {said}" if "may" not in said else said):
        dressed(tmp_path, **{name: text})


def test_a_wrong_name_in_a_template_tells_the_nearest_to_those_who_build_pages() -> None:
    with pytest.raises(BrandError, match=r"There is no icon chek\. Did you mean check\?"):
        icon_set("/s.svg", {"check", "bell"})("chek")
    assert "#chek" in icon_set("/s.svg")("chek")
    locale = load_locales(("en",), ()).get("en")
    strict = assemble({}, "default", (), {}, strict=True).environment("main", locale)
    with pytest.raises(BrandError, match=r"Did you mean receipt-text\?"):
        strict.from_string('{{ icon("receipt-tekst") }}').render()
    assert "#receipt-text" in strict.from_string('{{ icon("receipt-text") }}').render()
