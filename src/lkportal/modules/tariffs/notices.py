"""What people are told of orders: carried out, refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.modules.tariffs import queries, views
from lkportal.modules.tariffs.contract import OrderProcessed, OrderRejected
from lkportal.modules.tariffs.models import Order

_ONE = queries.ORDER.where(Order.public_id == bindparam("order"))


def decided(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told of an order that was decided."""
    row = db.execute(_ONE, {"order": envelope.body["order"]}).first()
    if row is None:
        return None
    return {
        "about": row.public_id,
        "what": views.order_words(row),
        "done": envelope.name == OrderProcessed.name,
        "reason": views.reason_words(row.reason),
        "effective_on": row.effective_on,
        "link_params": {"order": row.public_id},
    }


_SHARED: dict[str, Any] = {"action": "tariffs.view", "route": "tariffs:order"}
NOTICES = (
    Notice("tariffs.processed", OrderProcessed.name, "tariffs.orders", "tariffs/notices/decided", decided, **_SHARED),
    Notice("tariffs.rejected", OrderRejected.name, "tariffs.orders", "tariffs/notices/decided", decided, **_SHARED),
)
