"""Installed themes, their parents, and the chain a brand wears."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkportal.theming import BrandError, chain, folder_layer, installed_themes, load_book, read_theme, theme_chain
from lkportal.theming.templates.loaders import ChainLoader
from lkportal.theming.themes import ThemeFile, fonts_of, scripts_of, sheets_of, stays_lean
from tests.theming.conftest import WriteBrand, put


def theme(folder: Path, name: str, extends: str = "", more: str = "") -> ThemeFile:
    """A theme on disk."""
    text = f'[theme]\nname = "{name}"\ntitle = "T"\nextends = "{extends}"\n{more}'
    return read_theme(put(folder / name, {"theme.toml": text, "templates/page.html": name, "static/a.css": name}))


def test_the_default_theme_comes_with_the_portal() -> None:
    """It is found without any package installed, and its files exist."""
    default = installed_themes()["default"]
    assert default.extends == ""
    for name in (*default.css, *default.more, *default.scripts, *default.fonts, default.icons):
        assert (default.folder / "static" / name).is_file(), name


def test_a_page_links_the_parents_first(tmp_path: Path) -> None:
    """A child refines what its parent said."""
    known = {
        "calm": theme(tmp_path, "calm", "", '[static]\ncss = ["portal.css"]\nscripts = ["portal.js"]'),
        "bold": theme(tmp_path, "bold", "calm", '[static]\ncss = ["bold.css"]'),
    }
    worn = theme_chain("bold", known)
    assert [each.name for each in worn] == ["bold", "calm"]
    assert sheets_of(worn) == ("portal.css", "bold.css")
    assert scripts_of(worn) == ("portal.js",)


def test_a_lean_page_goes_without_the_rest_unless_it_is_made_of_it(tmp_path: Path) -> None:
    """A parent's rest comes before the child's own, and a part with a form calls for it wherever it is drawn."""
    rest = '[static]\ncss = ["portal.css"]\nmore = ["more.css"]\nmore_for = ["parts/forms.html"]'
    fonts = '[static]\ncss = ["bold.css"]\nfonts = ["b.woff2"]'
    known = {"calm": theme(tmp_path, "calm", "", rest), "bold": theme(tmp_path, "bold", "calm", fonts)}
    worn = theme_chain("bold", known)
    assert sheets_of(worn) == ("portal.css", "more.css", "bold.css")
    assert sheets_of(worn, lean=True) == ("portal.css", "bold.css")
    assert stays_lean(worn, {"page.html", "parts/cards.html"})
    assert not stays_lean(worn, {"page.html", "parts/forms.html"})
    assert fonts_of(worn) == ("b.woff2",)


def test_what_a_template_is_made_of_is_found_however_deep(tmp_path: Path) -> None:
    """Layers decide which file a name means; a name that is nowhere is no mistake here, Jinja will say it."""
    texts = {
        "page.html": '{% extends "@theme/base.html" %}{%- import "parts/cards.html" as cards %}',
        "base.html": "{% include 'foot.html' %}",
        "parts/cards.html": '{% from "parts/forms.html" import field with context %}{% import "gone.html" as gone %}',
    }
    folder = put(tmp_path, {f"templates/{name}": text for name, text in texts.items()})
    made_of = ChainLoader([folder_layer("theme", "calm", folder)]).made_of(["page.html"])
    assert made_of == {
        "page.html",
        "@theme/base.html",
        "foot.html",
        "parts/cards.html",
        "parts/forms.html",
        "gone.html",
    }


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
    with pytest.raises(BrandError, match=r"static\.style: .*Known here: css, more, more_for, scripts, fonts, icons"):
        theme(tmp_path, "a", "", '[static]\nstyle = "x"')
    with pytest.raises(BrandError, match=r"is not TOML"):
        read_theme(put(tmp_path / "b", {"theme.toml": "[theme"}))
    known = {"c": theme(tmp_path, "c", "d"), "d": theme(tmp_path, "d", "c"), "e": theme(tmp_path, "e", "f")}
    with pytest.raises(BrandError, match="circle: c -> d -> c"):
        theme_chain("c", known)
    with pytest.raises(BrandError, match=r"no theme called f \(the parent of e\)\. Installed: c, d, e"):
        theme_chain("e", known)
