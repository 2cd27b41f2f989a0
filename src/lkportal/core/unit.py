"""The unit of work with its circumstances: clock, actor, ports, request. The transaction itself is Database.unit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from lkportal.core.clock import Clock
from lkportal.core.db import Database
from lkportal.core.policy import Actor
from lkportal.core.ports import Ports

_log = logging.getLogger(__name__)
_AFTER = "after_commit"


@dataclass(frozen=True, slots=True)
class UnitContext:
    """The circumstances of a unit: what a rule may ask besides its arguments. Found at `db.info["unit"]`."""

    clock: Clock
    actor: Actor
    request_id: str
    ports: Ports
    on_behalf_of: str | None = None
    account_public: str | None = None
    organisation_public: str | None = None
    brand: str | None = None


@contextmanager
def open_unit(database: Database, circumstances: UnitContext) -> Iterator[Session]:
    """Open a unit of work: all of it is kept, or none. Work given to `after_commit` follows when the unit is over."""
    with database.unit() as db:
        db.info["unit"] = circumstances
        yield db
    calls: list[Callable[[], None]] = db.info.get(_AFTER, [])
    for call in calls:
        _run(call)


def context(db: Session) -> UnitContext:
    """Return the circumstances of the unit that `db` belongs to."""
    return cast(UnitContext, db.info["unit"])


@contextmanager
def as_actor(db: Session, actor: Actor) -> Iterator[None]:
    """Let another person stand behind what is written within the block: who agreed to the act of this unit, for instance."""
    before = context(db)
    db.info["unit"] = replace(before, actor=actor)
    try:
        yield
    finally:
        db.info["unit"] = before


def now(db: Session) -> datetime:
    """Return the present by the unit's clock: aware, in UTC."""
    return context(db).clock.now()


def after_commit(db: Session, call: Callable[[], None]) -> None:
    """Run `call` when this unit has been committed and closed, never when it is rolled back.

    For hints that may be lost (wake the worker, drop a cached value): what must happen is an event or a job.
    """
    db.info.setdefault(_AFTER, []).append(call)


def _run(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:  # noqa: BLE001 - the unit is committed: a failed hint must not look like a failed act
        _log.exception("A call after commit failed; the committed work stands")
