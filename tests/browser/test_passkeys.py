"""Passkeys in a real Chromium with a virtual authenticator: made, used without typing a name, refused when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.browser.judge import Judge
from tests.browser.stage import PASSWORD, Demo, Look, visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEV = "lev@example.org"
FORM = "form[data-passkey]"
ENGLISH = Look(language="en")


@dataclass(frozen=True, slots=True)
class Device:
    """A virtual authenticator of a page's browser, as the devtools protocol has it."""

    protocol: CDPSession
    id: str

    def keys(self) -> list[dict[str, Any]]:
        """Return the keys it holds."""
        found: list[dict[str, Any]] = self._send("getCredentials")["credentials"]
        return found

    def count_back(self, to: int) -> None:
        """Put the counter of its key back, as a copy made earlier would have it."""
        (key,) = self.keys()
        self._send("removeCredential", credentialId=key["credentialId"])
        self._send("addCredential", credential={**key, "signCount": to})

    def forget_owner(self, page: Page) -> None:
        """Put its key into a device that cannot tell who touches it. (Chromium makes no such key where nobody can be told.)"""
        (key,) = self.keys()
        self._send("removeVirtualAuthenticator")
        device(page, verifies=False)._send("addCredential", credential=key)

    def _send(self, act: str, **values: Any) -> Any:
        return self.protocol.send(f"WebAuthn.{act}", {"authenticatorId": self.id, **values})


def device(page: Page, *, verifies: bool = True) -> Device:
    """Give a page's browser a device that holds keys; without `verifies` it has no way to recognise its owner."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal" if verifies else "usb",
        "hasResidentKey": True,
        "hasUserVerification": verifies,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(protocol, made["authenticatorId"])


@pytest.fixture
def site(demo: Demo) -> str:
    """The town across the river: its address is a name, as passkeys need."""
    return demo.address.replace("127.0.0.1", "second.localhost")


@contextmanager
def at(browser: Browser, demo: Demo, site: str, look: Look = ENGLISH, *, offers: bool = False) -> Iterator[Page]:
    """A page of a new browser at this address. `offers`: it lists keys under the field of the login by itself."""
    context = visitor(browser, demo, look)
    if not offers:
        context.add_init_script(
            "if (window.PublicKeyCredential) delete PublicKeyCredential.isConditionalMediationAvailable"
        )
    page = context.new_page()
    page.goto(f"{site}/login")
    yield page
    context.close()


def by_password(page: Page, site: str) -> None:
    page.goto(f"{site}/login")
    page.fill("[name=login]", LEV)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def make_key(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/settings/passkeys/new")
    page.fill("[name=name]", name)
    page.locator(f"{FORM} [type=submit]").click()
    page.wait_for_url(lambda url: url.startswith(f"{site}/settings/passkeys?"))


def row(page: Page, name: str) -> Locator:
    """The newest key of this name on the list."""
    return page.locator("#passkeys li", has_text=name).last


def leave(page: Page, site: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/login")


def by_key(page: Page) -> None:
    page.locator(f"{FORM} [type=submit]").click()


def test_a_key_is_made_and_opens_without_a_name(browser: Browser, shared_demo: Demo, site: str, judge: Judge) -> None:
    with at(browser, shared_demo, site) as page:
        judge.listen(page)
        held = device(page)
        expect(page.locator(FORM)).to_be_visible()
        by_password(page, site)
        page.goto(f"{site}/settings/passkeys")
        judge.look_over(page)
        page.goto(f"{site}/settings/passkeys/new")
        judge.look_over(page, page.locator(f"{FORM} [type=submit]"))
        make_key(page, site, "Phone")
        expect(page.locator("#passkeys")).to_contain_text("Phone")
        judge.look_over(page)
        (key,) = held.keys()
        assert key["isResidentCredential"]
        assert key["rpId"] == "second.localhost"

        leave(page, site)
        expect(page.locator("[name=login]")).to_be_empty()
        by_key(page)
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(f"{site}/settings/passkeys")
        expect(row(page, "Phone")).to_contain_text("Last used")
        row(page, "Phone").locator("a").click()
        judge.look_over(page)


def test_two_devices_and_one_removed(browser: Browser, shared_demo: Demo, site: str) -> None:
    with at(browser, shared_demo, site) as page, at(browser, shared_demo, site) as other:
        for each, name in ((page, "Phone"), (other, "Laptop")):
            device(each)
            by_password(each, site)
            make_key(each, site, name)
        page.goto(f"{site}/settings/passkeys")
        row(page, "Laptop").locator("a").click()
        page.locator("a.btn.danger").click()
        page.locator("main .btn.danger").click()
        page.wait_for_url(lambda url: "changed" in url)
        expect(page.locator("#passkeys")).not_to_contain_text("Laptop")

        leave(other, site)
        by_key(other)
        expect(other.locator("[data-error-summary]")).to_contain_text("did not open anything")
        leave(page, site)
        by_key(page)
        page.wait_for_url(lambda url: "/login" not in url)


def test_a_device_holds_one_key_of_a_person(browser: Browser, shared_demo: Demo, site: str) -> None:
    with at(browser, shared_demo, site) as page:
        held = device(page)
        by_password(page, site)
        make_key(page, site, "Phone")
        page.goto(f"{site}/settings/passkeys/new")
        page.locator(f"{FORM} [type=submit]").click()

        expect(page.locator("[data-known]")).to_have_text("This device holds a passkey of yours already.")
        assert len(held.keys()) == 1


def test_a_device_that_does_not_know_its_owner_is_a_second_factor_and_no_sign_in(
    browser: Browser, shared_demo: Demo, site: str
) -> None:
    """Beside the password it proves that its holder is there; alone Chromium lets it answer nobody who typed no name."""
    with at(browser, shared_demo, site) as page:
        held = device(page)
        by_password(page, site)
        make_key(page, site, "Key on a ring")
        held.forget_owner(page)
        page.goto(f"{site}/step-up?next=/settings/passkeys/new")
        by_key(page)
        page.wait_for_url(f"{site}/settings/passkeys/new")

        leave(page, site)
        by_key(page)
        expect(page.locator("[data-failed]")).to_contain_text("The device gave no passkey")


def test_a_counter_that_goes_back_is_refused_and_told(browser: Browser, shared_demo: Demo, site: str) -> None:
    with at(browser, shared_demo, site) as page:
        held = device(page)
        by_password(page, site)
        make_key(page, site, "Copied")
        for _ in range(2):
            leave(page, site)
            by_key(page)
            page.wait_for_url(lambda url: "/login" not in url)
        held.count_back(0)
        leave(page, site)
        by_key(page)

        expect(page.locator("[data-error-summary]")).to_contain_text("may have been copied")
        by_password(page, site)
        page.goto(f"{site}/settings/passkeys")
        expect(row(page, "Copied")).to_contain_text("May be copied")


@pytest.mark.parametrize("domain", ["evil.example", "localhost"])
def test_a_page_that_asks_for_another_domain_gets_nothing(
    browser: Browser, shared_demo: Demo, site: str, domain: str
) -> None:
    with at(browser, shared_demo, site) as page:
        device(page)
        by_password(page, site)
        make_key(page, site, "Phone")
        leave(page, site)
        page.evaluate(
            "domain => { const form = document.querySelector('form[data-passkey]'); form.replaceWith(form.cloneNode(true));"
            " const twin = document.querySelector('form[data-passkey]'); delete twin.dataset.wired; delete twin.dataset.autofill;"
            " twin.dataset.passkey = JSON.stringify({...JSON.parse(twin.dataset.passkey), rpId: domain}); }",
            domain,
        )
        address = page.locator("script[src*='passkeys']").get_attribute("src")
        nonce = page.evaluate("document.querySelector(\"script[src*='passkeys']\").nonce")
        page.evaluate(
            "([address, nonce]) => new Promise(done => { const script = document.createElement('script'); script.nonce = nonce;"
            " script.onload = done; const policy = trustedTypes.createPolicy('htmx', {createScriptURL: text => text});"
            " script.src = policy.createScriptURL(address + '?again'); document.head.append(script); })",
            [address, nonce],
        )
        by_key(page)

        expect(page.locator("[data-failed]")).to_contain_text("The device gave no passkey")
        assert "/login" in page.url


def test_keys_are_offered_in_the_field_of_the_login(browser: Browser, shared_demo: Demo, site: str) -> None:
    """The browser's own list under the field (conditional mediation): it answers by itself when the device is touched."""
    with at(browser, shared_demo, site, offers=True) as page:
        expect(page.locator("[name=login]")).to_have_attribute("autocomplete", "username webauthn")
        device(page)
        by_password(page, site)
        make_key(page, site, "Phone")
        leave(page, site)
        page.wait_for_url(lambda url: "/login" not in url)


