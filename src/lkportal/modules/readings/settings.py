"""Settings of readings, the table [readings] of portal.toml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class ReadingsSettings(ModuleSettings):
    """When readings are taken and when a value looks wrong."""

    window_first: int = Field(15, ge=1, le=28, description="first day of the month on which readings are awaited")
    window_last: int = Field(25, ge=1, le=28, description="last day that counts for the month; then the next one's")
    late: Literal["next_month", "refuse"] = Field("next_month", description="what becomes of readings after that day")
    jump_factor: int = Field(5, ge=2, description="how many times the usual consumption asks for a second look")
    jump_floor: int = Field(10, ge=1, description="consumption in whole units below which nothing is asked")
    rollover_share: int = Field(10, ge=1, le=50, description="last percent of the dial from which it may roll over")
