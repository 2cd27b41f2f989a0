"""How far everything is from the dashboard: paying, sending readings, asking, choosing notices, last year's bill, in four steps at most.
A step is a press that opens something or sends it; typing and ticking is none. Counted on phone and desk, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.stage import ANNA, WORKS, Demo, Look, running_demo, sign_in, visitor
from tests.browser.test_story import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST = 4
PAYERS = {
    Look("light", 360, False): (ANNA, "Ломоносова, 14, кв. 37"),
    Look("light", 360, True): (ANNA, "Мама, Советская, 52"),
    Look("light", 1280, False): (WORKS, "Заводская, 5, цех 2"),
    Look("light", 1280, True): (WORKS, "Заводская, 7, цех 4"),
}
"""Who pays in which look: an account of their own that owes, for what is paid is paid."""


class Walk:
    """Presses, counted from a dashboard."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.steps = 0
        page.goto(home)

    def press(self, what: Locator) -> None:
        """Press one thing that people see."""
        what.locator("visible=true").first.click()
        self.steps += 1


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[Demo]:
    """A demo of its own: things are paid and sent here."""
    with running_demo(tmp_path_factory.mktemp("steps"), seeded=seeded) as demo:
        yield demo


TRIED = frozenset({Look("light", 360, False), Look("light", 1280, True)})


@pytest.mark.parametrize(
    "look", [pytest.param(each, marks=[] if each in TRIED else pytest.mark.proof) for each in PAYERS], ids=str
)
def test_everything_is_four_steps_away(look: Look, lived_in: Demo, browser: Browser) -> None:
    login, address = PAYERS[look]
    with visitor(browser, lived_in, look) as context:
        page = context.new_page()
        sign_in(page, login)
        homes = {"own": page.url, "owing": home_of(page, address)}
        taken = {
            "choose notices": notices(Walk(page, homes["own"])),
            "last year's bill": old_bill(Walk(page, homes["own"])),
            "pay": pay(Walk(page, homes["owing"])),
            "ask": ask(Walk(page, homes["owing"])),
        }
    with visitor(browser, lived_in, look) as context:
        page = context.new_page()
        sign_in(page, ANNA)
        taken["send readings"] = readings(Walk(page, home_of(page, PAYERS[Look("light", 360, False)][1])))
    print(look, taken)
    assert {task: steps for task, steps in taken.items() if steps > MOST} == {}


def home_of(page: Page, address: str) -> str:
    """Return the address of the dashboard of one of the person's accounts."""
    page.goto("/accounts")
    found = page.locator("main a", has_text=address).first.get_attribute("href")
    assert found
    return found


def pay(walk: Walk) -> int:
    """From the slip through the form to the provider's page, and back to a slip that is torn off."""
    walk.press(walk.page.locator("main .slip .btn"))
    walk.press(walk.page.locator("main form[action*='/pay'] [type=submit]"))
    walk.press(walk.page.locator("[name=act][value=pay]"))
    expect(walk.page).to_have_url(re.compile(r"/payments/[^/]+/payments/"))
    until(walk.page, walk.page.locator("main .slip.torn"))
    return walk.steps


def readings(walk: Walk) -> int:
    """One more unit on the last meter of the form."""
    walk.press(walk.page.locator("a[href^='/readings/']:is(header *, .tabbar *)"))
    field = walk.page.locator("[name^='readings[']").last
    field.fill(str(int(field.get_attribute("data-previous") or 0) // 1000 + 1))
    walk.press(walk.page.locator(".dock [type=submit]"))
    expect(walk.page.locator(".flashes")).to_be_visible()
    return walk.steps


def ask(walk: Walk) -> int:
    """By the menu to what people may ask for; a kind of request, a few words, sent."""
    walk.press(walk.page.locator("a[href^='/tickets/']:is(header *, .tabbar *)"))
    walk.press(walk.page.locator("main a[href$='/new']"))
    walk.press(walk.page.locator("main a[href$='/tickets.other']"))
    walk.page.locator("[name=body]").fill("?")
    walk.press(walk.page.locator("main form[action*='/new/'] [type=submit]"))
    expect(walk.page.locator(".flashes")).to_be_visible()
    return walk.steps


def notices(walk: Walk) -> int:
    """By the bell to the page of choices; a line opens, a tick, and kept."""
    walk.press(walk.page.locator("header a[href$='/notices']"))
    walk.press(walk.page.locator("main a[href$='/settings/notices']"))
    walk.press(walk.page.locator("main .fold > summary"))
    walk.page.locator("main [type=checkbox]:enabled").first.click()
    walk.press(walk.page.locator("main form[action$='/settings/notices'] [type=submit]"))
    expect(walk.page.locator(".flashes")).to_be_visible()
    return walk.steps


def old_bill(walk: Walk) -> int:
    """The bill of this month a year ago."""
    today = date.today()  # noqa: DTZ011 - the demo runs by the clock of this machine
    walk.press(walk.page.locator("a[href^='/payments/']:is(header *, .tabbar *)"))
    walk.press(walk.page.locator("main .table a", has_text=f"{today.year - 1}"))
    expect(walk.page.locator("main h1")).to_contain_text(f"{today.year - 1}")
    return walk.steps
