"""The conformance suite of connectors: the promises of an exchange, told as stories. A connector's own tests subclass
`ConnectorConformance`, name the connector and bring three fixtures. `systems.postbox` is the smallest connector that keeps all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.connecting import queue
from lkportal.core.connecting.exchange import Exchanges
from lkportal.core.connecting.tables import connections, dispatches
from lkportal.testing.systems.fake import FakeSystem, Mood
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

__all__ = ["ConnectorConformance"]
MINUTE = timedelta(minutes=1)
_LOST: tuple[Mood, ...] = ("lost", "slow", "error", "garbage")


class ConnectorConformance:
    """Subclass it in a connector's tests. The portal of the tests (`portal_overrides`) leads to `system`, with time limits of at most
    a second; `tell()` makes one new fact there is to tell; `news()` makes one new thing in the system and returns how many of them
    have arrived in the portal when called."""

    connector: ClassVar[str]

    @pytest.fixture
    def system(self) -> FakeSystem:
        """The system the connector talks to, alive."""
        raise pytest.UsageError("override the fixture `system`")

    @pytest.fixture
    def tell(self) -> Callable[[], object]:
        """Make a fact that the system is to be told, once."""
        raise pytest.UsageError("override the fixture `tell`")

    @pytest.fixture
    def news(self) -> Callable[[], Callable[[], int]]:
        """Make something new in the system; what is returned counts what arrived."""
        raise pytest.UsageError("override the fixture `news`")

    @pytest.fixture
    def go(self, portal: Portal, clock: MovableClock, work_off: Callable[[], int]) -> Callable[..., None]:
        """Let minutes pass with a worker at work: `go()`, `go(6)`."""

        def minutes(many: int = 1) -> None:
            work_off()
            for _ in range(many):
                clock.advance(MINUTE)
                work_off()

        return minutes

    def test_a_fact_is_told_once(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None], portal: Portal
    ) -> None:
        tell()
        go(3)
        assert system.told() == 1
        assert _standing(portal, self.connector).heard_at is not None
        assert all(_states(portal, self.connector, "sent"))

    @pytest.mark.parametrize("mood", _LOST)
    def test_what_was_done_without_an_answer_is_not_done_again(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None], portal: Portal, mood: Mood
    ) -> None:
        system.mishap(mood)
        tell()
        go(3)
        assert system.told() == 1
        assert not _states(portal, self.connector, "waiting")

    def test_an_outage_loses_and_doubles_nothing(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None], portal: Portal
    ) -> None:
        go()
        system.die()
        for _ in range(3):
            tell()
        go(4)
        row = _standing(portal, self.connector)
        assert (row.error, row.failures > 0) == ("unreachable", True)
        system.live()
        go(6)
        assert system.told() == 3
        assert _standing(portal, self.connector).failures == 0

    def test_a_limit_is_waited_for(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None], portal: Portal
    ) -> None:
        system.mishap("limited", 2)
        tell()
        go()
        assert _standing(portal, self.connector).error == "limited"
        go(5)
        assert system.told() == 1

    def test_what_it_refuses_waits_for_a_person_and_stops_nobody(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None], portal: Portal, world: World
    ) -> None:
        system.mishap("refuse")
        tell()
        tell()
        go(2)
        assert system.told() == 1
        (key,) = _states(portal, self.connector, "refused")
        with world.unit() as db:
            queue.try_again(db, key)
        go(2)
        assert system.told() == 2

    def test_a_system_that_hangs_holds_nobody_for_long(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None]
    ) -> None:
        system.mishap("slow", 20)
        for _ in range(6):
            tell()
        began = time.monotonic()
        go(0)
        assert time.monotonic() - began < 5 * 1.5

    def test_news_arrive_once_within_a_minute(
        self, system: FakeSystem, news: Callable[[], Callable[[], int]], go: Callable[..., None], portal: Portal
    ) -> None:
        go()
        arrived = news()
        go()
        assert arrived() == 1
        go(2)
        assert arrived() == 1
        assert not _standing(portal, self.connector).error

    def test_news_of_an_outage_arrive_after_it(
        self, system: FakeSystem, news: Callable[[], Callable[[], int]], go: Callable[..., None]
    ) -> None:
        go()
        arrived = news()
        system.die()
        go(2)
        system.live()
        go(4)
        assert arrived() == 1

    def test_the_desk_sees_how_it_stands(
        self,
        system: FakeSystem,
        tell: Callable[[], object],
        go: Callable[..., None],
        visit: Callable[..., Visitor],
        world: World,
    ) -> None:
        admin = visit(world.staff("chief@example.org", "administrator"))
        page = admin.url("staff:connections")
        tell()
        go()
        assert "Answers" in admin.get(page).text
        system.die()
        tell()
        go(3)
        shown = admin.get(page).text
        assert "it cannot be reached" in shown
        assert "the oldest since" in shown
        system.live()
        assert admin.post(admin.url("staff:connection_try", connection=self.connector), page=page).status_code == 303
        go(6)
        assert system.told() == 2
        assert "Answers" in admin.get(page).text

    def test_nothing_is_asked_inside_a_unit_of_work(
        self, system: FakeSystem, tell: Callable[[], object], go: Callable[..., None], portal: Portal
    ) -> None:
        assert portal.ports.get(Exchanges).of(self.connector) is not None
        tell()
        go(2)
        assert not _standing(portal, self.connector).error.startswith("broken")


def _standing(portal: Portal, connector: str) -> Any:
    with portal.database.reading() as connection:
        return connection.execute(select(connections).where(connections.c.name == connector)).one()


def _states(portal: Portal, connector: str, state: str) -> list[int]:
    with portal.database.reading() as connection:
        query = select(dispatches.c.id).where(dispatches.c.connector == connector, dispatches.c.state == state)
        return list(connection.execute(query).scalars())
