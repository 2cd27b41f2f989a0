"""The ways to sign in that are open on this portal: those that modules bring, less those the settings do not name."""

from __future__ import annotations

from collections.abc import Sequence

from lkportal.auth.settings import AuthSettings
from lkportal.core.contributions import SignInWay
from lkportal.core.errors import StartupError


class Ways:
    """The open ways of one portal, in the order they stand on the sign-in page."""

    def __init__(self, brought: Sequence[SignInWay], settings: AuthSettings) -> None:
        known = {way.name for way in brought}
        for name in settings.ways:
            if name not in known:
                raise StartupError(
                    "way_unknown",
                    f"auth.ways names {name!r}, but no module brings such a way to sign in."
                    f" Known: {', '.join(sorted(known))}.",
                )
        named = [way for way in brought if not settings.ways or way.name in settings.ways]
        self.open = tuple(way for way in named if way.on(settings))
        if not self.open:
            raise StartupError("no_ways", "Nobody could sign in: name a way that is configured in auth.ways.")

    def has(self, name: str) -> bool:
        """Whether the way of this name is open."""
        return any(way.name == name for way in self.open)
