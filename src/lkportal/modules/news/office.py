"""What day it is for rules and jobs of news, and its settings: filled once for a portal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from lkportal.modules.news.settings import NewsSettings


class Office:
    """The company's zone and settings."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def settings(self) -> NewsSettings:
        """The settings of news."""
        return cast(NewsSettings, self._portal.settings_of("news"))

    @property
    def zone(self) -> str:
        """The name of the company's time zone."""
        return str(self._portal.settings.portal.time_zone)

    @property
    def language(self) -> str:
        """The company's first language."""
        return str(self._portal.settings.portal.languages[0])

    def day(self, moment: datetime) -> date:
        """The day of a moment where the company is."""
        return moment.astimezone(ZoneInfo(self.zone)).date()
