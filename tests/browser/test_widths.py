"""Nothing is cut and nothing scrolls sideways: every page of both examples, in every theme, from 320 px (a desk at 400 % zoom) to
a wide screen, read from the left and from the right. A page is loaded once; themes, sides and widths change under it. `make test`
sees each page in each theme where it is narrowest, and at each other size and side in one theme, in turn; the long proof in all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.gallery import Take, annas, desks, strangers, works
from tests.browser.pictures import dressed, dresses
from tests.browser.stage import Demo, Look, running_demo, visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIZES = {"ltr": ((320, 256), (641, 900), (1024, 900)), "rtl": ((320, 256), (1280, 900))}
"""A desk of 1280 x 1024 at 400 %, the narrowest tablet and the narrowest desk. A phone's width is no harder than the first."""
SEEN = {"utility": SIZES, "telecom": {"ltr": SIZES["ltr"][:1], "rtl": SIZES["rtl"][:1]}}
"""The pages of both are the same templates: the second example shows what other data do where it is narrowest."""
EACH, IN_TURN, SECOND = "utility", "utility-in-turn", "telecom"
_FAULTS = """() => {
    const wide = document.documentElement.clientWidth, found = new Set(), range = document.createRange();
    if (document.documentElement.scrollWidth > wide) found.add("scrolls to " + document.documentElement.scrollWidth);
    const passed = ".hide, .skip, .rail, .tabs, .nav, .dial, svg, option, iframe, script";
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode, host = text.parentElement;
        if (!text.data.trim() || !host.checkVisibility() || host.closest(passed)) continue;
        range.selectNodeContents(text);
        const cutters = [];
        for (let box = host; box !== document.body; box = box.parentElement) {
            const { overflowX } = getComputedStyle(box);
            if (overflowX === "hidden" || overflowX === "clip") cutters.push([box, box.getBoundingClientRect()]);
            else if (overflowX !== "visible") break;
        }
        if (cutters.some(([, edge]) => edge.width <= 1)) continue;  // only for those who listen
        const says = text.data.trim().slice(0, 60);
        for (const part of range.getClientRects()) {
            if (!part.width || !part.height) continue;
            if (part.left < -1 || part.right > wide + 1) found.add("outside: " + says);
            for (const [box, edge] of cutters)
                if (part.left < edge.left - 1 || part.right > edge.right + 1 || part.top < edge.top - 3 || part.bottom > edge.bottom + 3)
                    found.add("cut by ." + box.className + ": " + says);
        }
    }
    for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, .btn, img")) {
        const edge = control.getBoundingClientRect();
        if (edge.width && control.checkVisibility() && !control.closest(passed) && (edge.left < -1 || edge.right > wide + 1)) found.add("outside: " + control.outerHTML.slice(0, 90));
    }
    return [...found];
}"""
_STARTS = """() => {
    const wide = document.documentElement.clientWidth, range = document.createRange();
    const side = box => box.left + box.right < wide ? "left" : "right";
    range.selectNodeContents(document.querySelector("h1"));
    return { logo: side(document.querySelector(".logo").getBoundingClientRect()), right: range.getBoundingClientRect().right,
             column: document.querySelector("h1").parentElement.getBoundingClientRect().right };
}"""


@pytest.fixture(
    scope="module",
    params=[IN_TURN, pytest.param(EACH, marks=pytest.mark.proof), pytest.param(SECOND, marks=pytest.mark.proof)],
)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[Demo]:
    """A demo of each example in turn; the second one, whose pages are the same templates, in the long proof."""
    name = request.param.partition("-")[0]
    filled = seeded if name == "utility" else None
    with running_demo(tmp_path_factory.mktemp(request.param), example=name, seeded=filled) as demo:
        yield demo


def fitter(
    page: Page, said: list[str], seen: Mapping[str, Sequence[tuple[int, int]]], *, in_turn: bool = False
) -> Take:
    """Return what judges the page it is called on, in every theme, side and width, or in those whose turn it is."""
    themes = dresses()
    turns = itertools.count()

    def fit(name: str) -> None:
        if page.locator("link[href*='/portal.']").count() == 0:
            return  # a letter, a provider's page: not ours to dress
        page.evaluate("document.fonts.ready.then(() => true)")
        turn = next(turns)
        for number, (theme, css) in enumerate(themes.items()):
            worn = taken(seen, (turn + number) % len(themes), len(themes)) if in_turn else seen
            with dressed(page, css):
                for side, sizes in worn.items():
                    said.extend(_faults(page, f"{name} {theme}", side, sizes))
                page.evaluate("document.documentElement.dir = ''")

    return fit


def taken(
    seen: Mapping[str, Sequence[tuple[int, int]]], turn: int, themes: int
) -> dict[str, Sequence[tuple[int, int]]]:
    """Return the sizes that one theme of `themes` sees at this turn: the narrowest always, of the others its share."""
    every = [(side, size) for side, sizes in seen.items() for size in sizes]
    mine = [every[0], *(each for number, each in enumerate(every[1:]) if number % themes == turn)]
    return {side: [size for where, size in mine if where == side] for side in dict(mine)}


def test_each_size_is_seen_in_some_theme_at_every_turn() -> None:
    every = {(side, size) for side, sizes in SIZES.items() for size in sizes}
    seen = [taken(SIZES, turn, 3) for turn in range(3)]
    assert {(side, size) for one in seen for side, sizes in one.items() for size in sizes} == every
    assert all((320, 256) in one["ltr"] for one in seen)


def _faults(page: Page, where: str, side: str, sizes: Sequence[tuple[int, int]]) -> Iterator[str]:
    page.evaluate("side => { document.documentElement.dir = side }", side)
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        for fault in page.evaluate(_FAULTS):
            yield f"{where} {side} {width}: {fault}"
    yield from _turned(page, where, side)


def _turned(page: Page, where: str, side: str) -> list[str]:
    """The logo and the heading begin where reading begins."""
    starts = page.evaluate(_STARTS)
    wanted = "right" if side == "rtl" else "left"
    wrong = [f"{where} {side}: the logo stands {starts['logo']}"] if starts["logo"] != wanted else []
    if side == "rtl" and abs(starts["right"] - starts["column"]) > 2:
        wrong.append(f"{where} rtl: the heading does not begin at the right")
    return wrong


@pytest.mark.parametrize("walk", [strangers, annas, works, desks], ids=lambda walk: walk.__name__)
def test_no_page_is_cut_in_any_theme_side_or_width(example: Demo, browser: Browser, walk: object) -> None:
    assert callable(walk)
    context = visitor(browser, example, Look(), bypass_csp=True)
    page = context.new_page()
    said: list[str] = []
    seen = SEEN[SECOND if SECOND in example.folder.name else EACH]
    walk(page, fitter(page, said, seen, in_turn=IN_TURN in example.folder.name))
    context.close()
    assert said == [], "\n".join(said)


def test_the_judge_sees_what_is_cut(example: Demo, browser: Browser) -> None:
    """The law is proven by breaking it: a long word in a narrow box, and a wide one."""
    context = visitor(browser, example, Look(width=320), bypass_csp=True)
    page = context.new_page()
    page.goto("/login")
    assert page.evaluate(_FAULTS) == []
    page.add_style_tag(content="main h1 { white-space: nowrap; inline-size: 60px; overflow: hidden }")
    assert any(fault.startswith("cut by") for fault in page.evaluate(_FAULTS))
    page.add_style_tag(content="main form { inline-size: 400px }")
    assert any(fault.startswith(("scrolls to", "outside")) for fault in page.evaluate(_FAULTS))
    context.close()
