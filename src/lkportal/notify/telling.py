"""Telling: an event becomes entries of people's lists and queued letters, in the listener's own unit. Fills the ports
NoticeSender and Letters. What happens to a queued letter stands in posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.events import Envelope
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue, enqueue_many
from lkportal.core.jobs_states import changed
from lkportal.core.notices import Notice, Told
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
_WRITTEN = select(Message.public_id).where(Message.public_id.in_(bindparam("ids", expanding=True))).order_by(Message.id)
_IN_APP, _EMAIL = "in_app", "email"


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell one person: `key` (an event's id, or what it is about) tells them once."""

    reader: Reader
    key: str
    packed: Any
    brand: str = ""


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
        packed = pack(dict(facts), notice.name)
        self._write(db, notice, [News(reader, envelope.id, packed, envelope.brand or "") for reader in readers])

    def tell_many(self, db: Session, notice: str, told: Sequence[Told]) -> int:
        """Tell of many things at once, with a number of statements that does not depend on how many they are."""
        declared = self._portal.registry.notices[notice]
        readers = audience.of_many(db, context(db).ports, [each.account_id for each in told], declared.action)
        news = [
            News(reader, each.about, pack({**each.facts, "about": each.about}, notice))
            for each in told
            for reader in readers.get(each.account_id, ())
        ]
        return self._write(db, declared, news) if news else 0

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

    def _write(self, db: Session, notice: Notice, news: Sequence[News]) -> int:
        """Write what is new of `news`; who was told of it before is left out, with every letter of it."""
        topic = self._portal.registry.topics.get(notice.topic)
        channels = topic.default if topic else (_IN_APP,)
        entries = {public_id(): each for each in news}
        rows = [_message(db, notice, each, key) for key, each in entries.items()]
        db.execute(_NEW_MESSAGE[db.get_bind().dialect.name], rows)
        new = db.execute(_WRITTEN, {"ids": list(entries)}).scalars().all()
        if _EMAIL in channels:
            domain = mail_domain(self._portal)
            letters = [
                _letter(db, notice, each, f"{_stable(each.key, notice.name, each.reader.public_id)}@{domain}")
                for each in (entries[key] for key in new)
                if each.reader.email
            ]
            _post_all(db, letters)
        return len(new)


def _message(db: Session, notice: Notice, news: News, key: str) -> dict[str, Any]:
    account = news.reader.account
    return {
        "public_id": key,
        "identity_id": news.reader.identity_id,
        "account_id": account.id if account else None,
        "event_id": news.key,
        "notice": notice.name,
        "topic": notice.topic,
        "template": notice.template,
        "route": notice.route,
        "facts": news.packed,
        "created_at": now(db),
    }


def _letter(db: Session, notice: Notice, news: News, message_id: str) -> dict[str, Any]:
    account = news.reader.account
    return _blank(db, notice.topic, notice.template, news.packed) | {
        "message_id": message_id,
        "identity_id": news.reader.identity_id,
        "account": account.public_id if account else None,
        "action": notice.action,
        "audience": notice.audience,
        "route": notice.route,
        "locale": news.reader.locale,
        "brand": account.brand if account else news.brand,
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


def _post_all(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.execute(_NEW_LETTER[db.get_bind().dialect.name], rows)
        enqueue_many(db, LETTER, [({"letter": row["public_id"]}, f"{LETTER}/{row['public_id']}", None) for row in rows])


def insert_letter(db: Session, row: dict[str, Any]) -> bool:
    """Write the row of a letter unless its message id is known; return whether it was new."""
    return _insert(db, _NEW_LETTER, row)


def _insert(db: Session, statements: Mapping[str, Any], row: dict[str, Any]) -> bool:
    return bool(changed(db.execute(statements[db.get_bind().dialect.name], row)))


def _stable(*parts: str) -> str:
    return sha256("/".join(parts).encode()).hexdigest()[:40]
