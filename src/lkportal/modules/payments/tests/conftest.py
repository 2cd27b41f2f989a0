"""What the tests of payments share: a provider in memory, and the world without pages."""

from __future__ import annotations

import pytest

from lkportal.core.db import Database
from lkportal.modules.payments.tests.world import Fake, World, world


@pytest.fixture
def fake() -> Fake:
    """A provider in memory."""
    return Fake()


@pytest.fixture
def place(database: Database, fake: Fake) -> World:
    """The world with the provider in memory."""
    made = world(database, fake)
    fake.now = made.clock.now
    return made
