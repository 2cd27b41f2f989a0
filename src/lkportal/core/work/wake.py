"""The port that wakes the worker of this process when a unit of work with new events or jobs is committed.
Without it nothing is lost: a worker looks by itself every second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from lkportal.core.unit import after_commit, context


class WakeUp(Protocol):
    """Port filled by the worker that lives in this process, if one does."""

    def wake(self) -> None:
        """Look for work now. May be called from any thread, costs next to nothing."""
        ...


@dataclass(frozen=True, slots=True)
class WakesWhoWorks:
    """Wakes whoever works in this process at the moment it is asked, if anybody does."""

    at_work: Callable[[], WakeUp | None]

    def wake(self) -> None:
        """See WakeUp."""
        worker = self.at_work()
        if worker is not None:
            worker.wake()


def wake_after_commit(db: Session) -> None:
    """Wake the worker of this process once the unit of `db` is committed; a rolled back one wakes nobody."""
    worker = context(db).ports.find(WakeUp)  # type: ignore[type-abstract]
    if worker is not None and "wake" not in db.info:
        db.info["wake"] = True
        after_commit(db, worker.wake)
