"""Settings of accounts, the table [accounts] of portal.toml."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class AccountsSettings(ModuleSettings):
    """How long the parts of a page may take that others bring to it."""

    card_ms: int = Field(400, ge=50, le=5_000, description="longest the statements of one card may take, milliseconds")
    page_ms: int = Field(1_500, ge=100, le=15_000, description="longest all cards of a page may take together")
