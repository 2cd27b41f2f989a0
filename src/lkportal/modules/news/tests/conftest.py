"""A street of two houses and a factory: who is told of what, and who is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from lkportal.accounts.contract import AccountsImported
from lkportal.accounts.models import Premise
from lkportal.core.events import emit
from lkportal.core.policy import AccountRef, Actor
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["news"]}}


@dataclass
class Street:
    """Anna lives in Lomonosova 14, Boris in Sadovaya 3."""

    world: World
    near: AccountRef
    far: AccountRef
    anna: Actor
    boris: Actor


@pytest.fixture
def street(world: World) -> Street:
    near, far = home(world, "1001", "Ломоносова, 14, кв. 37"), home(world, "1002", "ул. Садовая, д. 3")
    anna, boris = world.customer("anna@example.org", near), world.customer("boris@example.org", far)
    return Street(world, near, far, anna, boris)


@pytest.fixture
def desk(world: World, visit: Visit) -> Visitor:
    return visit(world.staff("operator@example.org", "operator"))


def home(world: World, number: str, address: str) -> AccountRef:
    with world.unit() as db:
        premise = Premise(address=address)
        db.add(premise)
        db.flush()
        key = premise.id
    return world.account(number, premise_id=key)


def bring_in(world: World) -> None:
    """Say that accounts were imported."""
    with world.unit() as db:
        emit(db, AccountsImported("import", 1, 1))


OUTAGE = {
    "service": "cold_water",
    "cause": "accident",
    "places": "Ломоносова, 2-20",
    "begins_on": "2026-11-22",
    "begins_time": "10:00",
    "ends_on": "2026-11-22",
    "ends_time": "18:00",
    "body[en]": "Water is brought to the yard.\n\n- Bring a bucket\n- Mind the ice",
    "body[ru]": "Воду подвезут во двор.",
}
"""An accident in Anna's street, as an operator types it."""
