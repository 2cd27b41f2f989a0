"""How a row of core_jobs changes state: waiting -> (handed) -> running -> done, or back to waiting, or dead.
Every change names the state it leaves, and a worker's changes name its fence: a late one changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import BindParameter, CursorResult, Result, Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec
from lkportal.core.tables import IS_HANDED, IS_HELD, IS_WAITING, jobs

WAITING, HANDED, RUNNING, DONE, DEAD = "waiting", "handed", "running", "done", "dead"
ALIVE = (WAITING, HANDED, RUNNING)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
HANDED_LEASE = timedelta(minutes=10)
_REAP_AT_ONCE = 200
_STRANGER = JobSpec("", run=lambda: None)

_NOW: BindParameter[Any] = bindparam("now")
_UNTIL: BindParameter[Any] = bindparam("until")
_LIMIT: BindParameter[Any] = bindparam("most")
_WORKER: BindParameter[Any] = bindparam("by")
_DUE = (
    select(jobs.c.id, jobs.c.name, jobs.c.args, jobs.c.attempt, jobs.c.fence, jobs.c.request_id)
    .where(IS_WAITING, jobs.c.run_at <= _NOW)
    .order_by(jobs.c.run_at, jobs.c.id)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(jobs)
    .where(jobs.c.id == bindparam("job_id"))
    .values(state=RUNNING, attempt=jobs.c.attempt + 1, fence=jobs.c.fence + 1, lease_until=_UNTIL, worker=_WORKER)
)
_HAND = update(jobs).where(jobs.c.id == bindparam("job_id")).values(state=HANDED, lease_until=_UNTIL)
_HANDED = (
    select(jobs.c.id, jobs.c.name, jobs.c.args, jobs.c.attempt, jobs.c.fence, jobs.c.request_id)
    .where(jobs.c.id == bindparam("job_id"), jobs.c.state == HANDED)
    .with_for_update(skip_locked=True)
)
_MINE = (jobs.c.id == bindparam("job_id"), jobs.c.fence == bindparam("mine"), jobs.c.state == RUNNING)
_HOLD = select(jobs.c.id).where(*_MINE).with_for_update()
_EXTEND = update(jobs).where(*_MINE).values(lease_until=_UNTIL)
_FINISH = update(jobs).where(*_MINE).values(state=DONE, finished_at=_NOW, lease_until=None)
_FAIL = (
    update(jobs)
    .where(*_MINE)
    .values(
        state=bindparam("to"),
        run_at=bindparam("again"),
        finished_at=bindparam("ended"),
        error_class=bindparam("kind"),
        error=bindparam("where"),
        lease_until=None,
    )
)
_EXPIRED = (
    select(jobs.c.id, jobs.c.name, jobs.c.state, jobs.c.attempt, jobs.c.fence)
    .where(IS_HELD, jobs.c.lease_until < _NOW)
    .order_by(jobs.c.lease_until)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_IN_HAND = select(func.count()).select_from(jobs).where(IS_HELD, IS_HANDED)
_UNHAND = (
    update(jobs).where(jobs.c.id == bindparam("job_id"), jobs.c.state == HANDED).values(state=WAITING, lease_until=None)
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that one worker holds until its lease ends. `fence` tells this attempt from all others of the row."""

    id: int
    name: str
    args: dict[str, Any]
    attempt: int
    fence: int
    request_id: str


def new_row(
    name: str, args: dict[str, Any], created_at: datetime, run_at: datetime, request_id: str, dedup: str | None
) -> dict[str, Any]:
    """Return the values of a waiting job."""
    return {
        "name": name,
        "args": args,
        "event_id": None,
        "dedup": dedup,
        "state": WAITING,
        "run_at": run_at,
        "attempt": 0,
        "fence": 0,
        "error_class": "",
        "error": "",
        "request_id": request_id,
        "created_at": created_at,
    }


def claim(db: Session, now: datetime, specs: Mapping[str, JobSpec], worker: str, most: int) -> list[Claimed]:
    """Take up to `most` due jobs, oldest first.

    Rows that another worker is taking at this moment are passed over, so workers neither wait nor meet.
    """
    due = list(db.execute(_DUE, {"now": now, "most": most}))
    if due:
        taken = [{"job_id": row.id, "until": now + lease(specs, row.name), "by": worker} for row in due]
        db.execute(_CLAIM, taken)
    return [_claimed(row) for row in due]


