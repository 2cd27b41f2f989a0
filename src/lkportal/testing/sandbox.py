"""The sandbox provider as a process of its own, and its driver for tests: what the payer and the provider do."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from lkportal.modules.payments.gateways.settings import YooKassaSettings
from lkportal.testing.providers.driver import Callback, Operation

SHOP, SECRET = "100500", "test_sandbox"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
ROOT = Path(__file__).parents[2]


@contextmanager
def sandbox_process(notify: str = "", state: str = ":memory:", port: int = 0) -> Iterator[SandboxDriver]:
    """Run the sandbox on a free port (or on `port`) until the block ends; yield its driver."""
    command = [sys.executable, "-m", "lkportal.modules.payments.sandbox", "--port", str(port), "--shop", SHOP]
    command += ["--secret", SECRET, "--notify", notify, "--state", state]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    try:
        with httpx2.Client(base_url=address, auth=(SHOP, SECRET), trust_env=False, timeout=20.0) as client:
            yield SandboxDriver(address, client, process.pid)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@dataclass(frozen=True, slots=True)
class SandboxDriver:
    """Plays the payer and the provider through the sandbox's control. `pid` is its process."""

    address: str
    client: httpx2.Client
    pid: int

    def settings(self, **changes: Any) -> YooKassaSettings:
        """Return settings of a shop at this sandbox, with `changes`."""
        known: dict[str, Any] = {
            "shop_id": SHOP,
            "secret_key": SecretStr(SECRET),
            "base_url": f"{self.address}/v3",
            "payment_page_origins": (self.address,),
            "notification_networks": LOOPBACK,
        }
        return YooKassaSettings(**known | changes)

    def pay(self, provider_id: str, card: str = "success", code: str = "1234") -> dict[str, Any]:
        """Use a card of the payment page; `code` answers the 3-D Secure step."""
        return self._post("pay", payment_id=provider_id, card=card, code=code)

    def decline(self, provider_id: str) -> str:
        """Try a card without money."""
        self.pay(provider_id, "insufficient_funds")
        return "insufficient_funds"

    def plan(self, operation: str, fault: str, **more: Any) -> None:
        """Plan a misfortune; see `faults.plan` of the sandbox for its words."""
        self._post("plan", operation=operation, fault=fault, **more)

    def lose_answer(self, operation: Operation) -> None:
        """Do the next call, answer two seconds late."""
        self.plan(operation, "timeout_after", seconds=2)

    def fail_after(self, operation: Operation) -> None:
        """Do the next call, answer 500."""
        self.plan(operation, "error_after")

    def talk_nonsense(self, operation: Operation) -> None:
        """Do the next call, answer what is no JSON."""
        self.plan(operation, "garbage")

    def be_busy(self, operation: Operation, seconds: int) -> None:
        """Answer 429 to the next call."""
        self.plan(operation, "too_many", seconds=seconds)

    def summary(self, **metadata: str) -> dict[str, Any]:
        """Return {"payments": {status: count}, "taken": minor units, "refunded": minor units}, narrowed by metadata."""
        return self._json(self.client.get("/_control/summary", params=metadata))

    def count(self, public_id: str) -> int:
        """Tell how many payments the provider holds for our public id."""
        return sum(self.summary(payment_id=public_id)["payments"].values())

    def given_back(self, public_id: str) -> int:
        """Tell how much the provider refunded for our public id."""
        return int(self.summary(payment_id=public_id)["refunded"])

    def notices(self, provider_id: str = "") -> list[dict[str, Any]]:
        """Return the notices written so far: id, event, state, attempts, answer, body."""
        answer = self._json(self.client.get("/_control/notices", params={"payment_id": provider_id}))
        return list(answer["items"])

    def send(self, notice_id: int) -> int:
        """Send a notice now, whatever its state; return what the merchant answered."""
        return int(self._post(f"notices/{notice_id}/send")["answer"])

    def settled(self, seconds: float = 5) -> bool:
        """Wait until nothing is due or under way."""
        return bool(self._post("settled", seconds=seconds)["settled"])

    def move_clock(self, seconds: float) -> None:
        """Move the sandbox's clock."""
        self._post("clock", seconds=seconds)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The shop's key, and as it travels."""
        return SECRET, b64encode(f"{SHOP}:{SECRET}".encode()).decode()

    def retell(self, provider_id: str, *, amount: int = 0, currency: str = "", state: str = "") -> bool:
        """Tell of a payment otherwise from now on."""
        self._post("retell", payment_id=provider_id, amount=amount, currency=currency, status=state)
        return True

    def turn_saved(self, token: str, reason: str) -> str:
        """Let charges by a saved method be refused from now on."""
        word = {"no_money": "insufficient_funds", "revoked": "permission_revoked"}[reason]
        self._post("method", method_id=token, outcome=word)
        return word

    def callbacks(self, provider_id: str) -> list[Callback]:
        """Return the notices about a payment as the portal would get them."""
        return [Callback(json.dumps(notice["body"]).encode(), "127.0.0.1") for notice in self.notices(provider_id)]

    def forgeries(self, callback: Callback) -> list[Callback]:
        """Foreign addresses, and bodies that make no sense."""
        foreign = (
            "203.0.113.7",
            "10.0.0.1",
            "::ffff:203.0.113.7",
            "2001:db8::1",
            "",
            "not an address",
            "127.0.0.1, 1.2.3.4",
        )
        broken = (b"", b"null", b"[]", b"{}", b"\xff\xfe", b'{"type":"notification","event":"payment.succeeded"}')
        crooked = b'{"type":"notification","event":"payment.succeeded","object":{"id":"../me"}}'
        deep = b"[" * 100_000
        return [
            *(Callback(callback.body, address) for address in foreign),
            *(Callback(body, callback.peer_ip) for body in (*broken, crooked, deep)),
        ]

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._json(self.client.post(f"/_control/{path}", json=body))

    @staticmethod
    def _json(answer: httpx2.Response) -> dict[str, Any]:
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