def test_without_a_script_the_page_says_what_else_to_do(browser: Browser, shared_demo: Demo, site: str) -> None:
    with at(browser, shared_demo, site, Look(scripts=False, language="en")) as page:
        expect(page.locator(FORM)).to_be_hidden()
        by_password(page, site)
        page.goto(f"{site}/settings/passkeys/new")
        expect(page.locator("main")).to_contain_text("sign in with the password or a code")


def test_the_script_goes_with_pages_that_ask_alone(browser: Browser, shared_demo: Demo, site: str) -> None:
    with at(browser, shared_demo, site) as page:
        expect(page.locator("script[src*='passkeys']")).to_have_count(1)
        by_password(page, site)
        for path in ("/", "/settings/passkeys", "/settings/sessions"):
            page.goto(f"{site}{path}")
            expect(page.locator("script[src*='passkeys']")).to_have_count(0)


def test_after_signing_out_the_back_button_shows_nothing(browser: Browser, shared_demo: Demo, site: str) -> None:
    with at(browser, shared_demo, site) as page:
        by_password(page, site)
        page.goto(f"{site}/settings/sessions")
        expect(page.locator("#devices")).to_be_visible()
        page.goto(f"{site}/settings/password")
        page.evaluate(
            "token => fetch('/logout', {method: 'POST', body: new URLSearchParams({csrf_token: token})})",
            page.locator("[name=csrf_token]").first.get_attribute("value"),
        )
        page.go_back()

        expect(page).to_have_url(re.compile("/login"))
        expect(page.locator("#devices")).to_have_count(0)
