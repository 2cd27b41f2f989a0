"""Telling: an event becomes entries of people's lists and queued letters, in the listener's own unit. Fills the ports
NoticeSender and Letters. What happens to a queued letter stands in posting."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.jobs_states import changed
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.notify import audience
from lkportal.notify.audience import Reader
from lkportal.notify.models import Letter, Message
from lkportal.notify.packing import pack
from lkportal.notify.portal import Portal, mail_domain

LETTER = "notify.letter"
_NEW_MESSAGE = insert_if_new(cast(Table, Message.__table__))
_NEW_LETTER = insert_if_new(cast(Table, Letter.__table__))
_IN_APP, _EMAIL = "in_app", "email"


class Teller:
    """Tells the people of one portal. Everything it writes bears being written twice: unique keys decide."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def tell(self, db: Session, notice: Notice, envelope: Envelope) -> None:
        """Write the entries and queue the letters of `notice`: for those with the right, by the channels of its topic."""
        readers = self._readers(db, notice, envelope)
        facts = notice.facts(db, envelope) if readers else None
        if facts is None:
            return
        topic = self._portal.registry.topics.get(notice.topic)
        channels = topic.default if topic else (_IN_APP,)
        packed = pack(dict(facts), notice.name)
        for reader in readers:
            if _IN_APP in channels:
                _insert(db, _NEW_MESSAGE, _message(db, notice, envelope, reader, packed))
            if _EMAIL in channels and reader.email:
                row = _letter(db, notice, envelope, reader, packed)
                row["message_id"] = f"{_stable(envelope.id, notice.name, reader.public_id)}@{mail_domain(self._portal)}"
                _post(db, row)

    def send(
        self,
        db: Session,
        *,
        to: str,
        template: str,
        values: Mapping[str, Any],
        locale: str,
        brand: str,
        kind: str,
    ) -> None:
        """Queue a letter to an address, with no event behind it."""
        row = _blank(db, kind, template, pack(dict(values), template))
        row |= {"recipient": to, "locale": locale, "brand": brand}
        row["message_id"] = f"{public_id()}{public_id()}@{mail_domain(self._portal)}"
        _post(db, row)

    def _readers(self, db: Session, notice: Notice, envelope: Envelope) -> list[Reader]:
        ports = context(db).ports
        if notice.audience == "actor":
            return audience.actor(db, ports, envelope.actor, envelope.account, notice.action)
        return audience.members(db, ports, envelope.account, notice.action)


def _message(db: Session, notice: Notice, envelope: Envelope, reader: Reader, packed: Any) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "identity_id": reader.identity_id,
        "account_id": reader.account.id if reader.account else None,
        "event_id": envelope.id,
        "notice": notice.name,
        "topic": notice.topic,
        "template": notice.template,
        "route": notice.route,
        "facts": packed,
        "created_at": now(db),
    }


def _letter(db: Session, notice: Notice, envelope: Envelope, reader: Reader, packed: Any) -> dict[str, Any]:
    return _blank(db, notice.topic, notice.template, packed) | {
        "identity_id": reader.identity_id,
        "account": reader.account.public_id if reader.account else None,
        "action": notice.action,
        "audience": notice.audience,
        "route": notice.route,
        "locale": reader.locale,
        "brand": reader.account.brand if reader.account else envelope.brand or "",
    }


def _blank(db: Session, kind: str, template: str, packed: Any) -> dict[str, Any]:
    return {
        "public_id": public_id(),
        "kind": kind,
        "template": template,
        "facts": packed,
        "state": "queued",
        "created_at": now(db),
    }


def _post(db: Session, row: dict[str, Any]) -> None:
    """Queue the job that sends the letter, unless the same letter is known already."""
    if insert_letter(db, row):
        enqueue(db, LETTER, {"letter": row["public_id"]}, dedup=f"{LETTER}/{row['public_id']}")


def insert_letter(db: Session, row: dict[str, Any]) -> bool:
    """Write the row of a letter unless its message id is known; return whether it was new."""
    return _insert(db, _NEW_LETTER, row)


def _insert(db: Session, statements: Mapping[str, Any], row: dict[str, Any]) -> bool:
    return bool(changed(db.execute(statements[db.get_bind().dialect.name], row)))


def _stable(*parts: str) -> str:
    return sha256("/".join(parts).encode()).hexdigest()[:40]
