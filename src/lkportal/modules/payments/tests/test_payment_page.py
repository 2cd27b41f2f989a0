"""The sandbox's payment page in a real browser without scripts: usable, accessible, fitting, within its own policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from lkportal.core import foreign
from lkportal.modules.payments.gateways.yookassa import YooKassa
from lkportal.testing.gateways import intent
from lkportal.testing.sandbox import SandboxDriver, sandbox_process

Colours = Literal["light", "dark"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxDriver]:
    with sandbox_process() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "colours", "language"), [(320, "dark", "ru-RU"), (1280, "light", "en-US")])
def test_the_story_of_a_code_without_scripts(
    sandbox: SandboxDriver, browser: Browser, width: int, colours: Colours, language: str
) -> None:
    with foreign.client(timeout=10) as client:
        gateway = YooKassa(sandbox.settings(), client)
        # Back "to the shop" is another address of the sandbox: the browser only has to be let through.
        created = gateway.create(intent(return_url=f"{sandbox.address}/checkout/back"))
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, color_scheme=colours, java_script_enabled=False
        )
        page = context.new_page()
        page.goto(created.next_step.value)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.check("input[value=secure]")
        page.click("button[value=pay]")
        page.fill("#code", "1234")
        page.click("button[value=code]")
        assert page.url.endswith("/checkout/back")
        assert gateway.fetch(created.payment.provider_id).status == "succeeded"
        context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_step_is_accessible(sandbox: SandboxDriver, browser: Browser, colours: Colours) -> None:
    with foreign.client(timeout=10) as client:
        url = YooKassa(sandbox.settings(), client).create(intent()).next_step.value
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=colours, bypass_csp=True)
    page = context.new_page()
    page.goto(url)
    page.click("summary")
    found = [_violations(page)]
    page.check("input[value=secure]")
    page.click("button[value=pay]")
    found.append(_violations(page))
    page.goto(f"{sandbox.address}/checkout/nothing")
    found.append(_violations(page))
    assert found == [[], [], []]
    context.close()


def _violations(page: object) -> list[str]:
    return [f"{broken['id']}: {broken['nodes'][0]['html']}" for broken in Axe().run(page)["violations"]]
