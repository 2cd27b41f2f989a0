"""Readiness: can the portal do its work right now. Answers hold names and numbers only, for a balancer and for whoever is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from lkportal.core.errors import PortalError
from lkportal.core.migrating import migrate
from lkportal.core.work.outbox import outbox_age
from lkportal.core.work.worker import worker_seen
from lkportal.web.portal import Portal

WORKER_SECONDS = 60
OUTBOX_SECONDS = 300


def readiness(portal: Portal) -> dict[str, Any]:
    """Return {"status": "ok" | "failing", "checks": {name: {"ok": bool, ...}}} for database, migrations, worker, outbox."""
    checks: dict[str, dict[str, Any]] = {}
    for name, check in _CHECKS.items():
        try:
            checks[name] = check(portal)
        except (SQLAlchemyError, PortalError, OSError) as error:
            checks[name] = {"ok": False, "error": type(error).__name__}
            if name == "database":
                break
    return {"status": "ok" if all(check["ok"] for check in checks.values()) else "failing", "checks": checks}


def _database(portal: Portal) -> dict[str, Any]:
    with portal.database.reading() as connection:
        return {"ok": connection.execute(select(1)).scalar() == 1}


def _migrations(portal: Portal) -> dict[str, Any]:
    waiting = len(migrate.pending(portal.database, portal.modules))
    return {"ok": waiting == 0, "pending": waiting}


def _worker(portal: Portal) -> dict[str, Any]:
    with portal.database.reading() as connection:
        seen = worker_seen(connection)
    age = None if seen is None else round((portal.clock.now() - seen).total_seconds())
    return {"ok": age is not None and age <= WORKER_SECONDS, "seen_seconds_ago": age}


def _outbox(portal: Portal) -> dict[str, Any]:
    with portal.database.reading() as connection:
        age = round(outbox_age(connection, portal.clock).total_seconds())
    return {"ok": age <= OUTBOX_SECONDS, "age_seconds": age}


_CHECKS: dict[str, Callable[[Portal], dict[str, Any]]] = {
    "database": _database,
    "migrations": _migrations,
    "worker": _worker,
    "outbox": _outbox,
}
