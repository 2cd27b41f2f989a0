"""What every page must be, whoever looks: nothing wider than the screen, nothing for axe-core to find, no English on a Russian
page, nothing said to the console, and the keyboard reaches what the page is for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.browser import axe

NARROW = (320, 360)
MOST_TABS = 80
_WORDS = """() => { const copy = document.body.cloneNode(true);
    copy.querySelectorAll("[lang], script, kbd").forEach(one => one.remove()); return copy.innerText; }"""
_ENGLISH = re.compile(r"\blkportal [a-z ]+|(\b[A-Za-z]{2,}(?: [a-z]{2,})+)")
"""English words in a row, in the group; our own commands are the same in every language."""
_WIDER = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".hide, .rail, .tabs, .nav, svg"))
    .map(one => one.outerHTML.slice(0, 160))"""
_RINGED = """one => { const seen = e => e && getComputedStyle(e).outlineStyle !== "none" && parseFloat(getComputedStyle(e).outlineWidth) > 1;
    return seen(one) || seen(one.closest(".chip, .check, .switch")) }"""


@dataclass(slots=True)
class Judge:
    """Looks pages over. `heard` is what browsers said that they should not have said."""

    inspector: Page
    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> Page:
        """Hear the console of a page and its uncaught errors. An answer of 4xx is a page here, not an error."""
        page.on("console", lambda said: self._note(page, said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self._note(page, str(error)))
        return page

    def look_over(self, page: Page, action: Locator | None = None) -> None:
        """Judge the page as it stands; `action` is what the page is for, reached by Tab from its top."""
        self.read_over(page)
        assert self.violations(page) == [], page.url
        if action is not None:
            self.reach(page, action)

    def read_over(self, page: Page) -> None:
        """Judge the widths and the words of a page: what axe-core does not know of."""
        size = page.viewport_size
        assert size is not None
        page.evaluate("document.fonts.ready.then(() => true)")
        for width in (*NARROW, size["width"]):
            page.set_viewport_size({"width": width, "height": size["height"]})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                raise AssertionError(f"{page.url} at {width} px is too wide: {page.evaluate(_WIDER)}")
        if page.locator("html").get_attribute("lang") == "ru":
            assert [found for found in _ENGLISH.findall(page.evaluate(_WORDS)) if found] == [], (
                f"{page.url} is not all Russian"
            )

    def violations(self, page: Page) -> list[str]:
        """Return what axe-core finds. It judges a copy of the page where scripts run: they may be off here."""
        shown = page.content()
        self.inspector.set_viewport_size(page.viewport_size or {"width": 1280, "height": 900})
        self.inspector.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        self.inspector.route(
            page.url.partition("#")[0], lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8")
        )
        self.inspector.goto(page.url)
        self.inspector.unroute_all()
        return axe.violations(self.inspector)

    def reach(self, page: Page, action: Locator) -> None:
        """Press Tab from the top of the page until the action has the focus, and see its ring."""
        page.evaluate("() => { document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0) }")
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            if action.evaluate("one => one === document.activeElement"):
                assert action.evaluate(_RINGED), f"{page.url}: the focus is not seen on {action}"
                return
        raise AssertionError(f"{page.url}: {MOST_TABS} Tabs do not reach {action}")

    def _note(self, page: Page, said: str) -> None:
        if "status of 4" not in said:
            self.heard.append(f"{page.url}: {said}")
