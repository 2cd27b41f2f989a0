"""What rules and pages of tariffs ask of the portal: settings. Filled once for a portal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.settings import TariffsSettings


class Office:
    """The company's rules of services."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def settings(self) -> TariffsSettings:
        """The settings of tariffs."""
        return cast(TariffsSettings, self._portal.settings_of("tariffs"))

    @property
    def zone(self) -> str:
        """The name of the company's time zone."""
        return str(self._portal.settings.portal.time_zone)

    def today(self, moment: datetime) -> date:
        """Return the date where the company is."""
        return local_day(moment, self.zone)
