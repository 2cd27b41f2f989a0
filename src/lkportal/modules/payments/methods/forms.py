"""What people type about autopay."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.web import Checkbox, FormModel, Label, PositiveAmount, PublicId


class AutopayForm(FormModel):
    """How autopay is to pay. `below` and `top_up` belong to the mode "balance", `day` to "bill"; `agree` is the consent."""

    method: Annotated[PublicId, Label(text("payments.autopay.method", "Pay with"))]
    mode: Annotated[Literal["bill", "balance"], Label(text("payments.autopay.mode", "When to pay"))] = "bill"
    day: Annotated[int, Field(ge=1, le=28), Label(text("payments.autopay.day", "Day of the month"))] = 10
    cap: Annotated[PositiveAmount, Label(text("payments.autopay.cap", "No more than a month"))]
    below: Annotated[PositiveAmount | None, Label(text("payments.autopay.below", "When less than this is left"))] = None
    top_up: Annotated[PositiveAmount | None, Label(text("payments.autopay.top_up", "Top up by"))] = None
    agree: Annotated[Checkbox, Label(text("payments.autopay.agree", "Consent"))] = False
