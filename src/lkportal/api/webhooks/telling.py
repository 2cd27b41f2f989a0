"""What webhooks are told: events that the relay numbers become deliveries in its own transaction. Fills the port Follower."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.api.webhooks.models import Delivery, Webhook
from lkportal.core.ids import public_id
from lkportal.core.tables import insert_if_new

JOB = "api.webhook"
TESTED = "api.webhook_tested"
_deliveries: Any = Delivery.__table__
_INSERT = insert_if_new(_deliveries)
_LISTENING = select(Webhook.id, Webhook.public_id, Webhook.events).where(Webhook.state == "on")


class Telling:
    """Makes a delivery of each event for each webhook that wants it."""

    def relayed(self, db: Session, events: Sequence[Any], now: datetime) -> list[tuple[str, dict[str, Any]]]:
        """Write deliveries of relayed events (event_id, name); return the jobs that send them, one for each webhook."""
        webhooks = db.execute(_LISTENING).all()
        found, told = [], dict[str, None]()
        for webhook in webhooks:
            for event in events:
                if event.name != TESTED and (not webhook.events or event.name in webhook.events):
                    found.append(delivery(webhook.id, event.event_id, event.name, now))
                    told[webhook.public_id] = None
        if found:
            db.execute(_INSERT[db.get_bind().dialect.name], found)
        return [(JOB, {"webhook": name}) for name in told]


def delivery(webhook: int, event: str, name: str, now: datetime) -> dict[str, Any]:
    """Return the row of a new delivery."""
    return {
        "public_id": public_id(),
        "webhook_id": webhook,
        "event_id": event,
        "name": name,
        "state": "waiting",
        "attempts": 0,
        "next_at": now,
        "said": "",
        "created_at": now,
    }
