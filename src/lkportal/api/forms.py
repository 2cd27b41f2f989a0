"""Input about tokens: of systems at the desk, of programs in a customer's settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, ShortText


class TokenForm(FormModel):
    """A token for a system: what it may push, for how long, from where (networks apart by spaces)."""

    name: Annotated[ShortText, Field(max_length=80), Label(text("api.token.name", "System"))]
    kinds: Annotated[
        list[str], Field(default_factory=list, max_length=100), Label(text("api.token.kinds", "What it may push"))
    ]
    scopes: Annotated[
        list[str], Field(default_factory=list, max_length=100), Label(text("api.token.scopes", "What it may call"))
    ]
    days: Annotated[int, Field(ge=1, le=1830), Label(text("api.token.days", "Good for, days"))]
    networks: Annotated[str, Field(max_length=500), Label(text("api.token.networks", "Only from networks"))] = ""


class ProgramForm(FormModel):
    """A token for a program of a customer: what it may do, for how long."""

    name: Annotated[ShortText, Field(max_length=80), Label(text("api.own.name", "Program"))]
    scopes: Annotated[list[str], Field(min_length=1, max_length=100), Label(text("api.own.scopes", "What it may do"))]
    days: Annotated[int, Field(ge=1, le=730), Label(text("api.token.days", "Good for, days"))]
