"""The port that hears of refusals: what somebody known asked for and may not have. Filled by audit; the edge tells it."""

from __future__ import annotations

from typing import Protocol

from lkportal.core.unit import UnitContext


class Refusals(Protocol):
    """Port filled by audit: remembers who was refused what."""

    def refused(self, who: UnitContext, action: str, *, target: str, status: int) -> None:
        """Record that the actor of `who` was refused `action` (a right, or a route) on `target` (an id as typed in the path),
        with the HTTP `status` they saw. Called after the answer was sent; may drop what comes as a flood.
        """
        ...
