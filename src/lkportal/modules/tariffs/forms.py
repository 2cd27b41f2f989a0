"""What people type about services and orders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lkportal.core.i18n import text
from lkportal.web import Day, FormModel, Label, LongText, PublicId, ShortText, misfit


class OrderForm(FormModel):
    """An order, with what was shown before the button: `price` once and `monthly`, minor units."""

    token: PublicId
    price: Annotated[int, Field(ge=0)]
    monthly: Annotated[int, Field(ge=0)]
    day: Annotated[Day, Label(text("tariffs.form.day", "From which day"))]


class FreezeForm(OrderForm):
    """A freeze has an end."""

    until: Annotated[Day, Label(text("tariffs.form.until", "Until which day"))]


class MoveForm(OrderForm):
    """A move leads somewhere."""

    place: Annotated[ShortText, Label(text("tariffs.form.place", "New address"))]


def _said(typed: str) -> str:
    if not typed.strip():
        raise misfit(text("tariffs.form.reason_empty", "Say why: the customer reads it."))
    return typed


class RejectForm(FormModel):
    """Why the company refuses an order."""

    reason: Annotated[
        LongText, Field(max_length=500), AfterValidator(_said), Label(text("tariffs.form.reason", "Reason"))
    ]


class QueueForm(FormModel):
    """How the desk narrows its queue."""

    show: Literal["waiting", "due", "processed", "rejected", "all"] = "waiting"
    q: ShortText = ""
