"""Sending what webhooks are to be told: signed, one after the other for each webhook, tried again with growing pauses. A receiver that is
dead holds up itself alone: it is let rest after a few failures, and others are other jobs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import bindparam, delete, or_, select, update

from lkportal.api.settings import ApiSettings
from lkportal.api.webhooks import outward
from lkportal.api.webhooks.models import Delivery, Webhook
from lkportal.api.webhooks.telling import JOB
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.events import Envelope, envelope_of, titles
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.module import names
from lkportal.core.tables import outbox
from lkportal.core.work.states import changed

_DUE, _PURGE = "api.webhooks_due", "api.webhooks_purge"
# The schedule of Standard Webhooks: 75 hours and 35 minutes, then it is a dead letter.
PAUSES = tuple(timedelta(seconds=each) for each in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
_LEASE = timedelta(minutes=2)
_REST = timedelta(minutes=1)
_IN_A_ROW = 3
_AT_ONCE = 20
_GONE = 410
_webhooks: Any = Webhook.__table__
_deliveries: Any = Delivery.__table__
_IS_DUE = (Delivery.state == "waiting", Delivery.next_at <= bindparam("now"))
_NEXT = (
    select(
        Delivery.id.label("delivery_id"),
        Delivery.attempts,
        Delivery.event_id,
        *(each for each in outbox.c if each.name not in ("id", "event_id")),
    )
    .outerjoin(outbox, outbox.c.event_id == Delivery.event_id)
    .where(Delivery.webhook_id == bindparam("of"), *_IS_DUE)
    .order_by(Delivery.id)
    .limit(_AT_ONCE)
)
_WAITING = (
    select(Webhook.public_id)
    .where(Webhook.state == "on", Webhook.id.in_(select(Delivery.webhook_id).where(*_IS_DUE)))
    .order_by(Webhook.id)
)
_OLD = select(Delivery.id).where(Delivery.created_at < bindparam("before"), Delivery.state != "waiting").limit(500)


def send(work: JobContext, *, webhook: str) -> None:
    """Send what is due to one webhook, unless somebody does or it rests."""
    settings: ApiSettings = work.ports.get(Settings).api
    while True:
        row = _claimed(work, webhook)
        if row is None:
            return
        try:
            went_well = _send_due(work, row, settings)
        finally:
            _released(work, row.id)
        # Who came while this one sent went away: what they brought is seen now that the claim is free.
        if not went_well or not _is_due(work, row.id):
            return


def look(work: JobContext) -> None:
    """Queue sending for every webhook that something waits for: retries, and what a dead process left."""
    with work.reading() as connection:
        found = connection.scalars(_WAITING, {"now": work.clock.now()}).all()
    if found:
        with work.unit() as db:
            for name in found:
                enqueue(db, JOB, {"webhook": name}, dedup=f"{JOB}/{name}")


def purge(work: JobContext) -> None:
    """Let old deliveries go."""
    before = work.clock.now() - timedelta(days=work.ports.get(Settings).api.keep_days)
    while True:
        with work.unit() as db:
            found = db.scalars(_OLD, {"before": before}).all()
            db.execute(delete(_deliveries).where(_deliveries.c.id.in_(found)))
        if not found:
            return
        work.heartbeat()


def signed(secret: str, message: str, moment: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks: id, timestamp and signature of a body."""
    seconds = str(int(moment.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "user-agent": "lkportal",
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def payload(envelope: Envelope) -> bytes:
    """Return what a webhook is told of an event: {"type", "timestamp", "data"}, data as the events feed shows it."""
    data = envelope.as_dict()
    told = {"type": envelope.name, "timestamp": data["occurred_at"], "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


class Settings:
    """The settings of the API, for jobs; the events of the portal, for its pages. A port of the room itself."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def api(self) -> ApiSettings:
        """The settings as they are now."""
        found: ApiSettings = self._portal.settings_of("api")
        return found

    @property
    def events(self) -> Mapping[str, Text | str]:
        """What the events of the modules that are on are called, by name."""
        return titles(names(self._portal.registry.modules))


def _claimed(work: JobContext, name: str) -> Any:
    """Take a webhook that is on, rests not and is in nobody's hands; return its row, or None."""
    now = work.clock.now()
    free = or_(_webhooks.c.sending_until.is_(None), _webhooks.c.sending_until <= now)
    rested = or_(_webhooks.c.rests_until.is_(None), _webhooks.c.rests_until <= now)
    mine = (_webhooks.c.public_id == name, _webhooks.c.state == "on", free, rested)
    with work.unit() as db:
        if not changed(db.execute(update(_webhooks).where(*mine).values(sending_until=now + _LEASE))):
            return None
        return db.execute(select(_webhooks).where(_webhooks.c.public_id == name)).one()


def _released(work: JobContext, webhook: int) -> None:
    with work.database.unit() as db:
        db.execute(update(_webhooks).where(_webhooks.c.id == webhook).values(sending_until=None))


def _is_due(work: JobContext, webhook: int) -> bool:
    with work.reading() as connection:
        return connection.execute(_NEXT, {"of": webhook, "now": work.clock.now()}).first() is not None


def _send_due(work: JobContext, webhook: Any, settings: ApiSettings) -> bool:
    """Send until nothing is due; return False when the webhook was let rest or is gone."""
    failed = 0
    while True:
        with work.reading() as connection:
            due = connection.execute(_NEXT, {"of": webhook.id, "now": work.clock.now()}).all()
        if not due:
            return True
        for row in due:
            status, wait, said = _told(webhook, row, work.clock.now(), settings)
            _keep(work, webhook, row, status, wait, said)
            if status == _GONE:
                return False
            failed = 0 if 200 <= status < 300 else failed + 1
            if failed >= _IN_A_ROW:
                _rest(work, webhook.id)
                return False
        work.heartbeat()


def _told(webhook: Any, row: Any, now: datetime, settings: ApiSettings) -> tuple[int, int, str]:
    """Tell one event; return (status or 0, seconds to wait, what the log says)."""
    if row.name is None:
        return 0, 0, "event_gone"
    body = payload(envelope_of(row))
    try:
        answer = outward.post(webhook.url, body, signed(webhook.secret, row.event_id, now, body), settings.inside_hosts)
    except outward.Closed as closed:
        return 0, 0, closed.code
    except httpx2.TimeoutException:
        return 0, 0, "timeout"
    except httpx2.HTTPError:
        return 0, 0, "connection"
    return answer.status, answer.wait, str(answer.status)


def _keep(work: JobContext, webhook: Any, row: Any, status: int, wait: int, said: str) -> None:
    """Write down how a try ended, and when the next one is."""
    now, attempts = work.clock.now(), row.attempts + 1
    done = 200 <= status < 300
    over = attempts > len(PAUSES) or said == "event_gone"
    pause = timedelta() if done or over else max(PAUSES[attempts - 1], timedelta(seconds=min(wait, 86_400)))
    state = "done" if done else "dead" if over else "waiting"
    values = {"state": state, "attempts": attempts, "next_at": now + pause, "said": said, "tried_at": now}
    with work.unit() as db:
        db.execute(update(_deliveries).where(_deliveries.c.id == row.delivery_id).values(values))
        own: dict[str, Any] = {"sending_until": now + _LEASE}
        if status == _GONE:
            own["state"] = "gone"
        db.execute(update(_webhooks).where(_webhooks.c.id == webhook.id).values(own))
        if state == "waiting" and status != _GONE:
            enqueue(db, JOB, {"webhook": webhook.public_id}, run_at=now + pause)


def _rest(work: JobContext, webhook: int) -> None:
    with work.unit() as db:
        rests = update(_webhooks).where(_webhooks.c.id == webhook)
        db.execute(rests.values(rests_until=work.clock.now() + _REST))


WEBHOOK_JOBS = [
    JobSpec(JOB, send, lease_seconds=300, title=text("api.work.webhook", "Tells another system of events")),
    JobSpec(_DUE, look, title=text("api.work.webhooks_due", "Looks for events that wait to be told")),
    JobSpec(_PURGE, purge, title=text("api.work.webhooks_purge", "Deletes old records of what was told")),
]
WEBHOOK_SCHEDULES = [Schedule(_DUE, "* * * * *"), Schedule(_PURGE, "50 3 * * *")]
