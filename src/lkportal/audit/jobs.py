"""The scheduled work of audit: sealing what was written since the last time."""

from __future__ import annotations

import logging

from sqlalchemy.exc import IntegrityError

from lkportal.audit import sealer
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext

MEETINGS = 5
_log = logging.getLogger(__name__)


def seal_all(work: JobContext) -> None:
    """Seal batch after batch until nothing is left. The head goes to the log: a copy the database cannot change."""
    lost = 0
    while True:
        try:
            with work.unit() as db:
                count = sealer.seal(db)
        except IntegrityError:
            # Another sealer was first: look again at what is left.
            lost += 1
            if lost > MEETINGS:
                raise
            continue
        if count:
            with work.reading() as connection:
                _log.info("Sealed %d records of the audit; the head is %s", count, sealer.head(connection))
        if count < sealer.BATCH:
            return
        work.heartbeat()


SEAL = JobSpec("audit.seal", seal_all, lease_seconds=300, title=text("audit.work.seal", "Seals the audit"))
EVERY_MINUTE = Schedule("audit.seal", "* * * * *")
