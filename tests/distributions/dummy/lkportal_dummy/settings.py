"""Settings of notes, the table [dummy] of portal.toml."""

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class DummySettings(ModuleSettings):
    """How long a note may be."""

    longest: int = Field(200, ge=1, description="longest note, characters")
