"""Paying when it does not go by itself: by keyboard alone, with a card that is refused, by leaving the provider's page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.judge import Judge
from tests.browser.stage import ANNA, PASSWORD, Look, sign_in
from tests.browser.test_story import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAYMENT = re.compile(r"/payments/[^/]+/payments/")


def test_a_bill_is_paid_by_keyboard_alone(opened: Open, judge: Judge) -> None:
    page = opened(Look("light", 1280))
    page.goto("/login")
    judge.reach(page, page.locator("[name=login]"))
    page.keyboard.type(ANNA)
    on_to(page, page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/home/"))

    judge.reach(page, page.locator("main .slip .btn"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/pay"))
    judge.reach(page, page.locator("[name=choice]:checked"))
    page.keyboard.press("End")
    while not page.locator("[name=choice][value=other]").is_checked():
        page.keyboard.press("ArrowRight")
    on_to(page, page.locator("[name=amount]"))
    page.keyboard.type("10")
    page.keyboard.press("Enter")

    expect(page.locator("[name=card]").first).to_be_visible()
    on_to(page, page.locator("[name=card][value=success]"))
    on_to(page, page.locator("[name=act][value=pay]"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(PAYMENT)
    until(page, page.locator("main .slip.torn"))
    judge.reach(page, page.locator("main .btn.pri"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/payments/[^/]+/$"))


@pytest.mark.parametrize("look", [Look("dark", 360, False), Look("light", 1280)], ids=str)
def test_a_refused_card_is_told_with_what_to_do(look: Look, opened: Open, judge: Judge) -> None:
    page = opened(look)
    sign_in(page, ANNA)
    ask_for(page, "11")
    page.locator("[name=card][value=insufficient_funds]").check()
    page.locator("[name=act][value=pay]").click()
    expect(page).to_have_url(PAYMENT)
    until(page, page.locator("#state .verdict.bad"))
    judge.look_over(page, page.locator("#state [type=submit]"))
    page.locator("#state [type=submit]").click()
    expect(page.locator("[name=card]").first).to_be_visible()


def test_who_leaves_the_provider_sees_the_payment_waiting_and_can_go_on(opened: Open, judge: Judge) -> None:
    page = opened(Look("light", 360, False))
    sign_in(page, ANNA)
    home = page.url
    ask_for(page, "12")
    page.locator("[name=act][value=leave]").click()
    expect(page).to_have_url(PAYMENT)
    judge.look_over(page, page.locator("main .btn.pri"))
    page.goto(home)
    judge.look_over(page)
    page.locator("main .notice a[href*='/payments/']").click()
    expect(page).to_have_url(PAYMENT)
    page.locator("main .btn.pri").click()
    page.locator("[name=card][value=success]").check()
    page.locator("[name=act][value=pay]").click()
    until(page, page.locator("main .slip.torn"))


def test_a_sum_that_is_none_stays_in_its_field(opened: Open, judge: Judge) -> None:
    page = opened(Look("light", 360, False))
    sign_in(page, ANNA)
    open_form(page)
    expect(page.locator("[name=amount]")).to_be_hidden()
    page.locator(".chip:has([value=other])").click()
    page.fill("[name=amount]", "twelve")
    with page.expect_navigation():
        page.locator("main form [type=submit]").last.click()
    expect(page.locator("[name=amount][aria-invalid=true]")).to_have_value("twelve")
    judge.look_over(page, page.locator("[name=amount]"))


def ask_for(page: Page, amount: str) -> None:
    """Ask to pay an amount; the provider's page is open after it."""
    open_form(page)
    page.locator(".chip:has([value=other])").click()
    page.fill("[name=amount]", amount)
    page.locator("main form [type=submit]").last.click()
    expect(page.locator("[name=card]").first).to_be_visible()


def open_form(page: Page) -> None:
    page.goto(f"/payments/{page.url.rstrip('/').rsplit('/', 1)[-1]}/pay")


def on_to(page: Page, wanted: Locator, most: int = 20) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{most} Tabs do not lead on to {wanted}")
