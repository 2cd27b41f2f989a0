"""One claimed job from start to record: run it, and write down what became of it. Shared by the engines."""

from __future__ import annotations

import logging
import traceback
from datetime import datetime, timedelta

from lkportal.core.errors import PortalError
from lkportal.core.jobs import GiveUp, JobContext, LeaseLost, RetryLater, Work
from lkportal.core.work import states
from lkportal.core.work.states import Claimed

_log = logging.getLogger(__name__)


class UnknownJob(Exception):
    """No switched-on module knows this job: it is tried again later and then kept as a dead letter."""


def perform(work: Work, job: Claimed) -> None:
    """Run `job` and record the outcome. Its errors end here; only a database that is away comes out."""
    spec = work.jobs.get(job.name)
    context = JobContext(work.database, work.clock, work.ports, job, states.lease(work.jobs, job.name))
    try:
        if spec is None:
            raise UnknownJob(job.name)
        spec.run(context, **job.args)
    except LeaseLost:
        _log.warning("Job %s %d lost its lease at attempt %d: its result is dropped", job.name, job.id, job.attempt)
        return
    except Exception as error:  # noqa: BLE001 - whatever a job raises is recorded on its row
        _record_failure(work, job, error)
        return
    if not context.finished:
        with work.database.unit() as db:
            kept = states.finish(db, job.id, job.fence, work.clock.now())
        if not kept:
            _log.warning("Job %s %d ended after its lease: another attempt counts", job.name, job.id)


def _record_failure(work: Work, job: Claimed, error: Exception) -> None:
    again = _next_try(work, job, error)
    kind, where = describe(error)
    with work.database.unit() as db:
        states.fail(db, job.id, job.fence, work.clock.now(), again, kind, where)
    outcome = "is a dead letter now" if again is None else f"is tried again at {again.isoformat(timespec='seconds')}"
    level = logging.ERROR if again is None else logging.WARNING
    _log.log(level, "Job %s %d failed at attempt %d: %s %s; it %s", job.name, job.id, job.attempt, kind, where, outcome)


def _next_try(work: Work, job: Claimed, error: Exception) -> datetime | None:
    if isinstance(error, GiveUp) or job.attempt >= states.attempts(work.jobs, job.name):
        return None
    wait: timedelta = error.delay if isinstance(error, RetryLater) else states.pause(job.attempt, work.jitter)
    return work.clock.now() + wait


def describe(error: Exception) -> tuple[str, str]:
    """Return the error's class and a short text that is safe to keep and show: a code and a place in the code.

    The message of a foreign exception is left out: it may quote an address, a name or a row.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name} line {frames[-1].lineno}" if frames else "unknown place"
    code = error.code if isinstance(error, PortalError | RetryLater | GiveUp) else getattr(error, "sqlstate", None)
    return type(error).__qualname__, f"{code} in {place}" if code else f"in {place}"
