"""Input of the switchboard."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.core.registry.rollouts import Mode
from lkportal.web import FormModel, Label, ShortText

LONGEST_LIST = 200
"""Accounts that a list may hold: what it is for is trying something out. A share is for more."""
Confirm = Literal["", "yes", "back"]
"""yes: what was shown beforehand shall be done; back: the form again, as it was typed."""
Reason = Annotated[ShortText, Field(min_length=5), Label(text("staff.switch.reason", "Why"))]


class RolloutForm(FormModel):
    """To whom a module shall be open. `seen` tells what stood on the page apart from what stands there now."""

    mode: Annotated[Mode, Label(text("staff.switch.mode", "Open to"))]
    accounts: Annotated[str, Field(max_length=8_000), Label(text("staff.switch.accounts", "Numbers of accounts"))] = ""
    share: Annotated[
        int | None, Field(ge=1, le=99), Label(text("staff.switch.share", "Share of accounts, percent"))
    ] = None
    reason: Reason
    seen: Annotated[str, Field(max_length=64)] = ""
    confirm: Confirm = ""


class SettingForm(FormModel):
    """A setting's value as typed, or what was ticked of `several`; `reset`: that of portal.toml again."""

    value: Annotated[str, Field(max_length=500), Label(text("staff.setting.value", "Value"))] = ""
    several: tuple[ShortText, ...] = ()
    reset: Literal["", "on"] = ""
    reason: Reason
    seen: Annotated[str, Field(max_length=64)] = ""
    confirm: Confirm = ""
