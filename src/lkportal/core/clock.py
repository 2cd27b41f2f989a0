"""The clock that tests can move. All times inside are aware and in UTC; a zone belongs to an account or a company."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Rules ask a clock, never the machine or the database."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved: for tests and rehearsals."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, delta: timedelta) -> None:
        """Move the present by `delta`."""
        self._now += delta

    def set(self, moment: datetime) -> None:
        """Move the present to `moment` (aware)."""
        self._now = moment.astimezone(UTC)
