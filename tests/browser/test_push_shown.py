"""A push message in a real browser: the portal's service worker shows it, and one message of a thing takes the place of the one before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.stage import ANNA, Demo, Look, sign_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
_SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  return (await worker.getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, url: data && data.url }));
}"""


def registration(page: Page, cdp: CDPSession) -> str:
    """Return how Chromium itself calls the portal's worker, once it has told of it."""
    registered: list[dict[str, Any]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda said: registered.extend(said["registrations"]))
    cdp.send("ServiceWorker.enable")
    for _ in range(50):
        if registered:
            return str(registered[-1]["registrationId"])
        page.wait_for_timeout(100)
    raise AssertionError("No worker is registered.")


def test_the_worker_shows_what_was_pushed_and_replaces_what_it_is_about(browser: Browser, shared_demo: Demo) -> None:
    context = visitor(browser, shared_demo, Look(width=360))
    context.grant_permissions(["notifications"], origin=shared_demo.address)
    page = context.new_page()
    sign_in(page, ANNA)
    page.goto("/settings/notices")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    cdp = context.new_cdp_session(page)
    worker = registration(page, cdp)

    def push(said: str) -> None:
        message = {"origin": shared_demo.address, "registrationId": worker, "data": said}
        cdp.send("ServiceWorker.deliverPushMessage", message)

    def shown(wanted: int, body: str) -> list[dict[str, Any]]:
        for _ in range(50):
            found: list[dict[str, Any]] = page.evaluate(_SHOWN)
            if len(found) == wanted and body in [each["body"] for each in found]:
                return found
            page.wait_for_timeout(100)
        raise AssertionError(f"{found} is shown")

    about = {"id": "bill1", "title": "Ключ", "url": f"{shared_demo.address}/notices/bill1"}
    push(json.dumps(about | {"body": "Есть новости."}))
    (first,) = shown(1, "Есть новости.")
    push(json.dumps(about | {"body": "Счёт за ноябрь"}))
    (second,) = shown(1, "Счёт за ноябрь")
    push("no JSON at all")
    strange = [each for each in shown(2, "") if each["tag"] != "bill1"]

    assert first == about_shown(about, "Есть новости.")
    assert second == about_shown(about, "Счёт за ноябрь")
    assert [each["url"] for each in strange] == [None]
    context.close()


def about_shown(about: dict[str, str], body: str) -> dict[str, str]:
    """What the browser holds of a message."""
    return {"title": about["title"], "body": body, "tag": about["id"], "url": about["url"]}
