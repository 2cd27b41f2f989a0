"""Input of the desk about systems."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, ShortText


class TokenForm(FormModel):
    """A token for a system: what it may push, for how long, from where (networks apart by spaces)."""

    name: Annotated[ShortText, Field(max_length=80), Label(text("api.token.name", "System"))]
    kinds: Annotated[list[str], Field(min_length=1, max_length=100), Label(text("api.token.kinds", "What it may push"))]
    days: Annotated[int, Field(ge=1, le=1830), Label(text("api.token.days", "Good for, days"))]
    networks: Annotated[str, Field(max_length=500), Label(text("api.token.networks", "Only from networks"))] = ""
