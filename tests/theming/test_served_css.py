"""Stylesheets as browsers read them: what was minified says the same, and a brand's own CSS, however broken, breaks only itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from lkportal.theming import AssetIndex, build_theme, installed_themes, load_book
from lkportal.theming.files.smaller import smaller
from tests.theming.conftest import WriteBrand

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RULES = """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); return [...sheet.cssRules].map(rule => rule.cssText.replaceAll(/,\\s+/g, ",")); }"""
"""A browser keeps the text of values with var() as written; a space after a comma there says nothing."""
SHEETS = [path for theme in installed_themes().values() for path in sorted((theme.folder / "static").glob("*.css"))]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield opened.new_page()
        opened.close()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_minified_rules_are_the_same_rules(page: Page, sheet: object) -> None:
    css = SHEETS[SHEETS.index(sheet)].read_text("utf-8")  # type: ignore[arg-type]
    rules = page.evaluate(RULES, css)
    assert rules
    assert page.evaluate(RULES, smaller(css)) == rules


@pytest.mark.parametrize(
    "own",
    [
        "a{color:red",
        "}",
        "} body{display:none}",
        "/* open",
        "a{background:url(",
        '@font-face{src:"',
        "@import 'x.css';",
        "\x00{{{",
    ],
)
def test_a_broken_brand_css_leaves_the_other_rules_as_they_are(page: Page, brand: WriteBrand, own: str) -> None:
    """It stands last in the sheet, so its mistakes end where the sheet ends."""
    text = '[brand]\nname = "Aqua"\n[color]\nprimary = "#0B3F86"\n[shape]\nradius = "4px"\n'
    rules = page.evaluate(RULES, _served(brand(text)))
    broken = page.evaluate(RULES, _served(brand(text, files={"brand.css": own})))
    assert broken[: len(rules)] == rules
    assert len(rules) == 3, "the order of layers, tokens, shape"


def _served(folder: object) -> str:
    theme = build_theme(load_book(str(folder)))
    found = AssetIndex().with_brand(theme, []).find("brand/aqua.css", "aqua")
    assert found is not None
    return found.body.decode()


@pytest.mark.parametrize(
    ("css", "small"),
    [
        ("a :is(b, c) > d { color : red; }", "a :is(b,c) > d{color :red}"),
        (
            "@media (min-width: 4px) { @container x { a :hover { b: c } } }",
            "@media (min-width:4px){@container x{a :hover{b:c}}}",
        ),
        ('a{content:" ; { /* x */ ";b:url( x y.png )}/* end', 'a{content:" ; { /* x */ ";b:url( x y.png )}'),
        ("a/**/b{}", "a b{}"),
        ("a{width:calc(1px + 2px)}", "a{width:calc(1px + 2px)}"),
    ],
)
def test_spaces_that_mean_something_stay(css: str, small: str) -> None:
    assert smaller(css) == small
