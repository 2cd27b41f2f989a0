"""What people narrow the history by."""

from __future__ import annotations

from typing import Annotated, Literal

from lkportal.core.i18n import text
from lkportal.web import Day, FormModel, Label

Kind = Literal["", "payments", "charges", "refunds", "adjustments"]
State = Literal["", "waiting", "paid", "returned", "declined", "attention"]


class HistoryForm(FormModel):
    """Which operations are shown: of a kind, payments in a state, from one day to another (both included). Empty: all."""

    kind: Annotated[Kind, Label(text("payments.history.kind", "What"))] = ""
    state: Annotated[State, Label(text("payments.history.state", "State"))] = ""
    since: Annotated[Day | None, Label(text("payments.period.since", "From"))] = None
    until: Annotated[Day | None, Label(text("payments.period.until", "To"))] = None
    page: int = 1
