"""Settings of bank statements, the table [bank] of portal.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class BankSettings(ModuleSettings):
    """Whose statements are taken, and what is posted without a person."""

    accounts: tuple[Annotated[str, Field(pattern=r"^\d{20}$")], ...] = Field(
        (), description="the company's bank accounts whose statements are taken, 20 digits each; empty: any"
    )
    by_tax_number: bool = Field(
        True,
        description="whether a payer's tax number is enough, where the purpose names no account and the payer has one",
    )
