"""The company's people: find a customer by what they say, see everything of them on one card, in both looks; what a role may
not see is not there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.judge import Judge
from tests.browser.stage import ADMIN, OPERATOR, WORKS, Look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("look", [Look("light", 360, False), Look("dark", 1280, True, "en")], ids=str)
def test_an_operator_finds_a_customer_and_sees_everything(look: Look, opened: Open, judge: Judge) -> None:
    page = opened(look)
    sign_in(page, OPERATOR)
    expect(page).to_have_url(re.compile("/staff/$"))
    judge.look_over(page, page.locator("[name=q]"))
    page.fill("[name=q]", "ломоносова 14")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if "/accounts/" not in page.url:
        judge.look_over(page)
        page.locator("main a[href*='/accounts/']").first.click()
    expect(page).to_have_url(re.compile("/staff/accounts/"))
    for part in ("#bills", "#payments", "#readings", "#people", "#history"):
        expect(page.locator(part)).to_be_visible()
    judge.look_over(page)
    page.goto("/staff/?q=zzzz")
    judge.look_over(page)


def test_an_administrator_reads_every_page_of_the_desk(opened: Open, judge: Judge) -> None:
    """What axe-core says of these pages is asked where every page is looked at."""
    page = opened(Look("light", 1280))
    sign_in(page, ADMIN)
    for href in [link.get_attribute("href") or "" for link in page.locator(".rail a").all()]:
        page.goto(href)
        judge.read_over(page)


def test_a_bookkeeper_of_many_accounts_finds_each(opened: Open, judge: Judge) -> None:
    page = opened(Look("dark", 360, False))
    sign_in(page, WORKS)
    judge.look_over(page)
    page.goto("/accounts")
    judge.look_over(page)
    expect(page.locator("main .place")).to_have_count(6)


@pytest.mark.parametrize("look", [Look("light", 360, False), Look("dark", 1280)], ids=str)
def test_every_other_page_of_a_customer_is_read_over(look: Look, opened: Open, judge: Judge) -> None:
    """Its widths and words. What axe-core says of these pages is asked where every page is looked at."""
    page = opened(look)
    sign_in(page, "anna@example.org")
    here = page.url.rstrip("/").rsplit("/", 1)[-1]
    for path in (
        f"/payments/{here}/",
        f"/payments/{here}/movements",
        f"/home/{here}/history",
        "/notices",
        "/settings",
        "/settings/sessions",
        "/settings/password",
        "/accounts",
    ):
        page.goto(path)
        judge.read_over(page)
