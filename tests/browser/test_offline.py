"""Readings without a network: typed into the installed app in a cellar, kept while the browser is closed, sent once when there is one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect, sync_playwright

from lkportal.modules.readings.tests.hostile import photo
from tests.browser.stage import ANNA, Demo, program, sign_in
from tests.browser.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Start = Callable[[], BrowserContext]

PHOTOS_SENT_OFFLINE = (
    "SELECT count(*) FROM readings_photos JOIN readings_readings ON readings_readings.id = reading_id "
    "WHERE channel = 'offline'"
)


@pytest.fixture
def wire(fresh_demo: Demo) -> Iterator[Wire]:
    between = Wire(fresh_demo.address)
    yield between
    between.cut()


@pytest.fixture
def start(tmp_path: Path, wire: Wire) -> Iterator[Start]:
    """Open the one browser of a phone: closed and started again, it has what it had."""
    with sync_playwright() as playwright:
        opened: list[BrowserContext] = []

        def begin() -> BrowserContext:
            made = playwright.chromium.launch_persistent_context(
                str(tmp_path / "phone"),
                executable_path=program(),
                args=["--no-sandbox", "--disable-gpu"],
                base_url=wire.address,
                viewport={"width": 360, "height": 800},
                locale="ru",
                reduced_motion="reduce",
            )
            made.set_default_timeout(30_000)
            opened.append(made)
            return made

        yield begin
        for each in opened:
            each.close()


def asked(demo: Demo, statement: str) -> list[tuple[Any, ...]]:
    (file,) = demo.folder.glob("var/utility/*.db")
    with closing(sqlite3.connect(file)) as database:
        return database.execute(statement).fetchall()


def kept(page: Page, path: str) -> bool:
    """Whether the device keeps the form of the meters."""
    found: bool = page.evaluate(
        "async (path) => { for (const name of await caches.keys()) if (await (await caches.open(name)).match(path)) return true; return false; }",
        path,
    )
    return found


def arrived(page: Page, demo: Demo) -> list[tuple[Any, ...]]:
    """Return what came from the device, as soon as anything did."""
    for _ in range(150):
        stored = asked(demo, "SELECT taken_at, token FROM readings_readings WHERE channel = 'offline'")
        if stored:
            return stored
        page.wait_for_timeout(200)
    raise AssertionError("Nothing was sent.")


def wait_for(page: Page, path: str) -> None:
    for _ in range(100):
        if kept(page, path):
            return
        page.wait_for_timeout(200)
    raise AssertionError("The form is not kept.")


def fill_in(page: Page) -> None:
    """Type three values and choose a photo."""
    dials = page.locator("[data-whole]")
    assert dials.count() == 3
    for place in range(3):
        last = int(dials.nth(place).get_attribute("data-previous") or 0)
        dials.nth(place).fill(str(last // 1000 + 2))
    page.locator("summary").first.click()
    picture = FilePayload(name="m.jpg", mimeType="image/jpeg", buffer=photo())
    page.locator("input[type=file]").first.set_input_files(picture)


def test_three_meters_with_a_photo_wait_for_the_network_and_are_stored_once(
    fresh_demo: Demo, wire: Wire, start: Start
) -> None:
    phone = start()
    page = phone.pages[0]
    sign_in(page, ANNA)
    page.goto(str(page.locator("a[href*='/readings/']").first.get_attribute("href")))
    listed = page.url
    path = re.sub(r"https?://[^/]+", "", listed) + "kept"
    wait_for(page, path)

    wire.cut()
    page.goto(listed)
    expect(page.locator("h1")).to_have_text("Показания без сети")
    fill_in(page)
    before = datetime.now(UTC)
    page.get_by_role("button", name="Сохранить и отправить позже").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    phone.close()
    assert asked(fresh_demo, "SELECT count(*) FROM readings_readings WHERE channel = 'offline'") == [(0,)]

    phone = start()
    page = phone.pages[0]
    page.goto(listed)
    expect(page.locator("[data-list] li")).to_have_count(1)
    wire.mend()
    sign_in(page, ANNA)
    page.goto(listed)
    stored = arrived(page, fresh_demo)
    # The page opens itself anew when it is told; a reload of ours would meet that one.
    expect(page.locator("[data-waiting]")).to_be_hidden(timeout=30_000)
    assert arrived(page, fresh_demo) == stored, "once"
    assert (len(stored), len({token for _, token in stored})) == (3, 1)
    taken = {datetime.fromisoformat(str(moment)).replace(tzinfo=UTC) for moment, _ in stored}
    assert all(timedelta(0) <= moment - before + timedelta(seconds=1) < timedelta(minutes=2) for moment in taken)
    assert asked(fresh_demo, PHOTOS_SENT_OFFLINE) == [(1,)]

    page.locator("form[action*='logout'] button, button:has-text('Выйти')").first.evaluate("button => button.click()")
    page.wait_for_url("**/login**")
    assert not kept(page, path), "what the device kept goes with the session"
