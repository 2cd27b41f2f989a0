"""A first visit to a page: what a browser that has never been here fetches, what it weighs, and which classes find no rule."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, Response

from lkportal.theming import installed_themes
from tests.browser.stage import Demo, Look, sign_in, visitor

KB = 1024


@dataclass(frozen=True, slots=True)
class Load:
    """One file a browser fetched: its kind as the browser names it, its address, its bytes on the wire when gzipped."""

    kind: str
    url: str
    weight: int


@contextmanager
def known(browser: Browser, demo: Demo, look: Look, login: str) -> Iterator[Page]:
    """A page of somebody signed in whose browser has never been here: the cookie came from another browser."""
    entered = visitor(browser, demo, look)
    sign_in(entered.new_page(), login)
    fresh = visitor(browser, demo, look, storage_state=entered.storage_state())
    entered.close()
    yield fresh.new_page()
    fresh.close()


def first_visit(page: Page, path: str) -> list[Load]:
    """Open a page and return all that its browser fetched for it."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright marks what it is given
    page.goto(path, wait_until="networkidle")
    return [Load(each.request.resource_type, each.url, weight(each)) for each in answers if each.status == 200]


def weight(answer: Response) -> int:
    """Bytes of a body as it travels; fonts and bitmaps are packed already."""
    body = answer.body()
    return min(len(gzip.compress(body, 6)), len(body))


def total(loads: list[Load], *kinds: str) -> int:
    return sum(load.weight for load in loads if not kinds or load.kind in kinds)


def unruled(page: Page) -> list[str]:
    """Classes of a lean page that have rules, but in none of the stylesheets it links."""
    worn = set(page.eval_on_selector_all("[class]", "found => found.flatMap(each => [...each.classList])"))
    linked = page.eval_on_selector_all("link[rel=stylesheet]", "links => links.map(link => link.href)")
    known = ruled("".join(page.request.get(link).text() for link in linked))
    themes = installed_themes().values()
    rest = "".join((theme.folder / "static" / name).read_text("utf-8") for theme in themes for name in theme.more)
    return sorted(worn & (ruled(rest) - known))


def ruled(css: str) -> set[str]:
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", css))
