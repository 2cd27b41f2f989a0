"""What people narrow spending by."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, ShortText, misfit

_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-\d{2})?")


def _month(typed: object) -> date:
    """Return the first day of a month typed as 2026-10 or as any of its days."""
    match = _MONTH.fullmatch(str(typed).strip())
    if match is None or not (1990 <= int(match[1]) <= 2200 and 1 <= int(match[2]) <= 12):
        raise misfit(text("payments.spending.month", "Write a month such as 2026-10."))
    return date(int(match[1]), int(match[2]), 1)


Month = Annotated[date, BeforeValidator(_month)]


class SpendingForm(FormModel):
    """From which month to which, both included (any of their days), and one service; left out: the last twelve, and all."""

    since: Annotated[Month | None, Label(text("payments.spending.since", "From the month of"))] = None
    until: Annotated[Month | None, Label(text("payments.spending.until", "To the month of"))] = None
    service: ShortText = ""
