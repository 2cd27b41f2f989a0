"""Settings of notify, the table [notify] of portal.toml. The mail server stands in [mail]."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class NotifySettings(ModuleSettings):
    """How long notices and the record of letters are kept."""

    keep_notices_days: int = Field(400, ge=1, description="days a notice stays in a person's list")
    keep_letters_days: int = Field(90, ge=1, description="days the record of a letter is kept after it left")
