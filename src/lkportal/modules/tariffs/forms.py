"""What people type about services and orders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lkportal.core.i18n import text
from lkportal.web import Amount, Day, FormModel, Label, LongText, PublicId, ShortText, misfit


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


class OfferForm(FormModel):
    """An offer to customers: `offering` is a code of the catalogue, `segment` whom it is for ("": all)."""

    token: PublicId
    offering: Annotated[ShortText, Field(max_length=200), Label(text("tariffs.offers.what", "What is offered"))]
    title: Annotated[
        ShortText, Field(min_length=1, max_length=120), Label(text("tariffs.offers.title", "How it is called"))
    ]
    note: Annotated[ShortText, Field(max_length=300), Label(text("tariffs.offers.note", "In a few words"))] = ""
    segment: Annotated[ShortText, Field(max_length=40), Label(text("tariffs.offers.segment", "For whom"))] = ""
    price: Annotated[Amount, Label(text("tariffs.offers.price", "Price"))]
    months: Annotated[int, Field(ge=1, le=60), Label(text("tariffs.offers.months", "For how many months"))]
    connect_price: Annotated[Amount | None, Label(text("tariffs.offers.connect", "Paid once"))] = None
    since: Annotated[Day, Label(text("tariffs.offers.since", "From which day"))]
    until: Annotated[Day, Label(text("tariffs.offers.until", "Until which day"))]


class QueueForm(FormModel):
    """How the desk narrows its queue."""

    show: Literal["waiting", "due", "processed", "rejected", "all"] = "waiting"
    q: ShortText = ""
