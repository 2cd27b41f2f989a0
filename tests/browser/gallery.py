"""Pictures of every page of a demo portal: `python -m tests.browser.gallery OUT [--address URL] [--looks light-360-nojs-ru,...]`.

Without an address a demo of its own is started. `--docs` takes only the kit's pictures for the
documentation. The twelve key pages in every theme: pictures.py.
"""

from __future__ import annotations

import argparse
import itertools
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.kit_pictures import kit
from tests.browser.stage import ADMIN, ANNA, MODES, WORKS, Demo, Look, chromium, running_demo, sign_in, visitor

Take = Callable[[str], None]
STRANGER = "olga@example.org"


def looks() -> list[Look]:
    """Every look without scripts: both widths, modes and languages."""
    return [
        Look(mode, width, False, language)
        for mode, width, language in itertools.product(MODES, (1280, 360), ("ru", "en"))
    ]


def strangers(page: Page, take: Take) -> None:
    """What somebody sees who is not signed in."""
    for path, name in (("/login", "login"), ("/register", "register"), ("/recover", "recover")):
        page.goto(path)
        take(name)
    page.goto("/login")
    page.fill("[name=login]", "nobody@example.org")
    page.fill("[name=password]", "wrong wrong wrong")
    _send(page)
    take("login-refused")
    page.goto("/register")
    page.fill("[name=name]", "Ольга")
    page.fill("[name=email]", "olga@example")
    _send(page)
    take("register-errors")
    page.goto("/recover")
    page.fill("[name=login]", "nobody@example.org")
    _send(page)
    take("recover-sent")
    for path, name in (("/confirm/none", "link-gone"), ("/nowhere", "404-stranger"), ("/mailbox", "mailbox")):
        page.goto(path)
        take(name)
    letter = page.locator("main .list a").first
    if letter.count():
        letter.click()
        take("letter")
        page.goto(page.url + "/html")
        take("letter-html")


def annas(page: Page, take: Take) -> None:
    """A customer's pages, the states of payments among them."""
    sign_in(page, ANNA)
    take("home")
    here = _account(page)
    metered = page.locator("a[href*='/readings/']").count() > 0
    for name, path in (
        ("bills", f"/payments/{here}/"),
        ("movements", f"/payments/{here}/movements"),
        ("pay", f"/payments/{here}/pay"),
        *((("readings", f"/readings/{here}/"), ("readings-history", f"/readings/{here}/history")) if metered else ()),
        ("history", f"/home/{here}/history"),
        ("notices", "/notices"),
        ("settings", "/settings"),
        ("sessions", "/settings/sessions"),
        ("password", "/settings/password"),
        ("accounts", "/accounts"),
        ("403", "/staff/"),
        ("404", f"/payments/{here}/bills/none"),
    ):
        page.goto(path)
        take(name)
    _bills(page, take, here)
    if metered:
        _readings(page, take, here)
    page.goto(f"/home/{here}/")
    others = page.locator(".drop-body .place, .places .place")
    for place, href in enumerate({link.get_attribute("href") or "": None for link in others.all()}):
        page.goto(href)
        take(f"home-other-{place}")


def _bills(page: Page, take: Take, here: str) -> None:
    page.goto(f"/payments/{here}/")
    links = [link.get_attribute("href") or "" for link in page.locator("main a[href*='/bills/']").all()]
    for name, href in (("bill", links[0]), ("bill-paid", links[-1])):
        page.goto(href)
        take(name)
    page.goto(f"/payments/{here}/pay")
    page.locator("[name=choice][value=other]").check(force=True)
    _send(page)
    take("pay-errors")


def _readings(page: Page, take: Take, here: str) -> None:
    page.goto(f"/readings/{here}/")
    fields = page.locator("[name^='readings[']")
    for place, field in enumerate(fields.all()):
        field.fill(("1", "99999,5", "12,3,4")[place % 3])
    _send(page)
    take("readings-errors")
    for place, field in enumerate(fields.all()):
        field.fill("" if place else "99999")
    _send(page)
    take("readings-doubt")


def payers(page: Page, take: Take) -> None:
    """One payment that waits, one that is declined, one that succeeds: each picture is taken on the way back."""
    sign_in(page, ANNA)
    here = _account(page)
    for name, card in (("waiting", ""), ("declined", "insufficient_funds"), ("paid", "success")):
        page.goto(f"/payments/{here}/pay")
        page.locator("[name=choice][value=other]").check(force=True)
        page.fill("[name=amount]", "10")
        _send(page)
        if not card:
            take("provider")
        else:
            page.locator(f"[name=card][value={card}]").check()
        page.locator(f"[name=act][value={'pay' if card else 'leave'}]").click()
        page.wait_for_url(re.compile("/payments/[^/]+/payments/"))
        if name != "waiting":
            page.wait_for_timeout(4000)
            page.reload()
        take(f"payment-{name}")


def works(page: Page, take: Take) -> None:
    """An organisation with several accounts."""
    sign_in(page, WORKS)
    take("works-home")
    page.goto("/accounts")
    take("works-accounts")


def desks(page: Page, take: Take) -> None:
    """The pages of the company's people."""
    sign_in(page, ADMIN)
    take("staff-home")
    for name, query in (("found", "Заводская"), ("nobody", "zzzz")):
        page.goto(f"/staff/?q={query}")
        take(f"staff-{name}")
    page.goto("/staff/?q=Анна")
    if "/accounts/" not in page.url:
        page.locator("main a[href*='/staff/accounts/']").first.click()
    take("staff-card")
    for item in [link.get_attribute("href") or "" for link in page.locator(".rail a").all()]:
        page.goto(item)
        take("staff-" + (item.rstrip("/").rsplit("/", 1)[-1]))


WALKS = (strangers, annas, works, desks, payers)


def everything(browser: Browser, demo: Demo, out: Path, chosen: list[Look]) -> None:
    """Take every page in every look: OUT/<look>/<page>.png."""
    for look in chosen:
        folder = out / str(look)
        folder.mkdir(parents=True, exist_ok=True)
        for walk in WALKS:
            context = visitor(browser, demo, look)
            page = context.new_page()

            def take(name: str, page: Page = page, folder: Path = folder) -> None:
                page.screenshot(path=folder / f"{name}.png", full_page=True)

            walk(page, take)
            context.close()


def _send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form[method=post] [type=submit]").first.click()


def _account(page: Page) -> str:
    return page.url.rstrip("/").rsplit("/", 1)[-1]


@contextmanager
def _stage(address: str) -> Iterator[Demo]:
    with tempfile.TemporaryDirectory() as folder:
        own = nullcontext(Demo(address, Path(folder))) if address else running_demo(Path(folder))
        with own as demo:
            yield demo


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--address", default="")
    parser.add_argument("--looks", default="")
    parser.add_argument("--docs", action="store_true")
    given = parser.parse_args()
    wanted = given.looks.split(",") if given.looks else []
    given.out.mkdir(parents=True, exist_ok=True)
    with _stage(given.address) as demo, sync_playwright() as playwright:
        browser = chromium(playwright)
        if given.docs:
            kit(browser, demo, given.out)
        else:
            everything(browser, demo, given.out, [look for look in looks() if not wanted or str(look) in wanted])
        browser.close()


if __name__ == "__main__":
    main()
