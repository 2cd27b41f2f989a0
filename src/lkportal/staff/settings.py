"""Settings of the desk, the table [staff] of portal.toml."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class StaffSettings(ModuleSettings):
    """How the desk judges what it shows."""

    late_hours: dict[str, int] = Field(
        {},
        description="hours after which a kind of file counts as late: { registry = 26, charges = 800 }; others are not judged",
    )
