"""A flood of notifications over each gateway: doubled, reordered and lost. Whatever comes, each payment the provider took is credited
once and the books sum to zero. In make test two threads deliver, in the proof two processes, each with a gateway and a connection of
its own; whole portals as processes are in `tests/faults/test_pay_path.py`."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from lkportal.core import foreign
from lkportal.core.db import Database
from lkportal.core.protection.crypto import KeyRing, new_key
from lkportal.modules.payments.contract import GatewayUnavailable, PaymentGateway
from lkportal.modules.payments.gateways.stripe import Stripe
from lkportal.modules.payments.gateways.tbank import TBank
from lkportal.modules.payments.gateways.yookassa import YooKassa
from lkportal.modules.payments.paying import asking
from lkportal.modules.payments.tests.world import World, around, world
from lkportal.testing.providers.driver import Callback
from lkportal.testing.providers.fake import served
from lkportal.testing.providers.stripe import FakeStripe, signed
from lkportal.testing.providers.tbank import FakeTBank
from lkportal.testing.sandbox import SandboxDriver, sandbox_process

Provided = tuple[Any, PaymentGateway]


@contextmanager
def _stripe() -> Iterator[Provided]:
    provider = FakeStripe()
    yield provider, Stripe(provider.settings(), provider.client(), lambda: datetime.now(UTC))


@contextmanager
def _tbank() -> Iterator[Provided]:
    provider = FakeTBank()
    yield provider, TBank(provider.settings(), provider.client())


@contextmanager
def _yookassa() -> Iterator[Provided]:
    with sandbox_process() as provider, foreign.client(timeout=10) as client:
        yield provider, YooKassa(provider.settings(), client)


each_gateway = pytest.mark.parametrize("provided", [_yookassa, _stripe, _tbank], ids=lambda make: make.__name__[1:])


@pytest.fixture
def key() -> str:
    """The key of the books, in words that reach another process."""
    return new_key("flood")


@pytest.fixture
def keyring(key: str) -> KeyRing:
    """What the books of these stories are encrypted by."""
    return KeyRing.parse([key])


@each_gateway
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_five_hundred_notifications_credit_each_payment_once(database: Database, provided: Callable[[], Any]) -> None:
    with provided() as (provider, gateway):
        _flood(world(database, gateway), provider, payments=25, notices=500, seed=5)


@pytest.mark.proof
@each_gateway
def test_five_thousand_notifications_at_two_processes_credit_each_payment_once(
    database: Database, database_url: str, key: str, provided: Callable[[], Any]
) -> None:
    with provided() as (provider, gateway), ExitStack() as served_too:
        address = "" if isinstance(provider, SandboxDriver) else served_too.enter_context(served(provider.handle))
        there = Elsewhere(database_url, key, gateway.name, _settings_of(provider, address))
        home = world(database, gateway)
        _flood(home, provider, payments=250, notices=5_000, seed=6, deliver=there.deliver)


@dataclass(frozen=True)
class Elsewhere:
    """How another process reaches the same books and the same provider."""

    url: str
    key: str
    gateway: str
    settings: Any

    def deliver(self, storm: Sequence[list[Callback]]) -> None:
        """Deliver each part of a storm in a process of its own, all at once."""
        with ProcessPoolExecutor(len(storm), multiprocessing.get_context("spawn")) as pool:
            list(pool.map(_deliver_there, [self] * len(storm), storm))


def _deliver_there(there: Elsewhere, storm: list[Callback]) -> None:
    database = Database.connect(there.url, pool_size=4, keyring=KeyRing.parse([there.key]))
    with foreign.client(timeout=20) as client:
        made: dict[str, Callable[[], PaymentGateway]] = {
            "stripe": lambda: Stripe(there.settings, client, lambda: datetime.now(UTC)),
            "tbank": lambda: TBank(there.settings, client),
            "yookassa": lambda: YooKassa(there.settings, client),
        }
        _deliver(around(database, made[there.gateway]()), storm)
    database.close()


def _settings_of(provider: Any, address: str) -> Any:
    return provider.settings(base_url=address) if address else provider.settings()


def _flood(
    home: World,
    provider: Any,
    *,
    payments: int,
    notices: int,
    seed: int,
    deliver: Callable[[Sequence[list[Callback]]], None] | None = None,
) -> None:
    dice = random.Random(seed)
    names = {home.started(100 * dice.randint(10, 900) + number): number for number in range(payments)}
    known = {name: str(home.case(name).provider_id) for name in names}
    paid = [name for name in names if dice.random() < 0.8]
    for name in paid:
        provider.pay(known[name])
    heard = [name for name in names if dice.random() < 0.9]  # of the others every notice is lost
    genuine = [call for name in heard for call in provider.callbacks(known[name])]
    storm = [dice.choice(genuine) for _ in range(notices)]
    halves = (storm[0::2], storm[1::2])
    if deliver is not None:
        deliver(halves)
    else:
        with ThreadPoolExecutor(2) as deliverers:
            list(deliverers.map(lambda part: _deliver(home, part), halves))
    for name in names:  # what no notice told is found by asking
        home.ask(name)
    amounts = {name: home.case(name).amount for name in names}
    assert sorted(name for name in names if home.state(name) == "paid") == sorted(paid)
    assert home.count("payment") == len(paid)
    assert home.balance() == -sum(amounts[name] for name in paid)
    assert home.broken_laws() == []


def _deliver(home: World, storm: list[Callback]) -> None:
    for call in map(_as_sent, storm):
        for hint in home.gateway.parse_callback(call.body, call.headers, call.peer_ip):
            try:
                asking.look(home.gateway, home.ways, hint.provider_id)
            except GatewayUnavailable:
                continue


def _as_sent(call: Callback) -> Callback:
    """Return a callback as it is when it is sent: Stripe signs each delivery anew, and its signature is fresh for five minutes only,
    which a flood on a busy machine may take longer than."""
    return signed(json.loads(call.body)) if "Stripe-Signature" in call.headers else call
