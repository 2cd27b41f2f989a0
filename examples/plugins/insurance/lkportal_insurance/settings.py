"""Settings of the module, the table [insurance] of portal.toml, and the port by which rules and jobs know them."""

from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class InsuranceSettings(ModuleSettings):
    """When premiums are asked for, and when people are reminded."""

    bill_days: int = Field(30, ge=0, le=180, description="days before its day a premium becomes a bill")
    remind_days: tuple[int, ...] = Field(
        (30, 7), description="days before the end of a policy on which people are told"
    )
    ending_days: int = Field(30, ge=0, le=180, description="days before its end from which a policy is shown as ending")


class Insurer:
    """What rules and jobs ask of the portal: settings, and which day it is for the company."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def settings(self) -> InsuranceSettings:
        """The settings as they are now."""
        return cast(InsuranceSettings, self._portal.settings_of("insurance"))

    def today(self, moment: datetime) -> date:
        """Return the day of a moment in the company's time zone."""
        return moment.astimezone(ZoneInfo(str(self._portal.settings.portal.time_zone))).date()
