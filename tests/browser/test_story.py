"""The whole story of a customer, walked as people do: sign in, see what is due, pay it at the provider's page, send readings,
read the letters, look at another address, sign out. Two looks in every run, all eight in the long proof."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import Open
from tests.browser.judge import Judge
from tests.browser.stage import ANNA, MODES, Demo, Look, sign_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE: ViewportSize = {"width": 390, "height": 844}
JUMP = 500


LOOKS = [
    Look(mode, width, scripts, "ru" if (mode == "light") == (width == 360) else "en")
    for mode, width, scripts in itertools.product(MODES, (360, 1280), (False, True))
]
PLAIN = [Look("light", 360, False, "ru"), Look("dark", 1280, True, "ru")]


@pytest.mark.parametrize("look", PLAIN, ids=str)
def test_a_customer_pays_sends_readings_and_leaves(
    look: Look, fresh_demo: Demo, opened: Open, judge: Judge, browser: Browser
) -> None:
    walk(look, fresh_demo, opened(look), judge, browser)


@pytest.mark.proof
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_story_is_the_same_in_every_look(
    look: Look, fresh_demo: Demo, opened: Open, judge: Judge, browser: Browser
) -> None:
    walk(look, fresh_demo, opened(look), judge, browser)


def walk(look: Look, demo: Demo, page: Page, judge: Judge, browser: Browser) -> None:
    """The story, with every page judged on the way."""
    sign_in_carefully(page, judge)
    home = page.url
    see_what_is_due(page, judge)
    open_the_bill(page, judge)
    pay(page, judge)
    page.goto(home)
    expect(page.locator("main .slip")).to_have_count(0)
    judge.look_over(page)

    send_readings(page, judge)
    see_history(page, judge)
    read_letters(page, judge)

    page.goto(home)
    switch_account(page, judge)
    cookies = page.context.cookies()
    sign_out(page, judge)
    with visitor(browser, demo, look) as thief:
        thief.add_cookies(cookies)  # type: ignore[arg-type]
        stolen = thief.new_page()
        stolen.goto(home)
        expect(stolen).to_have_url(re.compile("/login"))


def sign_in_carefully(page: Page, judge: Judge) -> None:
    page.goto("/login")
    judge.look_over(page, page.locator("main form [type=submit]").first)
    sign_in(page, ANNA)
    expect(page).to_have_url(re.compile(r"/home/[^/]+/$"))


def see_what_is_due(page: Page, judge: Judge) -> None:
    """The amount and its button are in the first view of a phone, over the bar of sections."""
    pay_button = page.locator("main .slip .btn")
    judge.look_over(page, pay_button)
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    ceiling = page.locator(".tabbar").bounding_box()
    for part in (page.locator("main .slip .sum"), pay_button):
        box = part.bounding_box()
        assert box is not None
        assert ceiling is not None
        assert box["y"] + box["height"] <= ceiling["y"], "what is due does not fit the first view of a phone"
    page.set_viewport_size(size or PHONE)


def open_the_bill(page: Page, judge: Judge) -> None:
    due = page.locator("main .slip .sum").inner_text()
    page.locator("main .slip a[href*='/bills/']").click()
    expect(page).to_have_url(re.compile("/bills/"))
    expect(page.locator("main .slip .sum")).to_have_text(due)
    assert sum_of(page.locator("main .table tfoot .r").last.inner_text()) == sum_of(due)
    judge.look_over(page, page.locator("main .slip .btn"))
    page.locator("main .slip .btn").click()
    expect(page).to_have_url(re.compile("/pay"))


def pay(page: Page, judge: Judge) -> None:
    """Through the portal's form to the provider's own page, and back."""
    form = page.locator("main form[action*='/pay']")
    judge.look_over(page, form.locator("[type=submit]"))
    owed = sum_of(form.locator("label:has(:checked)").inner_text())
    form.locator("[type=submit]").click()
    expect(page.locator("[name=card]").first).to_be_visible()
    assert sum_of(page.locator(".amount").inner_text()) == owed
    page.locator("[name=card][value=success]").check()
    page.locator("[name=act][value=pay]").click()
    expect(page).to_have_url(re.compile(r"/payments/[^/]+/payments/"))
    until(page, page.locator("main .slip.torn"))
    assert sum_of(page.locator("main .slip .sum").inner_text()) == owed
    judge.look_over(page, page.locator("main .btn.pri"))


def send_readings(page: Page, judge: Judge) -> None:
    """One below the last, mended to a jump, confirmed."""
    page.goto(
        page.locator("header a[href*='/readings/'], .tabbar a[href*='/readings/']").first.get_attribute("href") or ""
    )
    fields = page.locator("[name^='readings[']")
    expect(fields).to_have_count(3)
    before = [int(field.get_attribute("data-previous") or 0) // 1000 for field in fields.all()]
    judge.look_over(page, page.locator(".dock [type=submit]"))
    typed = [str(before[0] - 1), str(before[1] + 3), str(before[2] + 3)]
    fill(fields, typed)
    send(page)

    wrong = page.locator("[name^='readings['][aria-invalid=true]")
    expect(wrong).to_have_count(1)
    assert [field.input_value() for field in fields.all()] == typed
    judge.look_over(page)
    page.locator("[data-error-summary] a").click()
    expect(wrong).to_be_focused()

    fill(fields, [str(before[0] + JUMP), *typed[1:]])
    send(page)
    box = page.locator("[name^='confirmed[']")
    expect(box).to_have_count(1)
    assert [field.input_value() for field in fields.all()] == [str(before[0] + JUMP), *typed[1:]]
    judge.look_over(page, box)
    box.check()
    send(page)
    expect(page.locator(".flashes")).to_be_visible()
    expect(page.locator("main .meter .st.ok")).to_have_count(3)
    judge.look_over(page)


def see_history(page: Page, judge: Judge) -> None:
    page.locator("main a[href$='/history']").click()
    expect(page).to_have_url(re.compile("/readings/.*/history$"))
    rows = page.locator("main .table").last.locator("tbody tr")
    first = [row.inner_text() for row in rows.all()[:3]]
    assert any(f"+{JUMP - 1}" in text or f"+{JUMP}" in text for text in first), first
    judge.look_over(page)


def read_letters(page: Page, judge: Judge) -> None:
    page.goto("/mailbox")
    letters = page.locator("main .list a")
    until(page, letters.nth(3))
    expect(letters).to_have_count(4)  # a payment by itself, told of before; the new device, the payment, the readings
    judge.look_over(page)
    letters.first.click()
    expect(page).to_have_url(re.compile("/mailbox/"))
    judge.look_over(page)


def switch_account(page: Page, judge: Judge) -> None:
    title = page.locator("h1").inner_text()
    if page.viewport_size and page.viewport_size["width"] < 640:
        page.locator("main .drop > summary").click()
    page.locator("main .place:visible").first.click()
    expect(page.locator("h1")).not_to_have_text(title)
    judge.look_over(page)


def sign_out(page: Page, judge: Judge) -> None:
    page.locator("header .drop > summary").click()
    page.locator("header .drop form[action$='/logout'] button").click()
    expect(page).to_have_url(re.compile("/login"))
    judge.look_over(page)


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".dock [type=submit]").click()


def until(page: Page, wanted: Locator) -> None:
    """Reload until it is there: what comes by a worker or a notification takes a moment."""
    for _ in range(40):
        if wanted.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{page.url} never showed {wanted}")


def fill(fields: Locator, values: list[str]) -> None:
    for field, value in zip(fields.all(), values, strict=True):
        field.fill(value)


def sum_of(text: str) -> int:
    """Return the kopecks of the first amount in a text, in either language's setting."""
    found = re.search(r"(\d[\d\s ,]*)[.,](\d\d)(?!\d)", text)
    assert found, text
    return int(re.sub(r"\D", "", found[1])) * 100 + int(found[2])
