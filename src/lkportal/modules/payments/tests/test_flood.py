"""A flood of notifications over each gateway: doubled, reordered and lost. Whatever comes, each payment the provider took is credited
once and the books sum to zero. Two deliverers stand for two processes; real ones are in `tests/faults/test_pay_path.py`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from lkportal.core import foreign
from lkportal.core.db import Database
from lkportal.modules.payments import asking
from lkportal.modules.payments.contract import GatewayUnavailable, PaymentGateway
from lkportal.modules.payments.gateways.stripe import Stripe
from lkportal.modules.payments.gateways.tbank import TBank
from lkportal.modules.payments.gateways.yookassa import YooKassa
from lkportal.modules.payments.tests.world import World, world
from lkportal.testing.providers.driver import Callback
from lkportal.testing.providers.stripe import FakeStripe
from lkportal.testing.providers.tbank import FakeTBank
from lkportal.testing.sandbox import sandbox_process

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


@each_gateway
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_five_hundred_notifications_credit_each_payment_once(database: Database, provided: Callable[[], Any]) -> None:
    with provided() as (provider, gateway):
        _flood(world(database, gateway), provider, payments=25, notices=500, seed=5)


@pytest.mark.proof
@each_gateway
def test_five_thousand_notifications_credit_each_payment_once(database: Database, provided: Callable[[], Any]) -> None:
    with provided() as (provider, gateway):
        _flood(world(database, gateway), provider, payments=250, notices=5_000, seed=6)


def _flood(home: World, provider: Any, *, payments: int, notices: int, seed: int) -> None:
    dice = random.Random(seed)
    names = {home.started(100 * dice.randint(10, 900) + number): number for number in range(payments)}
    known = {name: str(home.case(name).provider_id) for name in names}
    paid = [name for name in names if dice.random() < 0.8]
    for name in paid:
        provider.pay(known[name])
    heard = [name for name in names if dice.random() < 0.9]  # of the others every notice is lost
    genuine = [call for name in heard for call in provider.callbacks(known[name])]
    storm = [dice.choice(genuine) for _ in range(notices)]
    with ThreadPoolExecutor(2) as deliverers:
        list(deliverers.map(lambda part: _deliver(home, part), (storm[0::2], storm[1::2])))
    for name in names:  # what no notice told is found by asking
        home.ask(name)
    amounts = {name: home.case(name).amount for name in names}
    assert sorted(name for name in names if home.state(name) == "paid") == sorted(paid)
    assert home.count("payment") == len(paid)
    assert home.balance() == -sum(amounts[name] for name in paid)
    assert home.broken_laws() == []


def _deliver(home: World, storm: list[Callback]) -> None:
    for call in storm:
        for hint in home.gateway.parse_callback(call.body, call.headers, call.peer_ip):
            try:
                asking.look(home.gateway, home.ways, hint.provider_id)
            except GatewayUnavailable:
                continue
