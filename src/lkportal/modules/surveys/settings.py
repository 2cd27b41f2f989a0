"""Settings of surveys, the table [surveys] of portal.toml."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class SurveysSettings(ModuleSettings):
    """Whom surveys ask, and how often."""

    pause_days: int = Field(30, ge=1, le=365, description="days in which a person is asked once at most")
    wait_hours: int = Field(2, ge=0, le=240, description="hours between a contact and the question about it")
    answer_days: int = Field(14, ge=1, le=60, description="days in which a question may be answered")
    consent: str = Field(
        "",
        description="purpose of a consent that people must have given to be asked; empty: their notices decide alone",
    )
