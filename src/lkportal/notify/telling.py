"""Telling: what happened becomes entries of people's lists and queued messages, in the listener's own unit. Fills the ports
NoticeSender and Letters. Which messages leave when is planned in planning, how they leave stands in posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.asked.letters import TextMessages
from lkportal.core.events import Envelope
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue, enqueue_many
from lkportal.core.module import Topic
from lkportal.core.notices import Notice, Told
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.core.work.states import changed
from lkportal.notify import audience
from lkportal.notify.audience import Reader
from lkportal.notify.choosing.choices import Wishes, quiet_of, rules
from lkportal.notify.choosing.planning import Step, plan
from lkportal.notify.models import Letter, Message
from lkportal.notify.packing import pack
from lkportal.notify.portal import Portal, mail_domain

LETTER = "notify.letter"
_NEW_MESSAGE = insert_if_new(cast(Table, Message.__table__))
_NEW_LETTER = insert_if_new(cast(Table, Letter.__table__))
_WRITTEN = select(Message.public_id).where(Message.public_id.in_(bindparam("ids", expanding=True))).order_by(Message.id)
_IN_APP = "in_app"


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
        ids = [each.account_id for each in told]
        readers = self._open_to(declared, audience.of_many(db, context(db).ports, ids, declared.action))
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
        row |= {"recipient": to, "locale": locale, "brand": brand, "due_at": now(db)}
        row["channel"] = "sms" if to.startswith("+") else "email"
        row["message_id"] = f"{public_id()}{public_id()}@{mail_domain(self._portal)}"
        _post(db, row)

    def _open_to(self, notice: Notice, readers: Mapping[int, list[Reader]]) -> Mapping[int, list[Reader]]:
        """Return the readers of accounts that the notice's module is open to."""
        registry = self._portal.registry
        owner = registry.owners[f"notices:{notice.name}"]
        if not registry.opening.may_be_closed(owner):
            return readers
        return {
            key: [each for each in people if each.account and registry.opening.is_open(owner, each.account.public_id)]
            for key, people in readers.items()
        }

    def _readers(self, db: Session, notice: Notice, envelope: Envelope) -> list[Reader]:
        ports = context(db).ports
        if notice.audience == "actor":
            return audience.actor(db, ports, envelope.actor, envelope.account, notice.action)
        return audience.members(db, ports, envelope.account, notice.action)

    def _write(self, db: Session, notice: Notice, news: Sequence[News]) -> int:
        """Write what is new of `news`, and queue its messages; who was told of it before is left out with all of them."""
        portal, moment = self._portal, now(db)
        topic = portal.registry.topics.get(notice.topic) or _unknown(notice.topic)
        people = [each.reader.identity_id for each in news]
        settings = portal.registry.settings["notify"]
        wishes = Wishes(db, topic, people, portal.settings.portal.time_zone, quiet_of(settings))
        entries = {public_id(): (each, wishes.of(each.reader)) for each in news}
        rows = [_message(db, notice, each, key, wish.chosen.in_app) for key, (each, wish) in entries.items()]
        db.execute(_NEW_MESSAGE[db.get_bind().dialect.name], rows)
        new = db.execute(_WRITTEN, {"ids": list(entries)}).scalars().all()
        texts = context(db).ports.get(TextMessages).on  # type: ignore[type-abstract]
        terms, domain = rules(settings), mail_domain(portal)
        messages = []
        for key in new:
            each, wish = entries[key]
            steps = plan(topic, wish.chosen, wish.habits, wish.reach(each.reader, texts), moment, terms)
            messages += [row for step in steps for row in _leaving(db, notice, each, key, step, wish.devices, domain)]
        _post_all(db, messages)
        return len(new)


def _unknown(topic: str) -> Topic:
    """A topic that no module declares: the list alone."""
    return Topic(topic, topic, default=(_IN_APP,), channels=(_IN_APP,))


def _message(db: Session, notice: Notice, news: News, key: str, listed: bool) -> dict[str, Any]:
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
        "listed": listed,
    }


def _leaving(
    db: Session, notice: Notice, news: News, entry: str, step: Step, devices: Sequence[str], domain: str
) -> list[dict[str, Any]]:
    """The messages of one step: one, or one for each browser. Their ids are the same whenever the same thing is told."""
    row = _letter(db, notice, news) | {
        "entry": entry,
        "channel": step.channel,
        "due_at": step.at,
        "unless_read": step.unless_read,
        "state": "held" if step.gathered else "queued",
    }
    parts = [news.key, notice.name, news.reader.public_id]
    if step.channel == "email":
        return [row | {"message_id": f"{_stable(*parts)}@{domain}"}]
    if step.channel == "sms":
        return [row | {"message_id": f"{_stable(*parts, 'sms')}@{domain}"}]
    return [
        row | {"public_id": public_id(), "message_id": f"{_stable(*parts, device)}@{domain}", "device": device}
        for device in devices
    ]


def _letter(db: Session, notice: Notice, news: News) -> dict[str, Any]:
    account = news.reader.account
    return _blank(db, notice.topic, notice.template, news.packed) | {
        "notice": notice.name,
        "identity_id": news.reader.identity_id,
        "account": account.public_id if account else None,
        "action": notice.action,
        "audience": notice.audience,
        "route": notice.route,
        "locale": news.reader.locale,
        "brand": account.brand if account else news.brand,
        "device": None,
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
    """Queue the jobs that send messages, each at its moment; those that are held wait for the gathered letter."""
    if rows:
        db.execute(_NEW_LETTER[db.get_bind().dialect.name], rows)
        leaving = [row for row in rows if row["state"] == "queued"]
        enqueue_many(db, LETTER, [(*letter_job(row["public_id"]), row["due_at"]) for row in leaving])


def letter_job(letter: str) -> tuple[dict[str, str], str]:
    """Return args and dedup key of the job that sends a message."""
    return {"letter": letter}, f"{LETTER}/{letter}"


def insert_letter(db: Session, row: dict[str, Any]) -> bool:
    """Write the row of a letter unless its message id is known; return whether it was new."""
    return _insert(db, _NEW_LETTER, row)


def insert_sent(db: Session, *, to: str, template: str, locale: str, brand: str, message_id: str) -> None:
    """Write the row of a message that has just left without having been queued: it keeps no facts."""
    moment = now(db)
    row = {
        "public_id": public_id(),
        "message_id": message_id,
        "recipient": to,
        "kind": template[:80],
        "template": template,
        "facts": {},
        "locale": locale,
        "brand": brand,
        "state": "sent",
        "attempts": 1,
        "created_at": moment,
        "sent_at": moment,
    }
    insert_letter(db, row)


def _insert(db: Session, statements: Mapping[str, Any], row: dict[str, Any]) -> bool:
    return bool(changed(db.execute(statements[db.get_bind().dialect.name], row)))


def _stable(*parts: str) -> str:
    return sha256("/".join(parts).encode()).hexdigest()[:40]
