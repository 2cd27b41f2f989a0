"""What services show on pages of others: the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Shown
from lkportal.modules.tariffs import views

Rows = Mapping[str, Sequence[Any]]


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
