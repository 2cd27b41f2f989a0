"""Twelve key pages in three themes, light and dark, by one command: `python -m tests.browser.pictures OUT [--docs docs/images]`.

Pages are OUT/<theme>-<mode>/<page>.png. `--docs` also writes the pictures of the documentation. Every page of a demo: gallery.py.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from lkportal.theming import installed_themes
from tests.browser.stage import ADMIN, ANNA, MODES, Demo, Look, chromium, running_demo, sign_in, visitor

DESK, PHONE = (1280, 900), (390, 844)
COLOURS = 160
Show = Callable[[Page, str], None]


@dataclass(frozen=True)
class Key:
    """A key page: its name, the size it is looked at, and how to come to it from Anna's or the desk's first page."""

    name: str
    size: tuple[int, int]
    path: str
    who: str = ANNA


KEYS = (
    Key("sign-in", DESK, "/login", ""),
    Key("sign-in-phone", PHONE, "/login", ""),
    Key("dashboard", DESK, "/home/{here}/"),
    Key("dashboard-phone", PHONE, "/home/{here}/"),
    Key("bill", DESK, "bill"),
    Key("bills-phone", PHONE, "/payments/{here}/"),
    Key("pay-phone", PHONE, "/payments/{here}/pay"),
    Key("readings", DESK, "/readings/{here}/"),
    Key("readings-phone", PHONE, "/readings/{here}/"),
    Key("settings", DESK, "/settings"),
    Key("not-found-phone", PHONE, "/nowhere"),
    Key("desk", DESK, "card", ADMIN),
)
DOCUMENTED = {
    "utility": (
        ("dashboard", "default", "light", "dashboard"),
        ("dashboard-phone", "default", "light", "dashboard-phone"),
        ("bill", "default", "dark", "bill"),
        ("readings-phone", "default", "light", "readings-phone"),
        ("strict-dashboard", "strict", "light", "dashboard"),
        ("desk", "default", "light", "desk"),
    ),
    "telecom": (
        ("bold-dashboard", "bold", "light", "dashboard"),
        ("bold-phone", "bold", "dark", "dashboard-phone"),
    ),
}
"""The pictures of docs/images: name, theme, mode, key page; by example."""


def dresses() -> dict[str, str]:
    """What each theme that comes with the portal adds to the default one."""
    return {
        name: "".join((theme.folder / "static" / each).read_text("utf-8") for each in theme.css if theme.extends)
        for name, theme in installed_themes().items()
    }


@contextmanager
def dressed(page: Page, css: str) -> Iterator[None]:
    """Show a page in another theme for the length of a block. Its context must bypass the policy of styles."""
    page.evaluate(
        "document.querySelectorAll('link[rel=stylesheet]').forEach(one => one.disabled = /\\/(bold|strict)\\./.test(one.href))"
    )
    tag = page.add_style_tag(content=css or "/**/")
    yield
    tag.evaluate("one => one.remove()")


def walk(browser: Browser, demo: Demo, keys: tuple[Key, ...], show: Show) -> None:
    """Come to each key page and call `show` with it and its name."""
    context = visitor(browser, demo, Look(), bypass_csp=True)
    page, who, here = context.new_page(), "", ""
    for key in sorted(keys, key=lambda key: key.who):
        if key.who != who:
            context.clear_cookies()
            sign_in(page, key.who)
            who, here = key.who, page.url.rstrip("/").rsplit("/", 1)[-1]
        page.set_viewport_size({"width": key.size[0], "height": key.size[1]})
        _go(page, key, here)
        page.evaluate("document.fonts.ready.then(() => true)")
        show(page, key.name)
    context.close()


def _go(page: Page, key: Key, here: str) -> None:
    if key.path == "bill":
        page.goto(f"/payments/{here}/")
        page.goto(page.locator("main a[href*='/bills/']").first.get_attribute("href") or "/")
    elif key.path == "card":
        page.goto("/staff/?q=Анна")
        page.goto(page.locator("main a[href*='/staff/accounts/']").first.get_attribute("href") or "/staff/")
    else:
        page.goto(key.path.format(here=here))


def everything(out: Path) -> Show:
    """Return what pictures a page in every theme and mode."""
    themes = dresses()

    def show(page: Page, name: str) -> None:
        for theme, css in themes.items():
            with dressed(page, css):
                for mode in MODES:
                    _mode(page, mode)
                    (out / f"{theme}-{mode}").mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=out / f"{theme}-{mode}" / f"{name}.png")

    return show


def documentation(out: Path, example: str) -> Show:
    """Return what takes the pictures of the documentation of one example, with few colours: they live in the repository."""

    def show(page: Page, key: str) -> None:
        for name, theme, mode, wanted in DOCUMENTED[example]:
            if wanted == key:
                with dressed(page, dresses()[theme]):
                    _mode(page, "dark" if mode == "dark" else "light")
                    _small(page.screenshot(), out / f"{name}.png")

    return show


def _mode(page: Page, mode: Literal["light", "dark"]) -> None:
    """Turn to light or dark, and wait until it is painted."""
    page.emulate_media(color_scheme=mode)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")


def _small(picture: bytes, path: Path) -> None:
    full = Image.open(io.BytesIO(picture)).convert("RGB")
    few = full.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--docs", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium(playwright)
        for example in ("utility", "telecom") if given.docs else ("utility",):
            (Path(folder) / example).mkdir()
            with running_demo(Path(folder) / example, example=example) as demo:
                if example == "utility":
                    walk(browser, demo, KEYS, everything(given.out))
                if given.docs:
                    wanted = {key for _, _, _, key in DOCUMENTED[example]}
                    walk(
                        browser,
                        demo,
                        tuple(key for key in KEYS if key.name in wanted),
                        documentation(given.docs, example),
                    )
        browser.close()


if __name__ == "__main__":
    main()
