"""What people type when they pay for several accounts at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, Login, PositiveAmount, PublicId, ShortText


class TogetherForm(FormModel):
    """Which accounts are paid for. `amounts[<account>]` is typed where another sum than the one shown is meant; `shown[<account>]`
    is that one (minor units): it is what the payer saw, whatever is owed by now. `token` makes the form one payment."""

    chosen: Annotated[list[PublicId], Label(text("payments.together.chosen", "Pay for"))] = Field(default_factory=list)
    amounts: Annotated[dict[PublicId, PositiveAmount], Label(text("payments.together.sum", "Sum"))] = Field(
        default_factory=dict
    )
    shown: dict[PublicId, int] = Field(default_factory=dict)
    token: PublicId | None = None
    contact: Annotated[Login | None, Label(text("payments.pay.contact", "Where to send the receipt"))] = None


class ChoiceForm(FormModel):
    """What the page begins with: a search among accounts, or the accounts it is about (public ids, with dots between)."""

    q: ShortText = ""
    ticked: ShortText = ""
