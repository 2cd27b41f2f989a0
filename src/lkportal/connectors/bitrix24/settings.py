"""Settings of Bitrix24, the table [bitrix24] of portal.toml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from lkportal.core.settings import ModuleSettings

State = Literal["open", "waiting", "solved"]


def _stages() -> dict[str, State]:
    return {"EXECUTING": "open", "PREPARATION": "open", "WON": "solved", "LOSE": "solved"}


class Bitrix24Settings(ModuleSettings):
    """Where the CRM is, and how its stages and comments are read."""

    webhook: SecretStr = Field(
        SecretStr(""),
        description='address of an incoming webhook with the right "crm": https://NAME.bitrix24.ru/rest/1/SECRET/; empty: off',
    )
    category: int = Field(0, ge=0, description="the pipeline new deals are put into; 0 is the common one")
    responsible: int = Field(0, ge=0, description="id of the employee who gets new deals; 0: as the CRM decides")
    stages: dict[str, State] = Field(
        default_factory=_stages,
        description="what a stage means for the customer, by its code, with or without the pipeline's prefix (C7:)",
    )
    mark: str = Field(
        "Клиенту:",
        min_length=2,
        max_length=40,
        description="a comment that begins so is for the customer; all others stay in the CRM",
    )
    contacts: bool = Field(True, description="whether the CRM is told the customer's name, address and phone")
    hook_token: SecretStr = Field(
        SecretStr(""),
        description="application_token of an outgoing webhook that says when something changes; empty: only polling",
    )
    timeout: float = Field(10.0, gt=0, le=30, description="seconds a call may take")
