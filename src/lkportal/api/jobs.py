"""Work of the feed behind the pages: large pushes, those whose process died, and letting old ones go."""

from __future__ import annotations

from datetime import timedelta

from lkportal.api import feeds
from lkportal.api.rest import keys
from lkportal.api.running import Feeds
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext

_DUE, _PURGE = "api.feed_due", "api.purge"


def do_kind(work: JobContext, *, kind: str) -> None:
    """Do what is due of a kind."""
    work.ports.get(Feeds).take_up(kind, beat=work.heartbeat)


def look(work: JobContext) -> None:
    """Queue what nobody does: pushes whose process died, or that came while the last job ended."""
    spool = work.ports.get(Feeds).spool
    with work.reading() as connection:
        due = [feeds.due(connection, kind) for kind in feeds.kinds_due(connection)]
    orphans = [run for run in due if run is not None and spool.is_free(run.public_id)]
    if orphans:
        with work.unit() as db:
            for run in orphans:
                feeds.leave_to_worker(db, run.kind, run.attempts if run.state == feeds.RUNNING else 0)


def purge(work: JobContext) -> None:
    """Let old pushes go, with whatever of them lies on the disk, and answers kept by their keys."""
    found = work.ports.get(Feeds)
    before = work.clock.now() - timedelta(days=found.settings.keep_days)
    while True:
        with work.unit() as db:
            gone = feeds.forget_old(db, before)
        for run in gone:
            found.spool.drop(run)
        if len(gone) < feeds.OLD_AT_ONCE:
            break
        work.heartbeat()
    while True:
        with work.unit() as db:
            if not keys.forget_old(db, before):
                return
        work.heartbeat()


JOBS = [
    JobSpec(feeds.JOB, do_kind, lease_seconds=600, title=text("api.work.feed", "Takes in what a system pushed")),
    JobSpec(_DUE, look, title=text("api.work.feed_due", "Looks for rows that wait")),
    JobSpec(_PURGE, purge, title=text("api.work.purge", "Deletes taken rows")),
]
SCHEDULES = [Schedule(_DUE, "* * * * *"), Schedule(_PURGE, "40 3 * * *")]
