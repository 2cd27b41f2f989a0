"""Settings of news, the table [news] of portal.toml."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class NewsSettings(ModuleSettings):
    """What is shown to whom, and when."""

    services: tuple[str, ...] = Field(
        ("cold_water", "hot_water", "heat", "electricity", "gas"),
        min_length=1,
        description="services an outage may be of, also: internet, tv, telephone",
    )
    public_outages: bool = Field(True, description="whether outages are shown to everybody, without signing in")
    ahead_days: int = Field(
        3, ge=0, le=60, description="days before its beginning that a planned outage is shown at home"
    )
