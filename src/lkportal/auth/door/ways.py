"""The ways to sign in that are open on this portal: those that modules bring, less those the settings do not name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
        self.open = tuple(sorted((way for way in named if way.on(settings)), key=lambda way: way.order))
        if not self.open:
            raise StartupError("no_ways", "Nobody could sign in: name a way that is configured in auth.ways.")

    @classmethod
    def of(cls, portal: Any) -> Ways:
        """Return the ways of a portal: those of the hook, and one for each password source."""
        sources = portal.registry.password_sources
        own = [SignInWay(each.name, "auth/ways/source.html", each.order, each.on) for each in sources]
        return cls([*portal.registry.sign_in_ways, *own], portal.settings_of("auth"))

    def has(self, name: str) -> bool:
        """Whether the way of this name is open."""
        return any(way.name == name for way in self.open)
