"""A telecom's customer is four steps from everything: topping up, the promised payment, another plan, a freeze, an offer, equipment, an
outage, a question. Counted as in test_steps: on phone and desk, with and without scripts, each look on a demo of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import ANNA, Look, running_demo, sign_in, visitor
from tests.browser.test_steps import MOST, Walk, home_of, pay
from tests.browser.test_story import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ACCOUNTS = 20
HOME, MOBILE = "Садовая, 8, кв. 15", "900 000-41-70"
LOOKS = [Look("light", width, scripts) for width in (360, 1280) for scripts in (False, True)]
TRIED = LOOKS[0]


@pytest.mark.parametrize(
    "look", [pytest.param(each, marks=[] if each == TRIED else pytest.mark.proof) for each in LOOKS], ids=str
)
def test_everything_of_a_telecom_is_four_steps_away(look: Look, tmp_path: Path, browser: Browser) -> None:
    with running_demo(tmp_path, ACCOUNTS, "telecom") as demo, visitor(browser, demo, look) as context:
        page = context.new_page()
        sign_in(page, ANNA)
        home, mobile = home_of(page, HOME), home_of(page, MOBILE)
        taken = {
            "read of an outage": outage(Walk(page, home)),
            "look after the router": equipment(Walk(page, home)),
            "ask": ask(Walk(page, home)),
            "take an offer": offer(Walk(page, home)),
            "freeze": freeze(Walk(page, home)),
            "promised payment": promise(Walk(page, mobile)),
            "top up": pay_ahead(Walk(page, mobile)),
            "change the plan": plan(Walk(page, mobile)),
            "pay": pay(Walk(page, home)),
        }
        assert demo.policy_reports == []
    print(look, taken)
    assert {task: steps for task, steps in taken.items() if steps > MOST} == {}


def outage(walk: Walk) -> int:
    """From the line of the dashboard to the news of it."""
    walk.press(walk.page.locator("main a[href^='/news/']"))
    expect(walk.page.locator("main")).to_contain_text("Повреждён кабель")
    return walk.steps


def equipment(walk: Walk) -> int:
    """The router that has no contact: since when, and what to do."""
    walk.press(walk.page.locator("#equipment a", has_text="Тукан AX3000"))
    expect(walk.page.locator("#help")).to_be_visible()
    return walk.steps


def ask(walk: Walk) -> int:
    """A question about that router, from its page."""
    walk.press(walk.page.locator("#equipment a", has_text="Тукан AX3000"))
    walk.press(walk.page.locator("#help a"))
    walk.press(walk.page.locator("main a[href*='tickets.repair']"))
    walk.page.locator("main [required]:not(textarea)").first.fill("Прихожая")
    walk.page.locator("[name=body]").fill("Роутер не видит сеть")
    walk.press(walk.page.locator("main form[action*='/new/'] [type=submit]"))
    expect(walk.page.locator(".flashes")).to_be_visible()
    return walk.steps


def offer(walk: Walk) -> int:
    """Two taps: the offer, its button."""
    walk.press(walk.page.locator("#offers a", has_text="Полёт 500"))
    expect(walk.page.locator("#way-back")).to_be_visible()
    return order(walk)


def freeze(walk: Walk) -> int:
    """A service of the card, Freeze, its button."""
    walk.press(walk.page.locator("#services a[href*='/tariffs/']:has(.name)", has_text="Полёт"))
    walk.press(walk.page.locator("#acts a[href$='/freeze']"))
    return order(walk)


def plan(walk: Walk) -> int:
    """A service of the card, Change the plan, another plan, its button."""
    walk.press(walk.page.locator("#services a[href*='/tariffs/']:has(.name)").first)
    walk.press(walk.page.locator("#acts a[href$='/plans']"))
    walk.press(walk.page.locator("#plans a"))
    return order(walk)


def order(walk: Walk) -> int:
    """The button below price, day and the way back."""
    walk.press(walk.page.locator("#when [type=submit]"))
    expect(walk.page).to_have_url(re.compile(r"/tariffs/[^/]+/orders/[^/]+/$"))
    return walk.steps


def promise(walk: Walk) -> int:
    """From the card of services to the terms, and taken."""
    walk.press(walk.page.locator("#services a[href$='/promise']"))
    walk.press(walk.page.locator("main form[action$='/promise'] [type=submit]"))
    expect(walk.page.locator(".flashes")).to_be_visible()
    return walk.steps


def pay_ahead(walk: Walk) -> int:
    """From the card of services through the form to the provider's page and back."""
    walk.press(walk.page.locator("#services a[href$='/pay']"))
    walk.page.locator("main form [name=amount]").fill("500")
    walk.press(walk.page.locator("main form[action*='/pay'] [type=submit]"))
    walk.press(walk.page.locator("[name=act][value=pay]"))
    until(walk.page, walk.page.locator("main .slip.torn"))
    return walk.steps
