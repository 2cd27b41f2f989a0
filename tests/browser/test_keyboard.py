"""Every journey by keyboard alone, on a phone's width without scripts and on a desk's with them: sign in, send readings, change settings,
sign out; the company's people find a customer. The focus is seen at every step, is never lost and never under what floats."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.judge import Judge
from tests.browser.stage import ANNA, OPERATOR, PASSWORD, Look

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOKS = [Look("light", 1280), Look("dark", 320, False)]
MOST = 90
_FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body || one === document.documentElement) return "nothing has the focus";
    const seen = e => e && getComputedStyle(e).outlineStyle !== "none" && parseFloat(getComputedStyle(e).outlineWidth) > 1;
    if (one.matches("main[tabindex]")) return "";
    const said = one.outerHTML.slice(0, 120);
    if (!seen(one) && !seen(one.closest(".chip, .check, .switch, .drum, .dial, .affix, .pick"))) return "no ring: " + said;
    const box = (one.closest(".chip, .check, .switch") || one).getBoundingClientRect();
    if (box.right < 1 || box.bottom < 1 || box.left > innerWidth - 1 || box.top > innerHeight - 1) return "out of sight: " + said;
    const [x, y] = [Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2), Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2)];
    const top = document.elementFromPoint(x, y);
    const near = top && (one.contains(top) || top.contains(one) || one.closest("label, .chip, .check, .switch, .field, .drum, .dial")?.contains(top));
    return near ? "" : "under " + (top ? top.outerHTML.slice(0, 80) : "nothing") + ": " + said;
}"""
"""What is wrong with where the focus is: it must have a ring, be within the window and not lie wholly under something else."""


def sign_out(page: Page) -> None:
    """Leave by the menu of the person."""
    open_menu(page)
    press(page, page.locator("header .drop form[action$='/logout'] button"))
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_customer_needs_no_mouse(look: Look, fresh_demo: object, opened: Open, judge: Judge) -> None:
    page = opened(look)
    sign_in(page, ANNA)
    expect(page).to_have_url(re.compile("/home/"))

    press(page, page.locator("header a[href*='/readings/'], .tabbar a[href*='/readings/']"))
    fields = page.locator("[name^='readings[']")
    for field in fields.all():
        to(page, field)
        page.keyboard.type(str(int(field.get_attribute("data-previous") or 0) // 1000 + 3))
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_be_visible()

    open_menu(page)
    press(page, page.locator("header .drop a[href$='/settings']"))
    expect(page).to_have_url(re.compile("/settings$"))
    press(page, page.locator("main a[href$='/settings/profile']"))
    name = page.locator("main [name=name]")
    to(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.type("Анна")
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_be_visible()

    sign_out(page)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_operator_needs_no_mouse(look: Look, opened: Open, judge: Judge) -> None:
    page = opened(look)
    sign_in(page, OPERATOR)
    to(page, page.locator("[name=q]").first)
    page.keyboard.type(ANNA)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=|/accounts/"))
    if "/accounts/" not in page.url:
        press(page, page.locator("main a[href*='/staff/accounts/']"))
    expect(page.locator("#bills")).to_be_visible()
    sign_out(page)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_focus_is_never_lost_on_a_long_page(look: Look, opened: Open, judge: Judge) -> None:
    page = opened(look)
    sign_in(page, ANNA)
    for path in (page.url, "/settings", "/notices"):
        page.goto(path)
        first = page.locator("a.skip")
        page.keyboard.press("Tab")
        expect(first).to_be_focused()
        for _ in range(MOST):
            wrong = page.evaluate(_FOCUS)
            assert not wrong, f"{page.url}: {wrong}"
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body || document.activeElement.matches('a.skip')"):
                break
        else:
            raise AssertionError(f"{page.url}: {MOST} Tabs do not come to its end")


def sign_in(page: Page, login: str) -> None:
    """Sign in by keyboard."""
    page.goto("/login")
    to(page, page.locator("[name=login]"))
    page.keyboard.type(login)
    to(page, page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def open_menu(page: Page) -> None:
    """Open the person's menu: it is the last of the header's."""
    summary = page.locator("header .drop > summary").last
    to(page, summary)
    page.keyboard.press("Space")
    expect(page.locator("header .drop[open]")).to_have_count(1)


def press(page: Page, wanted: Locator) -> None:
    """Tab on to a visible one of these and press it; the next page is open after it."""
    to(page, wanted.locator("visible=true").first)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus; every stop on the way is seen, once the page is all there: its sheet draws the ring."""
    page.wait_for_load_state()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        wrong = page.evaluate(_FOCUS)
        assert not wrong, f"{page.url}: {wrong}"
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{page.url}: {MOST} Tabs do not lead to {wanted}")
