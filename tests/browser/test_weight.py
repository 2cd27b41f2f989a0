"""What a first visit costs and where it goes: bytes of the dashboard, hosts that are asked, and nothing that moves while it loads."""

from __future__ import annotations

import gzip
import re
import time

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.stage import ANNA, OPERATOR, Demo, Look
from tests.browser.weighing import KB, Load, first_visit, known, total, unruled

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLOW_FONT_SECONDS = 0.7
UNSEEN = 0.0005
"""What rounds to a CLS of 0.000: an arrow after a word may move by its width's last per cent, no line may."""
SHIFTS = """() => new Promise(done => {
    const seen = [];
    new PerformanceObserver(list => seen.push(...list.getEntries().map(one => [one.value,
        one.sources.map(source => source.node && (source.node.outerHTML || source.node.textContent || "").slice(0, 120))])))
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(seen), 300);
})"""


def named_in_head(demo: Demo, html: str) -> list[Load]:
    """What the head names and this browser left alone: icons of phones, the manifest."""
    links = re.findall(r'<link rel="(?:icon|apple-touch-icon|manifest)"[^>]* href="([^"]+)"', html)
    with httpx2.Client(base_url=demo.address, trust_env=False) as client:
        bodies = [(link, client.get(link).content) for link in links]
    return [Load("named", link, min(len(gzip.compress(body)), len(body))) for link, body in bodies]


@pytest.mark.parametrize("look", [Look("light", 360), Look("dark", 1280)], ids=str)
def test_the_dashboard_is_light(browser: Browser, shared_demo: Demo, look: Look) -> None:
    with known(browser, shared_demo, look, ANNA) as page:
        loads = first_visit(page, "/")
        page_html = page.content()
        assert total(loads, "stylesheet") <= 10 * KB, loads
        assert total(loads, "stylesheet", "document") <= 20 * KB, loads
        fetched = {load.url for load in loads}
        more = [load for load in named_in_head(shared_demo, page_html) if shared_demo.address + load.url not in fetched]
        htmx = [] if any("htmx" in url for url in fetched) else [Load("script", "htmx", vendored(page))]
        without_fonts = [load for load in [*loads, *more, *htmx] if load.kind != "font"]
        assert total(without_fonts) <= 60 * KB, without_fonts
        assert total(loads) <= 60 * KB, "with the fonts it is set in"
        assert unruled(page) == []


def vendored(page: Page) -> int:
    """The weight of htmx with its policy extension, which pages with live parts load."""
    files = [page.request.get(f"/static/vendor/{name}").body() for name in ("htmx.min.js", "hx-csp.min.js")]
    return sum(len(gzip.compress(body, 6)) for body in files)


@pytest.mark.parametrize("login", [ANNA, OPERATOR])
def test_no_page_asks_another_host(browser: Browser, shared_demo: Demo, login: str) -> None:
    with known(browser, shared_demo, Look(), login) as page:
        asked: list[str] = []
        page.context.on("request", lambda request: asked.append(request.url))
        page.goto("/", wait_until="networkidle")
        links = page.eval_on_selector_all("nav a[href^='/']", "links => [...new Set(links.map(link => link.pathname))]")
        assert len(links) >= 2
        for link in links:
            page.goto(link, wait_until="networkidle")
    assert [url for url in asked if not url.startswith((f"{shared_demo.address}/", "data:"))] == []


@pytest.mark.parametrize("look", [Look("light", 360), Look("light", 1280, True, "en"), Look("dark", 1280)], ids=str)
def test_nothing_moves_when_a_slow_font_arrives(browser: Browser, shared_demo: Demo, look: Look) -> None:
    def late(route: Route) -> None:
        time.sleep(SLOW_FONT_SECONDS)
        route.continue_()

    with known(browser, shared_demo, look, ANNA) as page:
        page.route("**/*.woff2", late)
        for path in ("/", "/login"):
            page.goto(path, wait_until="commit")
            page.wait_for_load_state("networkidle")
            page.evaluate("document.fonts.ready.then(() => true)")
            assert page.evaluate(
                "[...document.fonts].some(face => face.status === 'loaded' && /Onest$|Onest\"$/.test(face.family))"
            )
            shifts = page.evaluate(SHIFTS)
            assert sum(value for value, _ in shifts) < UNSEEN, (path, shifts)
