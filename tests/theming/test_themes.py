"""Installed themes, their parents, and the chain a brand wears."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkportal.theming import BrandError, chain, folder_layer, installed_themes, load_book, read_theme, theme_chain
from lkportal.theming.themes import ThemeFile, css_of, scripts_of
from tests.theming.conftest import WriteBrand, put


def theme(folder: Path, name: str, extends: str = "", more: str = "") -> ThemeFile:
    """A theme on disk."""
    text = f'[theme]\nname = "{name}"\ntitle = "T"\nextends = "{extends}"\n{more}'
    return read_theme(put(folder / name, {"theme.toml": text, "templates/page.html": name, "static/a.css": name}))


def test_the_default_theme_comes_with_the_portal() -> None:
    """It is found without any package installed, and its files exist."""
    default = installed_themes()["default"]
    assert default.extends == ""
    for name in (*default.css, *default.scripts, *default.fonts, default.icons):
        assert (default.folder / "static" / name).is_file(), name


def test_a_page_links_the_parents_first(tmp_path: Path) -> None:
    """A child refines what its parent said."""
    known = {
        "calm": theme(tmp_path, "calm", "", '[static]\ncss = ["portal.css"]\nscripts = ["portal.js"]'),
        "bold": theme(tmp_path, "bold", "calm", '[static]\ncss = ["bold.css"]'),
    }
    worn = theme_chain("bold", known)
    assert [each.name for each in worn] == ["bold", "calm"]
    assert css_of(worn) == ("portal.css", "bold.css")
    assert scripts_of(worn) == ("portal.js",)


def test_the_chain_is_brand_parents_theme_parents_modules_core(tmp_path: Path, brand: WriteBrand) -> None:
    """The order everything else relies on."""
    brand('[brand]\nname = "Group"\n[color]\nprimary = "#0B3F86"', "group", {"templates/a.html": "group"})
    book = load_book(brand('[brand]\nname = "Sister"\nextends = "../group"', "sister", {"static/a.css": ""}))
    worn = theme_chain("bold", {"bold": theme(tmp_path, "bold", "calm"), "calm": theme(tmp_path, "calm")})
    readings = folder_layer("module", "readings", put(tmp_path / "readings", {"templates/readings/a.html": ""}))
    core = folder_layer("core", "core", put(tmp_path / "core", {"templates/a.html": ""}))
    layers = chain(book, worn, [readings], [core])
    assert [(each.kind, each.name) for each in layers] == [
        ("brand", "sister"),
        ("brand", "sister.1"),
        ("theme", "bold"),
        ("theme", "calm"),
        ("module", "readings"),
        ("core", "core"),
    ]
    assert (layers[0].templates, layers[1].static) == (None, None)


def test_what_is_wrong_with_a_theme_is_said(tmp_path: Path) -> None:
    """No file, a wrong key, an unknown parent, a circle."""
    with pytest.raises(BrandError, match=r"theme\.toml does not exist"):
        read_theme(tmp_path)
    with pytest.raises(BrandError, match=r"static\.style: .*Known here: css, scripts, fonts, icons"):
        theme(tmp_path, "a", "", '[static]\nstyle = "x"')
    with pytest.raises(BrandError, match=r"is not TOML"):
        read_theme(put(tmp_path / "b", {"theme.toml": "[theme"}))
    known = {"c": theme(tmp_path, "c", "d"), "d": theme(tmp_path, "d", "c"), "e": theme(tmp_path, "e", "f")}
    with pytest.raises(BrandError, match="circle: c -> d -> c"):
        theme_chain("c", known)
    with pytest.raises(BrandError, match=r"no theme called f \(the parent of e\)\. Installed: c, d, e"):
        theme_chain("e", known)
