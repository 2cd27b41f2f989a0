"""Forty secrets go through every door of the portal; a copy of its database, its log and its letters hold none of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.core.protection.crypto import new_key
from lkportal.testing import PASSWORD, Logs, Mailbox, SandboxDriver, Visitor, World, utility
from lkportal.testing.dumps import dump
from lkportal.testing.forms import forms_of
from lkportal.testing.town import Town

SECRET_KEY, KEY, SMTP_PASSWORD = "canary of the signing key 7c1f", new_key("canary"), "canary of the mail server"
_TOKEN_LINK = re.compile(r"/(?:confirm|recover)/([A-Za-z0-9_-]{20,})")


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {
        "secret_key": SECRET_KEY,
        "encryption_keys": [KEY],
        # The tests' mail server asks for no password: this one is only kept.
        "mail": {"password": SMTP_PASSWORD},
    }


class Canaries:
    """The secrets that were used, and what the portal answered."""

    def __init__(self) -> None:
        self.secrets: list[str] = [SECRET_KEY, KEY.partition(":")[2], SMTP_PASSWORD]
        self.answers: list[str] = []
        self._number = 0

    def password(self) -> str:
        """Return a new password that nobody else has."""
        self._number += 1
        self.secrets.append(f"canary {self._number} sings behind the seventh gate")
        return self.secrets[-1]

    def met(self, visitor: Visitor) -> None:
        """Remember the cookies a browser holds by now."""
        self.secrets += [cookie.value for cookie in visitor.client.cookies.jar if cookie.value]

    def heard(self, answer: Any) -> None:
        """Remember an answer: its address and its page."""
        self.answers.append(f"{answer.headers.get('location', '')}\n{answer.text}")


class TestSecrets:
    def test_none_is_in_a_copy_of_the_database_or_in_the_log(
        self,
        gateway: SandboxDriver,
        portal: Portal,
        world: World,
        account: AccountRef,
        visit: Callable[..., Visitor],
        mailbox: Mailbox,
        logs: Logs,
        work_off: Callable[[], int],
    ) -> None:
        canaries = Canaries()
        tokens: list[str] = []
        self.strangers_guess(visit, canaries)
        tokens += self.people_join(visit, canaries, mailbox, work_off)
        tokens += self.a_password_is_forgotten(visit, canaries, mailbox, work_off, world)
        self.a_password_is_changed(visit, canaries, world, account)
        self.a_bill_is_paid(visit, canaries, portal, world, account)
        work_off()

        secrets = sorted({*canaries.secrets, *tokens})
        assert len(secrets) >= 40
        held, log = dump(portal.database), logs.text
        letters = "\n".join(letter.whole for letter in mailbox.letters)
        answers = "\n".join(canaries.answers)
        assert len(log) > 10_000
        assert "$argon2id$" in held
        for secret in secrets:
            assert secret not in held, f"the database holds {secret}"
            assert secret not in log, f"the log holds {secret}"
            assert secret not in answers or secret in tokens, f"an answer holds {secret}"
            assert secret not in letters or secret in tokens, f"a letter holds {secret}"

    def strangers_guess(self, visit: Callable[..., Visitor], canaries: Canaries) -> None:
        for number in range(8):
            visitor = visit(network=f"203.0.113.{number}")
            answer = visitor.sign_in(f"nobody{number}@example.org", canaries.password())
            assert answer.status_code == 422
            canaries.heard(answer)
            canaries.met(visitor)

    def people_join(
        self, visit: Callable[..., Visitor], canaries: Canaries, mailbox: Mailbox, work_off: Callable[[], int]
    ) -> list[str]:
        tokens = []
        for number in range(3):
            visitor, email = visit(), f"joins{number}@example.org"
            canaries.heard(visitor.post("/register", {"name": "Vera", "email": email}))
            work_off()
            tokens.append(token := token_in(mailbox.to(email)[-1].text))
            password = canaries.password()
            done = visitor.post(f"/confirm/{token}", {"password": password})
            assert done.status_code == 303
            canaries.heard(done)
            signed = visitor.sign_in(email, password)
            assert signed.status_code == 303
            canaries.met(visitor)
        return tokens

    def a_password_is_forgotten(
        self,
        visit: Callable[..., Visitor],
        canaries: Canaries,
        mailbox: Mailbox,
        work_off: Callable[[], int],
        world: World,
    ) -> list[str]:
        tokens = []
        for number in range(3):
            login = f"forgets{number}@example.org"
            world.customer(login)
            visitor = visit()
            canaries.heard(visitor.post("/recover", {"login": login}))
            work_off()
            tokens.append(token := token_in(mailbox.to(login)[-1].text))
            canaries.heard(visitor.post(f"/recover/{token}", {"password": "short"}))
            done = visitor.post(f"/recover/{token}", {"password": canaries.password()})
            assert done.status_code == 303
            canaries.heard(done)
            canaries.met(visitor)
        return tokens

    def a_password_is_changed(
        self, visit: Callable[..., Visitor], canaries: Canaries, world: World, account: AccountRef
    ) -> None:
        world.customer("changes@example.org", account)
        visitor = visit()
        assert visitor.sign_in("changes@example.org", PASSWORD).status_code == 303
        canaries.met(visitor)
        wrong = visitor.post("/settings/password", {"current": canaries.password(), "password": canaries.password()})
        assert wrong.status_code == 422
        canaries.heard(wrong)
        fresh = canaries.password()
        assert visitor.post("/settings/password", {"current": PASSWORD, "password": fresh}).status_code == 303
        canaries.met(visitor)
        canaries.heard(visitor.post("/step-up", {"password": canaries.password()}))
        assert visitor.post("/step-up", {"password": fresh}).status_code == 303
        canaries.met(visitor)
        canaries.heard(visitor.get("/settings/sessions"))
        canaries.secrets.append(visitor.token("/settings"))

    def a_bill_is_paid(
        self, visit: Callable[..., Visitor], canaries: Canaries, portal: Portal, world: World, account: AccountRef
    ) -> None:
        canaries.secrets.append(portal.settings_of("payments").yookassa.secret_key.get_secret_value())
        town = Town(portal, world, accounts={"own": account})
        for put in utility.PLANTS.values():
            put(town, account)
        visitor = visit(world.customer("pays@example.org", account), account)
        answer = visitor.get(visitor.url("payments:pay"))
        canaries.heard(answer)
        form = next(form for form in forms_of(answer.text) if form.action == visitor.url("payments:start"))
        started = visitor.post(visitor.url("payments:start"), form.filled("100", ""))
        assert started.status_code == 303, started.text
        canaries.heard(started)
        canaries.met(visitor)


def test_a_copy_shows_what_is_in_it(portal: Portal, world: World) -> None:
    world.organisation("canary in a cage")
    held = dump(portal.database)
    assert "canary in a cage" in held
    assert "accounts_brands" in held


def token_in(letter: str) -> str:
    """Return the secret of the link in a letter."""
    found = _TOKEN_LINK.search(letter)
    assert found is not None, letter
    return found[1]