def hand(db: Session, now: datetime, most: int) -> list[int]:
    """Mark up to `most` due jobs as handed to an outer queue and return their ids."""
    due = [row.id for row in db.execute(_DUE, {"now": now, "most": max(most, 0)})]
    if due:
        db.execute(_HAND, [{"job_id": job_id, "until": now + HANDED_LEASE} for job_id in due])
    return due


def in_hand(db: Session) -> int:
    """Return how many jobs an outer queue holds."""
    return db.execute(_IN_HAND).scalar_one()


def take(db: Session, job_id: int, now: datetime, specs: Mapping[str, JobSpec], worker: str) -> Claimed | None:
    """Take one handed job that an outer queue brings, or return None when it was taken, regained or done meanwhile."""
    row = db.execute(_HANDED, {"job_id": job_id}).first()
    if row is None:
        return None
    db.execute(_CLAIM, {"job_id": job_id, "until": now + lease(specs, row.name), "by": worker})
    return _claimed(row)


def hold(db: Session, job_id: int, fence: int) -> bool:
    """Hold the row for the rest of the transaction; False when this attempt is no longer the one that counts."""
    return db.execute(_HOLD, {"job_id": job_id, "mine": fence}).first() is not None


def extend(db: Session, job_id: int, fence: int, until: datetime) -> bool:
    """Move the end of the lease; False when it was lost."""
    return changed(db.execute(_EXTEND, {"job_id": job_id, "mine": fence, "until": until})) == 1


def finish(db: Session, job_id: int, fence: int, now: datetime) -> bool:
    """Mark the job done; False when the lease was lost, then the result does not count."""
    return changed(db.execute(_FINISH, {"job_id": job_id, "mine": fence, "now": now})) == 1


def fail(db: Session, job_id: int, fence: int, now: datetime, again: datetime | None, kind: str, where: str) -> bool:
    """Put the job back for `again`, or make it a dead letter when that is None; False when the lease was lost."""
    values = {
        "job_id": job_id,
        "mine": fence,
        "to": DEAD if again is None else WAITING,
        "again": again or now,
        "ended": now if again is None else None,
        "kind": kind[:120],
        "where": where[:300],
    }
    return changed(db.execute(_FAIL, values)) == 1


def reap(db: Session, now: datetime, specs: Mapping[str, JobSpec], jitter: Callable[[], float]) -> int:
    """Regain jobs whose lease has ended: their worker died or is stuck. Return how many were looked at.

    The first loss is tried again at once; then pauses grow, and a job that kills every worker becomes a dead letter.
    """
    expired = list(db.execute(_EXPIRED, {"now": now, "most": _REAP_AT_ONCE}))
    unhand(db, (row.id for row in expired if row.state == HANDED))
    for row in expired:
        if row.state != RUNNING:
            continue
        again: datetime | None = None
        if row.attempt < attempts(specs, row.name):
            again = now if row.attempt == 1 else now + pause(row.attempt - 1, jitter)
        fail(
            db, row.id, row.fence, now, again, "WorkerLost", "the worker died or the lease ran out before the job ended"
        )
    return len(expired)


def unhand(db: Session, job_ids: Iterable[int]) -> None:
    """Put handed jobs back into the queue."""
    lost = [{"job_id": job_id} for job_id in job_ids]
    if lost:
        db.execute(_UNHAND, lost)


def pause(failures: int, jitter: Callable[[], float]) -> timedelta:
    """Return how long to wait after so many failures: 10 s, 30 s, 90 s ... at most 6 h, give or take a fifth.

    `jitter` returns a number from 0 to 1, so that jobs that failed together do not come back together.
    """
    grown: timedelta = min(FIRST_PAUSE * 3 ** min(failures - 1, 20), LONGEST_PAUSE)
    return grown * (0.8 + 0.4 * jitter())


def lease(specs: Mapping[str, JobSpec], name: str) -> timedelta:
    """Return how long a worker holds job `name`."""
    return timedelta(seconds=specs.get(name, _STRANGER).lease_seconds)


def attempts(specs: Mapping[str, JobSpec], name: str) -> int:
    """Return how often job `name` is tried; a job of a module that is off waits as long as any other."""
    return specs.get(name, _STRANGER).attempts


def changed(result: Result[Any]) -> int:
    """Return how many rows a single statement changed."""
    count = cast("CursorResult[Any]", result).rowcount
    assert count >= 0, "the driver does not tell: nothing may be decided by this"
    return count


def _claimed(row: Row[*tuple[Any, ...]]) -> Claimed:
    """Return the job in a row that was read before it was claimed."""
    return Claimed(row.id, row.name, row.args, row.attempt + 1, row.fence + 1, row.request_id)
