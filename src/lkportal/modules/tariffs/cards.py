"""What services show on pages of others: the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import text
from lkportal.core.money import Money
from lkportal.modules.tariffs import views

Rows = Mapping[str, Sequence[Any]]


def services_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what is connected and, where the portal charges, what is in hand; None for an account without services."""
    found = rows["services"]
    if not found:
        return None
    settings, prepaid = shown.settings, shown.settings.charges == "portal" and any(each.prepaid for each in found)
    due = views.next_due(found, shown.today)
    promised = int(found[0].promised or 0)
    offers = settings.promised.on and "tariffs.order" in shown.rights
    return {
        "services": [views.service(row, shown.account.currency) for row in found[:4]],
        "in_hand": int(found[0].in_hand) if prepaid else None,
        "covers": "payments.slip" if prepaid else "",
        "need": due,
        "enough": int(found[0].in_hand) + promised - settings.below >= due,
        "promised": promised,
        "promised_until": found[0].promised_until,
        "promise_href": shown.url("tariffs:promise") if offers else "",
        "may_pay": "payments.pay" in shown.rights,
    }


def services_press(rows: Rows, shown: Shown) -> Said | None:
    """Return the line of a service that stands still although its card is put away."""
    stopped = [each for each in rows["services"] if each.state == "suspended"]
    if not stopped:
        return None
    amount = Money(views.next_due(rows["services"], shown.today), shown.account.currency)
    words = text(
        "tariffs.card.stopped", "“%(title)s” stands still: %(sum)s is needed.", title=stopped[0].title, sum=amount
    )
    return Said(words, shown.url("tariffs:services"), text("tariffs.card.look", "To the services"))


def desk_section(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what is connected and what waits, for the desk; None for an account without services."""
    if not rows["services"] and not rows["orders"]:
        return None
    currency = shown.account.currency
    orders = [views.order(row, currency, desk=True) for row in rows["orders"]]
    return {
        "services": [views.service(row, currency) for row in rows["services"]],
        "orders": [(each, shown.url("tariffs:desk_order", order=each.public_id)) for each in orders],
    }
