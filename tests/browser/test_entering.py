"""Ways in: registration and recovery by letters, the first page of somebody without an account, and refused ones."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.judge import Judge
from tests.browser.stage import ANNA, PASSWORD, Demo, Look

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEWCOMER = "olga@example.org"
PHRASE = "seven quiet herons over a lake"
STORED = """async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length]"""


def test_a_newcomer_registers_confirms_and_finds_an_empty_home(opened: Open, judge: Judge, demo: Demo) -> None:
    page = opened(Look(width=360, scripts=False))
    page.goto("/login")
    page.locator("a[href$='/register']").click()
    judge.look_over(page, page.locator("main [type=submit]"))
    page.fill("[name=name]", "Ольга")
    page.fill("[name=email]", NEWCOMER)
    send(page)
    judge.look_over(page)

    page.goto(link_of(demo, page, NEWCOMER, "/confirm/"))
    judge.look_over(page, page.locator("main [type=submit]"))
    page.fill("[name=password]", "12345")
    send(page)
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    judge.look_over(page)
    page.fill("[name=password]", PHRASE)
    send(page)
    if "/login" in page.url:
        enter(page, NEWCOMER, PHRASE)
    # Led by the hand once the worker heard of them, else to the empty home: both lead on to the account.
    expect(page.locator("#how, #now").first).to_be_visible()
    judge.look_over(page)
    page.goto("/welcome")
    judge.look_over(page)
    page.goto("/claim?by=readings.serial")
    page.fill("[name=number]", "0000000000")
    page.fill("[name=proof]", "nothing")
    send(page)
    expect(page.locator("[data-error-summary]")).to_be_visible()
    judge.look_over(page)


def test_a_forgotten_password_is_set_anew_by_a_letter(fresh_demo: Demo, opened: Open, judge: Judge) -> None:
    page = opened(Look("dark", 1280))
    page.goto("/login")
    enter(page, ANNA, "not this one")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[name=login]")).to_have_value(ANNA)
    judge.look_over(page)
    page.locator("a[href$='/recover']").click()
    judge.look_over(page, page.locator("main [type=submit]"))
    page.fill("[name=login]", ANNA)
    send(page)
    judge.look_over(page)

    link = link_of(fresh_demo, page, ANNA, "/recover/")
    page.goto(link)
    judge.look_over(page)
    page.fill("[name=password]", PHRASE)
    send(page)
    page.goto("/login")
    enter(page, ANNA, PHRASE)
    expect(page).to_have_url(re.compile("/home/"))
    page.goto(link)
    expect(page.locator("[name=password]")).to_have_count(0)
    judge.look_over(page)


def test_a_page_that_is_not_there_leads_home(opened: Open, judge: Judge) -> None:
    page = opened(Look("dark", 360, False))
    answer = page.goto("/nowhere")
    assert answer is not None
    assert answer.status == 404
    judge.look_over(page, page.locator("main .list a"))
    page.locator("main .list a").click()
    expect(page).to_have_url(re.compile("/login"))


def enter(page: Page, login: str, password: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    send(page)


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form [type=submit]").first.click()


def link_of(demo: Demo, page: Page, address: str, path: str) -> str:
    """Open the newest letter to an address in the demo's mailbox and return its link."""
    for _ in range(40):
        page.goto("/mailbox")
        letter = page.locator(f"main .list a:has-text('{address}')").first
        if letter.count():
            letter.click()
            link = page.locator(f"main a[href*='{path}']").first
            if link.count():
                return link.get_attribute("href") or ""
        page.wait_for_timeout(500)
    raise AssertionError(f"No letter with a link {path} came to {address}.")


def test_nothing_of_a_person_is_left_in_the_browsers_stores(opened: Open, demo: Demo) -> None:
    """Neither while pages are walked nor after signing out; the page behind the back button is asked for again."""
    page = opened(Look())
    page.goto("/login")
    enter(page, ANNA, PASSWORD)
    home = page.url
    for path in ("/settings", "/settings/sessions", home):
        page.goto(path)
        assert page.evaluate(STORED) == [0, 0, 0, 0], path
    page.locator("details.drop summary.tool").last.click()
    page.locator("form[action$='/logout'] button").first.click()
    page.wait_for_url("**/login")
    page.go_back()
    expect(page.locator("[name=login]")).to_be_visible()
    assert page.evaluate(STORED) == [0, 0, 0, 0]
    assert not [each for each in page.context.cookies() if "session" in each["name"]]
