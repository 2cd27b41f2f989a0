"""Webhooks as rows: made, switched, tested, their deliveries sent again. Sending is in sending."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.api.webhooks.models import Delivery, Webhook
from lkportal.api.webhooks.telling import JOB, TESTED, delivery
from lkportal.core.errors import NotFound
from lkportal.core.events import Event, emit
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now

_deliveries: Any = Delivery.__table__
_webhooks: Any = Webhook.__table__
_ALL: Any = select(Webhook.public_id, Webhook.url, Webhook.events, Webhook.state).order_by(Webhook.id.desc())
_LOG = (
    select(Delivery)
    .where(Delivery.webhook_id == bindparam("of"))
    .order_by(Delivery.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


@dataclass(frozen=True)
class WebhookTested(Event):
    """Somebody of the company asked for a trial: this event goes to one webhook alone."""

    name: ClassVar[str] = TESTED
    title: ClassVar[Text | str] = text("api.event.webhook_tested", "Trial of a webhook")
    webhook: str


def add(db: Session, url: str, events: Sequence[str]) -> tuple[str, str]:
    """Keep an address that is told of `events` (none: of all); return (its secret, its public id)."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    row = Webhook(
        url=url,
        events=sorted(events),
        secret=secret,
        state="on",
        created_at=now(db),
        created_by=context(db).actor.label,
    )
    db.add(row)
    db.flush()
    _record(db, "api.webhook_added", row.public_id)
    return secret, row.public_id


def switch(db: Session, public_id: str, *, on: bool) -> None:
    """Switch a webhook on or off. What waits goes on waiting. Raises NotFound."""
    row = one(db, public_id)
    db.execute(update(_webhooks).where(_webhooks.c.id == row.id).values(state="on" if on else "off", rests_until=None))
    _record(db, "api.webhook_on" if on else "api.webhook_off", public_id)
    if on:
        enqueue(db, JOB, {"webhook": public_id})


def test(db: Session, public_id: str) -> None:
    """Tell a webhook of a trial. Raises NotFound."""
    row = one(db, public_id)
    event = emit(db, WebhookTested(public_id))
    db.execute(insert(_deliveries).values(delivery(row.id, event, TESTED, now(db))))
    enqueue(db, JOB, {"webhook": public_id})


def again(db: Session, public_id: str, delivery_id: str) -> None:
    """Send one delivery again, under the id it had. Raises NotFound."""
    row = one(db, public_id)
    if not _waiting(db, _deliveries.c.webhook_id == row.id, _deliveries.c.public_id == delivery_id):
        raise NotFound
    _record(db, "api.webhook_replayed", public_id)
    enqueue(db, JOB, {"webhook": public_id})


def again_since(db: Session, public_id: str, since: datetime) -> int:
    """Send all deliveries made since a moment again; return how many. Raises NotFound."""
    row = one(db, public_id)
    count = _waiting(db, _deliveries.c.webhook_id == row.id, _deliveries.c.created_at >= since)
    _record(db, "api.webhook_replayed", public_id)
    enqueue(db, JOB, {"webhook": public_id})
    return count


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """Return all webhooks, newest first."""
    return connection.execute(_ALL).all()


def one(db: Connection | Session, public_id: str) -> Row[Any]:
    """Return one webhook. Raises NotFound."""
    found = db.execute(select(_webhooks).where(_webhooks.c.public_id == public_id)).first()
    if found is None:
        raise NotFound
    return found


def log(connection: Connection, webhook: int, limit: int, offset: int = 0) -> Sequence[Row[Any]]:
    """Return deliveries of a webhook, newest first."""
    return connection.execute(_LOG, {"of": webhook, "limit": limit, "offset": offset}).all()


def _waiting(db: Session, *conditions: Any) -> int:
    wake = update(_deliveries).where(*conditions).values(state="waiting", attempts=0, next_at=now(db))
    changed: Any = db.execute(wake)
    return int(changed.rowcount)


def _record(db: Session, action: str, target: str) -> None:
    port(db, AuditLog).record(db, action, target=target)  # type: ignore[type-abstract]
