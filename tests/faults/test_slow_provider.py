"""A provider that does not answer holds up those who pay and nobody else; nobody asks it, or the post, inside a unit of work."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.foreign import ForeignCallInUnit
from lkportal.core.unit import open_unit
from lkportal.modules.payments.desk import Desk
from lkportal.notify.post.posting import Post
from lkportal.testing import Recipe, SandboxDriver, World, portals
from tests.faults import processes
from tests.faults.payers import Payer

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
SLOW_CALLS = 45
SLOTS = 8
OTHERS = ("/home/{account}/", "/payments/{account}/", "/readings/{account}/", "/notices", "/settings", "/login")


class SilentProvider:
    """Takes calls and keeps them waiting until `let_go`; from then on it hangs up on everybody at once."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._held: list[socket.socket] = []
        self._gone = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def await_calls(self, count: int) -> None:
        """Return when `count` calls wait."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._held) >= count, 60), f"only {len(self._held)} calls came"

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._held)

    def let_go(self) -> None:
        """Hang up."""
        with self._news:
            self._gone = True
            for each in self._held:
                each.close()

    def close(self) -> None:
        """Stop listening."""
        self.let_go()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _take(self) -> None:
        while True:
            try:
                call, _ = self._listener.accept()
            except OSError:
                return
            with self._news:
                if self._gone:
                    call.close()
                else:
                    self._held.append(call)
                    self._news.notify_all()


@contextmanager
def silent_provider() -> Iterator[SilentProvider]:
    provider = SilentProvider()
    try:
        yield provider
    finally:
        provider.close()


@ON_SQLITE
def test_forty_five_slow_calls_hold_up_no_other_page(portal_url: str, tmp_path: Path) -> None:
    with silent_provider() as provider, processes.shared_port() as port:
        address = f"http://127.0.0.1:{port}"
        shop = {
            "shop_id": "1",
            "secret_key": "x",
            "base_url": f"{provider.address}/v3",
            "payment_page_origins": [provider.address],
            "timeout": 60,
        }
        layer = {
            "portal": {"public_url": address},
            "payments": {"yookassa": shop},
            "web": {"slow_slots": SLOTS, "queue_seconds": 120},
        }
        overrides = portals.settings(portal_url, str(tmp_path), layer)
        clock = MovableClock(datetime.now(UTC))
        with (
            Recipe(overrides).running(clock) as portal,
            processes.several(overrides, port, tmp_path, 1),
            ThreadPoolExecutor(SLOW_CALLS) as crowd,
        ):
            payer = one_payer(portal, clock, address)
            with payer.client:
                slow = [crowd.submit(payer.decide, 10_000 + 100 * number) for number in range(SLOW_CALLS)]
                try:
                    provider.await_calls(SLOTS)
                    for path in OTHERS * 3:
                        answer = payer.client.get(address + path.format(account=payer.account.public_id))
                        assert answer.status_code in (200, 303), path
                    # Every other page has been answered, and not one of those who pay.
                    assert (provider.waiting, [each.done() for each in slow]) == (SLOTS, [False] * SLOW_CALLS)
                finally:
                    provider.let_go()
                assert len({each.result() for each in slow}) == SLOW_CALLS


def one_payer(portal: Portal, clock: MovableClock, address: str) -> Payer:
    """Return the browser of one customer, who sends every form once."""
    world = World(portal.database, clock, portal.ports)
    account = world.account()
    nobody: SandboxDriver = None  # type: ignore[assignment]
    payer = Payer(portal, nobody, world.customer("anna@example.org", account), account, [address], Once())
    payer.client.close()
    payer.client = httpx2.Client(
        trust_env=False, timeout=120, headers=payer.client.headers, limits=httpx2.Limits(max_connections=100)
    )
    return payer


class Once(random.Random):
    """Dice by which nobody clicks twice."""

    def random(self) -> float:
        """Return the greatest."""
        return 0.999


@ON_SQLITE
def test_the_provider_is_not_asked_inside_a_unit(portal: Portal, gateway: SandboxDriver) -> None:
    asked = portal.ports.get(Desk).open_gateway
    with (
        open_unit(portal.database, portal.unit_context()),
        pytest.raises(ForeignCallInUnit, match="commit the intent first"),
    ):
        asked.fetch("2f1c3a4e-000f-5000-9000-1b2c3d4e5f60")


@ON_SQLITE
def test_a_letter_is_not_handed_over_inside_a_unit(portal: Portal) -> None:
    with open_unit(portal.database, portal.unit_context()), pytest.raises(ForeignCallInUnit, match="the mail server"):
        portal.ports.get(Post).deliver(
            to="a@example.org",
            template="auth/letters/password_changed",
            values={},
            locale="en",
            brand="",
            message_id="one",
        )
