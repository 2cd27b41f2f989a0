"""Settings of readings, the table [readings] of portal.toml: what holds where no rule of a date says otherwise."""

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
    norm_milli: int = Field(0, ge=0, description="thousandths a resident a month without readings; 0: none")
    average_months: int = Field(
        6, ge=3, le=24, description="months that the average of a missing reading is taken from"
    )
    average_times: int = Field(3, ge=0, le=12, description="months in a row charged by average, then by the norm")
    photos: bool = Field(True, description="whether a photo of the dial may be sent with a reading")
    photo_mb: int = Field(8, ge=1, le=20, description="the largest photo, in millions of bytes")
    files: bool = Field(True, description="whether companies may send the readings of all their meters in one table")
    review: Literal["doubts", "photos"] = Field("doubts", description="what people of the company look at")
    remind_before: tuple[int, ...] = Field((10, 2), description="days before the last one on which people are reminded")
    growth_factor: int = Field(2, ge=2, description="how many times the usual month is told as unusual growth")
    cohort_least: int = Field(20, ge=20, description="homes that a group of similar ones must have to be shown")
