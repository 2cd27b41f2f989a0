"""The scheduled work of audit: sealing what was written since the last time."""

from __future__ import annotations

from lkportal.audit.sealer import BATCH, seal
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.jobs import JobContext


def seal_all(work: JobContext) -> None:
    """Seal batch after batch until nothing is left."""
    while True:
        with work.unit() as db:
            if seal(db) < BATCH:
                return


SEAL = JobSpec("audit.seal", seal_all, lease_seconds=300)
EVERY_MINUTE = Schedule("audit.seal", "* * * * *")
