"""People who pay at a served portal over HTTP, and a provider in a bad mood: what they do is drawn from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import uuid4

import httpx2
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.auth import sessions
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import open_unit
from lkportal.testing import SandboxDriver
from lkportal.testing.visitors import CHROME
from lkportal.web.cookies import SESSION, cookie_name
from tests.faults import laws

CARDS = ("success",) * 7 + ("secure", "insufficient_funds", "card_expired")
NOTICES = ("double", "delay", "hold", "lost", "")
CALLS = ("",) * 9 + ("error_before", "error_after", "garbage", "too_many")
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


def signed_in(portal: Portal, actor: Actor) -> dict[str, str]:
    """Sign somebody in; return the headers of their browser."""
    with open_unit(portal.database, portal.unit_context("test")) as db:
        settings = portal.settings_of("auth")
        begun = sessions.begin(db, actor.id or 0, actor.kind, sessions.Origin(), settings)
    site = portal.sites[0]
    return {
        "cookie": f"{cookie_name(site, SESSION)}={begun.token}",
        "user-agent": CHROME,
        "origin": site.origin,
        "accept-language": "en",
    }


@dataclass
class Payer:
    """A signed-in browser of the owner of an account, without scripts. `addresses` are those of the processes that serve."""

    portal: Portal
    provider: SandboxDriver
    actor: Actor
    account: AccountRef
    addresses: Sequence[str]
    dice: random.Random
    seen: list[int] = field(default_factory=list)
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=60))

    def __post_init__(self) -> None:
        self.client.headers.update(signed_in(self.portal, self.actor))
        self.home = f"/payments/{self.account.public_id}"

    def story(self, amount: int) -> str:
        """Pay `amount` as people do, then close the browser; return the public id of the payment."""
        with self.client:
            return self.pay(amount)

    def pay(self, amount: int) -> str:
        """Pay `amount` with all that may go wrong; return the public id of the payment."""
        self._plan("create", self.dice.choice(CALLS))
        payment = self.decide(amount)
        self._plan_notices(payment)
        self._plan("fetch", self.dice.choice(CALLS), payment)
        if self.dice.random() < 0.2:
            self.come_back(payment)
        if self.dice.random() < 0.93:
            self.use_card(payment)
        for _ in range(self.dice.randrange(3)):
            self.come_back(payment)
        if self.dice.random() < 0.15:
            self.get_some_back(payment, amount)
        return payment

    def decide(self, amount: int) -> str:
        """Send the form of a payment, sometimes twice; return the payment's public id."""
        page = self.send("GET", f"{self.home}/pay")
        token = _TOKEN.search(page.text)
        assert token is not None, page.text
        form = {"csrf_token": unescape(token[1]), "token": public_id(), "amount": f"{amount // 100},{amount % 100:02}"}
        for _ in range(1 + (self.dice.random() < 0.3)):
            answer = self.send("POST", f"{self.home}/pay", data=form)
            assert answer.status_code == 303, answer.text
        with self.portal.database.reading() as connection:
            found = connection.execute(
                text("SELECT public_id FROM payments_payments WHERE token = :token"), {"token": form["token"]}
            )
            return str(found.scalar_one())

    def use_card(self, payment: str) -> None:
        """Use a card at the provider's page, whatever the portal knows of it."""
        for known in self.at_provider(payment):
            self.provider.pay(known["id"], self.dice.choice(CARDS))

    def come_back(self, payment: str) -> None:
        """Open the page that the provider leads back to."""
        answer = self.send("GET", f"{self.home}/payments/{payment}")
        assert answer.status_code in (200, 503), answer.text

    def get_some_back(self, payment: str, amount: int) -> None:
        """The company gives a part back at the provider's own desk."""
        for known in self.at_provider(payment):
            if known["status"] == "succeeded":
                part = {"value": f"{amount // 300}.00", "currency": "RUB"}
                self.provider.client.post(
                    "/v3/refunds",
                    json={"payment_id": known["id"], "amount": part},
                    headers={"Idempotence-Key": str(uuid4())},
                ).raise_for_status()

    def at_provider(self, payment: str) -> list[dict[str, Any]]:
        """Return what the provider holds of a payment, also when its answer to the portal was lost."""
        # Found by listing, which no misfortune is planned for.
        return [each for each in laws.taken(self.provider) if each["metadata"]["payment_id"] == payment]

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask one of the processes."""
        answer = self.client.request(method, self.dice.choice(list(self.addresses)) + path, **more)
        self.seen.append(answer.status_code)
        return answer

    def _plan_notices(self, payment: str) -> None:
        for event in ("payment.succeeded", "payment.canceled", "refund.succeeded"):
            fault = self.dice.choice(NOTICES)
            if fault:
                wish = {"event": event, "seconds": self.dice.choice((0.2, 0.6, 1.5)), "copies": self.dice.randint(2, 5)}
                self.provider.plan("notify", fault, match={"metadata": {"payment_id": payment}}, **wish)

    def _plan(self, operation: str, fault: str, payment: str = "") -> None:
        if fault:
            match = {"metadata": {"payment_id": payment}} if payment else {}
            self.provider.plan(operation, fault, match=match, seconds=1, times=self.dice.randint(1, 2))
