"""What people type about payments."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from lkportal.core.i18n import text
from lkportal.web import Checkbox, Day, FormModel, Label, Login, PositiveAmount, PublicId, misfit

OTHER = "other"


def _chosen(typed: object) -> int:
    """Return the amount of a chip in minor units; 0 for "other"."""
    if typed == OTHER:
        return 0
    if not (isinstance(typed, str) and typed.isascii() and typed.isdecimal() and len(typed) <= 15):
        raise misfit(text("web.field.choose", "Choose one of the options."))
    return int(typed)


class PayForm(FormModel):
    """How much to pay. A typed `amount` goes before the chosen chip; `token` makes the form one payment, however often sent.

    `bill` is the bill it was opened from, `bills` are those that were ticked; `contact` is where the fiscal receipt goes.
    """

    amount: Annotated[PositiveAmount | None, Label(text("payments.pay.amount", "Another amount"))] = None
    choice: Annotated[int, BeforeValidator(_chosen), Label(text("payments.pay.choice", "Amount"))] = 0
    token: PublicId | None = None
    bill: PublicId | None = None
    bills: list[PublicId] = Field(default_factory=list)
    contact: Annotated[Login | None, Label(text("payments.pay.contact", "Where to send the receipt"))] = None
    gateway: Annotated[str, Field(max_length=40), Label(text("payments.pay.gateway", "How to pay"))] = ""
    save: Checkbox = False


class PeriodForm(FormModel):
    """From which day to which, both included; a day left out is the usual one."""

    since: Annotated[Day | None, Label(text("payments.period.since", "From"))] = None
    until: Annotated[Day | None, Label(text("payments.period.until", "To"))] = None
