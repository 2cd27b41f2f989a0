"""The stylesheet of a brand: the same bytes for the same book, small, and right in a real browser."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, sync_playwright

from lkportal.theming import Theme, build_theme, installed_themes, load_book, plain_book
from lkportal.theming.colour.pairs import PAIRS, ROLES
from lkportal.theming.colour.palette import MODES
from tests.theming.conftest import BRANDS, FOUR_LINES, WriteBrand


def test_the_same_book_gives_the_same_bytes_and_any_change_another_hash(brand: WriteBrand) -> None:
    """Caches may rely on the hash."""
    first, again = build_theme(load_book(brand())), build_theme(load_book(brand(name="copy")))
    assert (first.css, first.css_hash) == (again.css, again.css_hash)
    other = build_theme(load_book(brand(FOUR_LINES.replace("#0B3F86", "#0B3F87"))))
    assert other.css_hash != first.css_hash


@pytest.mark.parametrize("primary", BRANDS.values(), ids=BRANDS)
def test_it_is_small_and_holds_colours_only_as_hex(primary: str) -> None:
    """Four modes of 40 roles under 1.3 KB gzipped; nothing an old phone cannot read."""
    css = build_theme(plain_book("Аква", primary)).css
    assert len(gzip.compress(css.encode(), 9)) < 1300
    assert not re.search(r"oklch|color-mix|light-dark|rgb\(", css)
    assert css.count("{") == css.count("}")
    for role in ROLES:
        assert f"--{role}:#" in css


def test_shape_and_font_stand_above_the_theme(brand: WriteBrand) -> None:
    """Radii keep the theme's proportions, dense pages take half; generic families are not quoted."""
    text = FOUR_LINES + '[shape]\nradius = "20px"\n[type]\nbody = ["PT Sans", "system-ui"]\n'
    css = build_theme(load_book(brand(text))).css
    assert "@layer brand{:root{--r-1:12px;--r-2:20px;--r-3:32px;--r-4:44px}" in css
    assert '[data-density="compact"]{--r-1:6px;--r-2:10px;--r-3:12px;--r-4:12px}' in css
    assert ':root{--font:"PT Sans",system-ui,sans-serif}' in css


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    assert program, "Install Chromium or set CHROMIUM to its program."
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


READ = """roles => [document.documentElement, document.querySelector("p")].map(
  element => Object.fromEntries(roles.map(role => [role, getComputedStyle(element).getPropertyValue("--" + role)])))"""


def _shown(
    browser: Browser, theme: Theme, attribute: str, part: str, scheme: str, contrast: str
) -> list[dict[str, str]]:
    page = browser.new_page()
    page.emulate_media(color_scheme=scheme, contrast=contrast)  # type: ignore[arg-type]
    page.set_content(f"<!doctype html><html {attribute}><style>{theme.css}</style><p {part}>x</p></html>")
    seen: list[dict[str, str]] = page.evaluate(READ, list(ROLES))
    page.close()
    return [{role: _long(colour) for role, colour in colours.items()} for colours in seen]


def _long(colour: str) -> str:
    digits = colour.strip()[1:]
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits).upper()


@pytest.mark.browser
@pytest.mark.parametrize("contrast", ["no-preference", "more"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chosen", ["", "light", "dark"])
def test_a_browser_shows_the_computed_roles_in_every_mode(
    browser: Browser, scheme: str, chosen: str, contrast: str
) -> None:
    """The person's choice wins over the system's, a part of a page may have its own mode, strong contrast adds to both."""
    theme = build_theme(plain_book("Аква", "#E30611"))
    more = "-more" if contrast == "more" else ""
    attribute = f'data-mode="{chosen}"' if chosen else ""
    for part in ("light", "dark"):
        root, inner = _shown(browser, theme, attribute, f'data-mode="{part}"', scheme, contrast)
        assert root == dict(theme.roles(f"{chosen or scheme}{more}"))
        assert inner == dict(theme.roles(f"{part}{more}"))
    assert len({tuple(theme.roles(mode).values()) for mode in MODES}) == 4


RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
BACKGROUND = re.compile(r"(?:^|[;\s])background(?:-color)?:\s*var\(--([a-z0-9-]+)\)")
FRONT = re.compile(r"(?:^|[;\s])(?:color|fill|stroke):\s*var\(--([a-z0-9-]+)\)")


def _unchecked(css: str) -> list[str]:
    """Rules that put one role on another without the pair being in the table."""
    known = {(pair.front, pair.back) for pair in PAIRS} | {(pair.back, pair.front) for pair in PAIRS}
    return [
        f"{selector.strip()}: {front} on {back}"
        for selector, body in RULE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
        for back, front in product(BACKGROUND.findall(body), FRONT.findall(body))
        if front != back and {front, back} <= set(ROLES) and (front, back) not in known
    ]


def test_no_stylesheet_puts_a_role_where_its_contrast_is_not_checked() -> None:
    """A theme may combine roles freely as long as pairs.py knows the pair; the rule is seen to complain."""
    assert _unchecked(".x { background: var(--warning-tint); color: var(--danger) }") == [".x: danger on warning-tint"]
    sheets = [path for theme in installed_themes().values() for path in (theme.folder / "static").rglob("*.css")]
    assert sheets
    assert {path.name: found for path in sheets if (found := _unchecked(path.read_text("utf-8")))} == {}


def test_room_around_the_logo_is_kept_when_the_brand_asks_for_it(brand: WriteBrand) -> None:
    assert "--clear-space" not in build_theme(load_book(brand())).css
    wide = FOUR_LINES + "[logo]\nclear_space = 0.5\n"
    assert "@layer brand{:root{--clear-space:0.5}}" in build_theme(load_book(brand(wide, "wide"))).css
