"""The port that tells a browser we know from a stranger's before anything is waited for. Auth fills it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lkportal.web.request import Request


class KnownBrowsers(Protocol):
    """Port filled by auth: who waits for a password check ahead of strangers, so that a flood of sign-ins refuses nobody who
    signed in here before."""

    def places(self, request: Request) -> Mapping[str, int]:
        """Return how many places ahead each key of this browser has, empty for a stranger's.

        Asked on the event loop for every request that waits for the `hash` limiter: it reads what was sent and asks nobody.
        """
        ...
