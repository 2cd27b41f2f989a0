"""The world of readings: an account with three meters of which one was read in November already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from lkportal.core.policy import AccountRef, Actor
from lkportal.modules.readings.models import Meter, Register
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]


@dataclass
class House:
    """An account with its owner, and the registers of its meters by place."""

    world: World
    account: AccountRef
    owner: Actor
    registers: dict[str, str]


@pytest.fixture
def house(world: World, account: AccountRef) -> House:
    owner = world.customer("anna@example.org", account)
    registers = {}
    with world.unit() as db:
        for place, resource, last in (("bath", "cold_water", 412_000), ("bath hot", "hot_water", 238_000)):
            meter = Meter(account_id=account.id, resource=resource, unit="m3", serial=f"18-{last}", place=place)
            db.add(meter)
            db.flush()
            register = Register(
                meter_id=meter.id,
                last_milli=last,
                last_on=date(2026, 10, 18),
                last_period=date(2026, 10, 1),
                usual_milli=4_000,
            )
            db.add(register)
            db.flush()
            registers[place] = register.public_id
    return House(world, account, owner, registers)


@pytest.fixture
def anna(house: House, visit: Visit) -> Visitor:
    return visit(house.owner, house.account)


def named(house: House, **values: str) -> dict[str, str]:
    """Return the fields of values typed for meters by their place: `named(house, bath="416,3")`."""
    return {f"readings[{house.registers[place.replace('_', ' ')]}]": value for place, value in values.items()}
