"""What the desk asks of the portal it stands in, and the words for moments that lie behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from lkportal.core.i18n import Text, ntext, text
from lkportal.core.module import Module
from lkportal.core.registry.building import Registry
from lkportal.core.registry.overlay import Overlay
from lkportal.core.settings import PortalSettings


class Desk(Protocol):
    """Port filled by the portal itself: what it is made of, and the switch for its modules."""

    @property
    def registry(self) -> Registry:
        """The tables of the modules that are on."""
        ...

    @property
    def known(self) -> Sequence[Module]:
        """All installed modules, on or off."""
        ...

    @property
    def settings(self) -> PortalSettings:
        """The settings of portal.toml."""
        ...

    def registry_under(self, overlay: Overlay, *, strict: bool = False) -> Registry:
        """Return the tables as they would be under a stored overlay. Raises StartupError when they cannot be built, or, when
        `strict`, a value of it does not fit."""
        ...


def ago(moment: datetime, now: datetime) -> Text:
    """Return how long ago something was, in the largest whole unit: "2 min ago", "3 days ago"."""
    behind = max(now - moment, timedelta())
    if behind < timedelta(minutes=1):
        return text("staff.ago.now", "just now")
    if behind < timedelta(hours=1):
        return text("staff.ago.minutes", "%(n)s min ago", n=behind // timedelta(minutes=1))
    if behind < timedelta(days=1):
        return text("staff.ago.hours", "%(n)s h ago", n=behind // timedelta(hours=1))
    return ntext("staff.ago.days", "%(n)s day ago", "%(n)s days ago", behind.days)
