"""Jobs: work to be done later, queued in the caller's transaction. What a job may do while it runs stands in JobContext.
How rows change state lives in jobs_states, who runs them in the engines: jobs_table, jobs_procrastinate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from lkportal.core.clock import Clock
from lkportal.core.contributions import JobSpec
from lkportal.core.db import Database
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.policy import SYSTEM
from lkportal.core.ports import Ports
from lkportal.core.tables import insert_if_new, jobs
from lkportal.core.unit import UnitContext, context, now, open_unit
from lkportal.core.work import states
from lkportal.core.work.states import Claimed
from lkportal.core.work.wake import wake_after_commit

_INSERT = insert_if_new(jobs)
_other = jobs.alias("other")
_SAME_ALIVE = exists().where(_other.c.dedup == jobs.c.dedup, _other.c.state.in_(states.ALIVE))
_RETRY = (
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"), jobs.c.state == states.DEAD)
    .where(or_(jobs.c.dedup.is_(None), ~_SAME_ALIVE))
    .values(state=states.WAITING, run_at=bindparam("now"), attempt=0, finished_at=None)
)
_DISCARD = delete(jobs).where(jobs.c.id == bindparam("job_id"), jobs.c.state == states.DEAD)
_DEAD = (
    select(
        jobs.c.id,
        jobs.c.name,
        jobs.c.args,
        jobs.c.event_id,
        jobs.c.attempt,
        jobs.c.error_class,
        jobs.c.error,
        jobs.c.finished_at,
    )
    .where(jobs.c.state == states.DEAD)
    .order_by(jobs.c.finished_at.desc(), jobs.c.id.desc())
    .limit(bindparam("most"))
)


class RetryLater(Exception):
    """Raised by a job to be tried again after `delay`, not by the growing pauses. Counts as a failed attempt.

    `code` is what the dead letter shows when attempts run out: a word of the protocol ("http_503"), no personal data.
    """

    def __init__(self, code: str, delay: timedelta) -> None:
        super().__init__(code)
        self.code = code
        self.delay = delay


class GiveUp(Exception):
    """Raised by a job whose attempts are useless (the receiver is gone): it becomes a dead letter at once."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LeaseLost(Exception):
    """This attempt took too long and the job was given to another worker: what is not committed yet must not be."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that is not tried any more. `error` says where it failed, never with whose data."""

    id: int
    name: str
    args: dict[str, Any]
    event_id: str | None
    attempt: int
    error_class: str
    error: str
    finished_at: datetime


@dataclass(slots=True)
class JobContext:
    """What a job gets: `def send(ctx: JobContext, *, message: int) -> None`. Calls to the outside go between units."""

    database: Database
    clock: Clock
    ports: Ports
    claimed: Claimed
    lease: timedelta
    finished: bool = field(default=False, init=False)

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self.claimed.attempt

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a reading connection; use it in `with`."""
        return self.database.reading()

    def snapshot(self) -> AbstractContextManager[Connection]:
        """Return a connection that sees one moment and hands out rows by pieces; use it in `with`. For exports."""
        return self.database.snapshot()

    def unit(self, *, finish: bool = False, about: Envelope | None = None) -> AbstractContextManager[Session]:
        """Open a unit of work as the system, with the request id of whoever queued the job.

        The unit holds the job's row: a worker that lost its lease gets LeaseLost before it can change anything, and
        nobody takes the job over while the unit is open. With `finish` the job is done in this very transaction, so its
        effect happens exactly once, whenever the process dies. `about` gives the unit an event's account and brand.
        """
        return self._unit(finish, about)

    def heartbeat(self) -> None:
        """Extend the lease by its full length, between units of a long job. Raises LeaseLost when it is too late."""
        with self.database.unit() as db:
            if not states.extend(db, self.claimed.id, self.claimed.fence, self.clock.now() + self.lease):
                raise LeaseLost(self.claimed.name)

    @contextmanager
    def _unit(self, finish: bool, about: Envelope | None) -> Iterator[Session]:
        circumstances = UnitContext(
            clock=self.clock,
            actor=SYSTEM,
            request_id=self.claimed.request_id,
            ports=self.ports,
            account_public=about.account if about else None,
            organisation_public=about.organisation if about else None,
            brand=about.brand if about else None,
        )
        with open_unit(self.database, circumstances) as db:
            if not states.hold(db, self.claimed.id, self.claimed.fence):
                raise LeaseLost(self.claimed.name)
            yield db
            if finish:
                states.finish(db, self.claimed.id, self.claimed.fence, self.clock.now())
        self.finished = self.finished or finish


@dataclass(frozen=True, slots=True)
class Work:
    """What workers do and with what: the known jobs beside the database, clock and ports they are given."""

    database: Database
    clock: Clock
    ports: Ports
    jobs: Mapping[str, JobSpec]
    worker: str
    jitter: Callable[[], float]


def enqueue(
    db: Session, name: str, args: Mapping[str, Any], *, run_at: datetime | None = None, dedup: str | None = None
) -> bool:
    """Queue job `name` with JSON `args` in the transaction of `db`: no commit, no job. Return whether it was queued.

    `run_at` is the earliest moment (default: now). While a job with the same `dedup` key waits or runs, another is not
    queued and the answer is False; a finished or dead one is no hindrance. A job that must not miss what changed while
    it runs needs a key per change, or none.
    """
    unit = context(db)
    moment = unit.clock.now()
    row = states.new_row(name, dict(args), moment, run_at or moment, unit.request_id, dedup)
    queued = db.execute(_INSERT[db.get_bind().dialect.name], row)
    wake_after_commit(db)
    return states.changed(queued) == 1


def enqueue_many(db: Session, name: str, wanted: Sequence[tuple[Mapping[str, Any], str, datetime | None]]) -> None:
    """Queue many jobs of one name with one statement, as `enqueue` does one: (args, dedup key, earliest moment or None) each."""
    unit = context(db)
    moment = unit.clock.now()
    rows = [states.new_row(name, dict(args), moment, at or moment, unit.request_id, key) for args, key, at in wanted]
    if rows:
        db.execute(_INSERT[db.get_bind().dialect.name], rows)
        wake_after_commit(db)


def dead_letters(connection: Connection, most: int = 100) -> list[DeadLetter]:
    """Return the newest dead letters."""
    return [DeadLetter(**row._asdict()) for row in connection.execute(_DEAD, {"most": most})]


def retry(db: Session, job_id: int) -> None:
    """Put a dead letter back into the queue, with all its attempts.

    Raises NotFound when there is none, PortalError("jobs.already_queued") while a job with the same key waits or runs.
    """
    if states.changed(db.execute(_RETRY, {"job_id": job_id, "now": now(db)})):
        wake_after_commit(db)
        return
    if db.execute(select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.state == states.DEAD)).first() is None:
        raise _no_dead_letter()
    raise PortalError(
        "jobs.already_queued",
        text("core.jobs.already_queued", "The same work is already waiting. Discard this one instead."),
        409,
    )


def discard(db: Session, job_id: int) -> None:
    """Drop a dead letter for good. Raises NotFound when there is none."""
    if not states.changed(db.execute(_DISCARD, {"job_id": job_id})):
        raise _no_dead_letter()


def _no_dead_letter() -> NotFound:
    return NotFound("jobs.no_dead_letter", text("core.jobs.no_dead_letter", "This work was already dealt with."))
