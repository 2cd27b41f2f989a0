"""Portals for tests: a recipe that can be sent to another process, and the settings under which nothing waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lkportal.app import Portal, create_app
from lkportal.core.clock import Clock, MovableClock
from lkportal.core.module import Module
from lkportal.core.protection.crypto import new_key
from lkportal.testing.world import CHEAP_HASHES, NOON

PUBLIC_URL = "http://lk.test"
SECRET_KEY = "a secret of the tests, long enough"
ENCRYPTION_KEY = new_key("test")


@dataclass(frozen=True)
class Recipe:
    """What it takes to make a portal again: after a crash, in another process. `modules` are known besides the installed."""

    overrides: Mapping[str, Any]
    modules: tuple[Module, ...] = ()
    start: datetime = field(default=NOON)

    def portal(self, clock: Clock | None = None) -> Portal:
        """Return the portal, not started."""
        return create_app(overrides=self.overrides, modules=self.modules, clock=clock or MovableClock(self.start))

    @contextmanager
    def running(self, clock: Clock | None = None) -> Iterator[Portal]:
        """Run the portal for the length of a block."""
        portal = self.portal(clock)
        portal.start()
        try:
            yield portal
        finally:
            portal.stop()


def settings(url: str, folder: str, *more: Mapping[str, Any]) -> dict[str, Any]:
    """Return overrides for a test's portal: database at `url`, files in `folder`, no worker of its own, cheap hashes.

    `more` are laid on top, key by key, the last one above all.
    """
    made: dict[str, Any] = {
        "secret_key": SECRET_KEY,
        "encryption_keys": [ENCRYPTION_KEY],
        "portal": {"public_url": PUBLIC_URL, "data_dir": folder, "log_level": "warning"},
        "database": {"url": url},
        "modules": {"enabled": ["payments", "readings"]},
        "jobs": {"in_web": False},
        "auth": dict(CHEAP_HASHES),
    }
    for layer in more:
        made = merged(made, layer)
    return made


def merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Return `upper` laid over `lower`, tables key by key."""
    laid = dict(lower)
    for key, value in upper.items():
        below = laid.get(key)
        laid[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return laid
