"""The pay path under fire: real processes, the real adapter, a provider that doubles, delays, reorders and loses its notices."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.testing import Mailbox, Recipe, SandboxDriver, World, portals
from lkportal.testing.crashes import work_off
from lkportal.testing.sandbox import SECRET, sandbox_process
from tests.faults import laws, processes
from tests.faults.payers import Payer

ON_POSTGRES = pytest.mark.parametrize("portal_url", ["postgresql"], indirect=True)


@dataclass
class Town:
    """A portal served by several processes, its provider, and the same portal here, with a clock that can be moved."""

    portal: Portal
    clock: MovableClock
    provider: SandboxDriver
    served: list[processes.Served]
    overrides: dict[str, Any]
    port: int
    folder: Path

    def payers(self, count: int, dice: random.Random) -> list[Payer]:
        """Return people with an account each."""
        world = World(self.portal.database, self.clock, self.portal.ports)
        made = []
        for number in range(count):
            account = world.account(f"07{number:08}")
            actor = world.customer(f"payer{number}@example.org", account)
            addresses = [f"http://127.0.0.1:{self.port}", *(each.own for each in self.served)]
            made.append(Payer(self.portal, self.provider, actor, account, addresses, random.Random(dice.random())))
        return made

    def crash(self, number: int) -> None:
        """Kill one of the processes and start another in its place."""
        self.served[number].kill()
        self.served[number] = processes.serve(self.overrides, self.port, self.folder)

    def settle(self) -> None:
        """Stop the processes, and let time pass: minutes, hours, a night."""
        for each in self.served:
            each.stop()
        self.provider.move_clock(3_700)
        for step in (0, 2, 5, 12, 25, 60, 120, 360, 1_000):
            self.clock.set(max(self.clock.now(), datetime.now(UTC)) + timedelta(minutes=step))
            work_off(self.portal)


@contextmanager
def town(url: str, mail: tuple[str, int, Path], folder: Path, count: int = 2, **more: Any) -> Iterator[Town]:
    """Open a town of `count` processes on the migrated database at `url`."""
    with processes.shared_port() as port:
        address = f"http://127.0.0.1:{port}"
        with sandbox_process(notify=f"{address}/payments/hooks/yookassa") as provider:
            shop = provider.settings(timeout=2.0).model_dump(mode="json", exclude={"secret_key"})
            layers = {
                "portal": {"public_url": address},
                "jobs": {"in_web": True},
                "mail": {"host": mail[0], "port": mail[1]},
                "payments": {"gateway": "yookassa", "yookassa": {**shop, "secret_key": SECRET}},
            }
            overrides = portals.settings(url, str(folder), layers, more)
            clock = MovableClock(datetime.now(UTC))
            with (
                Recipe(portals.merged(overrides, {"jobs": {"in_web": False}})).running(clock) as portal,
                processes.several(overrides, port, folder, count) as served,
            ):
                yield Town(portal, clock, provider, served, overrides, port, folder)


def prove(place: Town, payments: int, seed: int, kills: int = 0) -> list[Payer]:
    """Let people pay at once, kill and restart processes meanwhile; let time pass; judge. Return the people."""
    dice = random.Random(seed)
    people = place.payers(payments, dice)
    with ThreadPoolExecutor(8) as crowd:
        begun = [crowd.submit(each.story, 100 * dice.randint(10, 900)) for each in people]
        for number in range(kills):
            begun[(number + 1) * payments // (kills + 1)].exception()
            place.crash(number % len(place.served))
        failed = [error for each in begun if (error := each.exception())]
    if not kills:
        assert not failed, failed[:3]
    send_again(place.provider, dice)
    place.settle()
    assert laws.broken(place.portal, laws.taken(place.provider)) == []
    return people


def send_again(provider: SandboxDriver, dice: random.Random) -> None:
    """Wait for what is under way, then let half of all notices, lost ones too, come once more, several at once."""
    provider.settled(15)
    old = [notice["id"] for notice in provider.notices() if dice.random() < 0.5]
    dice.shuffle(old)
    with ThreadPoolExecutor(6) as couriers:
        assert set(couriers.map(provider.send, old)) <= {200, 0}


def judge_letters(place: Town, people: list[Payer], mailbox: Mailbox) -> None:
    """Each credited payment was told by one letter."""
    with place.portal.database.reading() as connection:
        paid = connection.exec_driver_sql("SELECT count(*) FROM payments_payments WHERE state = 'paid'").scalar_one()
    letters = mailbox.letters
    assert len(letters) == len({each.to for each in letters}) == paid
    assert paid >= len(people) // 3, "too few paid to prove anything"


@pytest.mark.postgres
@ON_POSTGRES
def test_each_captured_payment_is_credited_once_whatever_the_notices_do(
    portal_url: str, mail_server: tuple[str, int, Path], mailbox: Mailbox, tmp_path: Path
) -> None:
    with town(portal_url, mail_server, tmp_path) as place:
        people = prove(place, 20, seed=2)
        judge_letters(place, people, mailbox)


@pytest.mark.proof
def test_two_hundred_payments_on_two_processes_are_credited_once_each(
    portal_url: str, mail_server: tuple[str, int, Path], mailbox: Mailbox, tmp_path: Path
) -> None:
    with town(portal_url, mail_server, tmp_path) as place:
        people = prove(place, 200, seed=7)
        judge_letters(place, people, mailbox)


@pytest.mark.proof
def test_payments_are_credited_once_though_the_processes_are_killed_meanwhile(
    portal_url: str, mail_server: tuple[str, int, Path], tmp_path: Path
) -> None:
    with town(portal_url, mail_server, tmp_path) as place:
        prove(place, 60, seed=9, kills=4)
