"""Pictures of the kit for the reference: every component of a demo portal's /_kit, one file each."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FloatRect

from tests.browser.stage import Demo, Look, visitor

_COLOURS, _EDGE = 64, 20
_NOTHING_TO_SEE = ("language-and-mode", "session-warning")
_STILL = """() => {
    document.querySelectorAll(".kit-source, .kit-list").forEach((one) => one.remove());
    document.querySelectorAll("#kit-menu .kit-state:last-child .drop").forEach((one) => { one.open = true; });
    document.querySelector("#kit-menu .kit-states").append(...[1, 2, 3].map(() => document.createElement("br")));
}"""


def kit(browser: Browser, demo: Demo, out: Path) -> None:
    """Write OUT/kit/<component>.png: its states as a reader of English sees them on a desk."""
    folder = out / "kit"
    folder.mkdir(parents=True, exist_ok=True)
    context = visitor(browser, demo, Look("light", 1100, language="en"))
    page = context.new_page()
    page.goto("/_kit/")
    page.evaluate(_STILL)
    page.evaluate("document.fonts.ready")
    for section in page.locator(".kit-piece").all():
        key = (section.get_attribute("id") or "").removeprefix("kit-")
        box = section.locator(".kit-states").bounding_box()
        if box is None or key in _NOTHING_TO_SEE:
            continue
        clip: FloatRect = {
            "x": box["x"] - _EDGE,
            "y": box["y"] - _EDGE,
            "width": box["width"] + 2 * _EDGE,
            "height": box["height"] + 2 * _EDGE,
        }
        picture = Image.open(io.BytesIO(page.screenshot(clip=clip, full_page=True)))
        picture.quantize(_COLOURS).save(folder / f"{key}.png", optimize=True)
    context.close()
