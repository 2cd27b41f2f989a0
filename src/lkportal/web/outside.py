"""A port for the pages of people who are outside still: what goes on that they may have come for. Modules fill it."""

from __future__ import annotations

from typing import Protocol

from lkportal.core.contributions import Said
from lkportal.web.request import Request


class GoingOn(Protocol):
    """Port filled by a module: one line above the sign-in form, such as outages that everybody may read of."""

    def said(self, request: Request) -> Said | None:
        """Return the line with its link, None when nothing goes on. It costs nearly no statement: what was read is remembered."""
        ...
