"""The kit in a real Chromium under the portal's policy: nothing blocked, nothing clipped at 320 px, axe-core silent, the script's
small services at work, and everything still there without it."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import axe
from tests.theming import gallery

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("kit")]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'nonce-gallery'; form-action 'self'; connect-src 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types htmx"
)


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves the gallery under the policy the portal sends."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Stay quiet."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery, built and served on a free port."""
    folder = tmp_path_factory.mktemp("gallery")
    gallery.build(folder)
    (folder / "favicon.ico").write_bytes(b"")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 360, "height": 780})
    yield opened
    opened.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_page_passes_the_judge_and_the_policy(address: str, page: Page, mode: str) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    for name in gallery.names():
        page.goto(f"{address}{Path(name).stem}-{mode}.html")
        assert axe.violations(page) == [], name
    assert heard == []


@pytest.mark.parametrize("width", [320, 640, 1024])
def test_nothing_sticks_out(address: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    for name in gallery.names():
        page.goto(f"{address}{Path(name).stem}-light.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_targets_of_a_finger_are_large(address: str, page: Page) -> None:
    small = """() => [...document.querySelectorAll("button, .btn, .tool, .tabbar a, .chip, .control, summary, .act")]
        .filter(one => one.offsetParent && one.getBoundingClientRect().height < 40).map(one => one.outerHTML)"""
    for name in ("dashboard", "pay", "settings", "readings"):
        page.goto(f"{address}{name}-light.html")
        assert page.evaluate(small) == [], name


def test_a_reading_is_typed_into_one_native_field_and_drawn_as_the_meter_shows_it(address: str, page: Page) -> None:
    page.goto(f"{address}readings-light.html")
    field = page.locator("#m2")
    field.fill("241,5")
    assert page.locator("#m2 + .drum").inner_text().replace("\n", "") == "002415··"
    assert page.locator("#m2-diff").inner_text() == "+3,5\u00a0м³"
    field.fill("2")
    assert page.locator("#m2-diff").get_attribute("class") == "bad"
    field.fill("2411234")
    assert page.locator(".dial.drawn > #m2").count() == 0, "what does not fit the window is shown as it was typed"
    assert page.locator(".dial > input").count() == 5


def test_a_password_can_be_seen_and_hidden_again(address: str, page: Page) -> None:
    page.goto(f"{address}signin-light.html")
    page.fill("#password", "lkportal-demo")
    eye = page.get_by_role("button", name="Показать пароль")
    eye.click()
    assert page.get_attribute("#password", "type") == "text"
    page.get_by_role("button", name="Скрыть пароль").click()
    assert page.get_attribute("#password", "type") == "password"


def test_a_form_goes_once_and_says_so(address: str, page: Page) -> None:
    page.goto(f"{address}pay-light.html")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method))
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault(), true)")
    button = page.get_by_role("button", name="Перейти к оплате")
    button.click()
    assert page.locator(".btn[aria-busy=true]").inner_text() == "Открываем страницу банка…"
    page.locator(".btn[aria-busy=true]").click()
    assert "POST" not in sent


def test_a_question_opens_as_a_dialog_and_escape_leaves_it(address: str, page: Page) -> None:
    page.goto(f"{address}settings-light.html")
    page.get_by_role("link", name="Выйти везде").click()
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_without_a_script_the_same_fields_are_there(address: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    page = context.new_page()
    page.goto(f"{address}readings-light.html")
    page.fill("#m1", "417,2")
    assert page.input_value("#m1") == "417,2"
    assert page.locator(".drum").count() == 0
    page.goto(f"{address}dashboard-light.html")
    page.locator(".tabbar summary").click()
    assert page.get_by_role("link", name="Документы").last.is_visible()
    context.close()


def test_who_dislikes_motion_sees_the_torn_slip_at_once(address: str, chromium: Browser) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}payment-light.html")
    lasts = page.evaluate("getComputedStyle(document.querySelector('.torn > .slip-stub')).animationDuration")
    assert float(lasts.removesuffix("s")) < 0.001
    context.close()
