"""What pages show of promotions: rows in, plain values out. No database, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkportal.core.contributions import Shown
from lkportal.core.i18n import Text, ntext
from lkportal.modules.tariffs.views import ICON, price_words


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer. `price` says it for how long and what comes then: "450,00 a month for 3 months, then 590,00 a month"."""

    public_id: str
    title: str
    note: str
    icon: str
    price: Text
    until: date


def offers(rows: Sequence[Any], currency: str) -> list[OfferView]:
    """Return offers as customers meet them."""
    return [
        OfferView(row.public_id, row.title, row.note, row.icon or ICON, offer_words(row, currency), row.until)
        for row in rows
    ]


def offer_words(row: Any, currency: str) -> Text:
    """Return what an offer costs, for how long, and what it costs then."""
    return ntext(
        "tariffs.promotion.price",
        "%(price)s for %(n)s month, then %(after)s",
        "%(price)s for %(n)s months, then %(after)s",
        row.price_months,
        price=price_words(int(row.amount), row.months, currency),
        after=price_words(int(row.catalogue), row.months, currency),
    )


def offers_card(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return what is offered to the account today; None when nothing is."""
    found = rows["offers"]
    return {"offers": offers(found, shown.account.currency)} if found else None
