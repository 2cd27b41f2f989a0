"""Gathered letters: what a person wanted once a day or a week becomes one letter when its time has come, with what is still unread
and still due by then. How it leaves stands in posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import JobContext, enqueue_many
from lkportal.core.unit import now
from lkportal.notify import audience
from lkportal.notify.letters.leads import GATHERED
from lkportal.notify.letters.wording import title
from lkportal.notify.models import Letter
from lkportal.notify.portal import Portal, link
from lkportal.notify.post.gates import rule
from lkportal.notify.telling import LETTER, letter_job

GATHER = "notify.gather"
AT_ONCE = 100
"""People whose letters are gathered in one unit."""
MOST = 40
"""Entries one letter tells of by name; the rest is told by their number."""
_IS_DUE = (Letter.state == "held", Letter.due_at <= bindparam("moment"))
_DUE = (
    select(Letter.identity_id, Letter.brand, func.max(Letter.locale).label("locale"))
    .where(*_IS_DUE)
    .group_by(Letter.identity_id, Letter.brand)
    .order_by(func.min(Letter.due_at), Letter.identity_id)
    .limit(bindparam("most"))
)
_TAKE = (
    update(Letter)
    .where(*_IS_DUE, Letter.identity_id == bindparam("person"), Letter.brand == bindparam("of_brand"))
    .values(state="gathered", digest=bindparam("into"))
)
_TAKEN = select(Letter.digest).where(Letter.digest.in_(bindparam("digests", expanding=True))).group_by(Letter.digest)
_NEW = insert(Letter)
_INSIDE = select(Letter).where(Letter.digest == bindparam("digest"), Letter.state == "gathered").order_by(Letter.id)
_LEFT = (
    update(Letter)
    .where(Letter.digest == bindparam("into"), Letter.state == "gathered")
    .values(state="sent", sent_at=bindparam("moment"))
)
_DROP = (
    update(Letter)
    .where(Letter.public_id == bindparam("letter"), Letter.state == "gathered")
    .values(state="dropped", error=bindparam("code"))
)


@dataclass(frozen=True, slots=True)
class MailDomain:
    """The domain in the ids of letters. A port, since a job sees no portal."""

    name: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a gathered letter tells: its facts, and by public id why the others are left out."""

    facts: Mapping[str, Any]
    dropped: Mapping[str, str]


def gather(work: JobContext) -> None:
    """The job that makes one letter of what waits, for each person and brand whose time has come."""
    moment, domain = work.clock.now(), work.ports.get(MailDomain).name
    while True:
        with work.unit() as db:
            due = db.execute(_DUE, {"moment": moment, "most": AT_ONCE}).all()
            if due:
                _gather(db, due, domain)
        if len(due) < AT_ONCE:
            return
        work.heartbeat()


def _gather(db: Session, due: Sequence[Any], domain: str) -> None:
    moment = now(db)
    letters = {public_id(): row for row in due}
    db.connection().execute(
        _TAKE,
        [
            {"moment": moment, "person": row.identity_id, "of_brand": row.brand, "into": key}
            for key, row in letters.items()
        ],
    )
    # Whose letters another worker took meanwhile gets no second one.
    taken = [str(key) for key in db.execute(_TAKEN, {"digests": list(letters)}).scalars()]
    if taken:
        db.execute(_NEW, [_letter(db, key, letters[key], domain) for key in taken])
        enqueue_many(db, LETTER, [(*letter_job(key), None) for key in taken])


def _letter(db: Session, key: str, row: Row[Any], domain: str) -> dict[str, Any]:
    moment = now(db)
    return {
        "public_id": key,
        "message_id": f"gathered.{key}@{domain}",
        "identity_id": row.identity_id,
        "kind": GATHERED,
        "route": "notify:list",
        "template": "notify/letters/gathered",
        "facts": {},
        "locale": row.locale,
        "brand": row.brand,
        "state": "queued",
        "created_at": moment,
        "due_at": moment,
    }


def inside(db: Connection, portal: Portal, work: JobContext, letter: Row[Any]) -> Gathered:
    """Judge what was gathered into a letter by what holds now, and word what remains."""
    language = portal.locales_of(letter.brand).get(letter.locale)
    items: list[dict[str, str]] = []
    dropped: dict[str, str] = {}
    more = 0
    for row in db.execute(_INSIDE, {"digest": letter.public_id}).all():
        reader = audience.still(db, work.ports, row.identity_id, row.account, row.action)
        if reader is None:
            dropped[row.public_id] = "gone"
            continue
        reason = rule(db, portal, row, reader, work.clock.now(), gathered=True).drop
        if reason:
            dropped[row.public_id] = reason
        elif len(items) < MOST:
            zone = reader.account.time_zone if reader.account else portal.settings.portal.time_zone
            said = title(portal, row.template, row.facts, locale=language, brand=row.brand, zone=zone)
            number = reader.account.number if reader.account else ""
            items.append(
                {"title": said, "number": number, "link": link(portal, "notify:open", row.brand, message=row.entry)}
            )
        else:
            more += 1
    return Gathered({"items": items, "count": len(items) + more, "more": more} if items else {}, dropped)


def close(db: Session, letter: str, gathered: Gathered, moment: Any) -> None:
    """Write down what became of the parts of a letter that left, or of one that had nothing to tell."""
    if gathered.dropped:
        rows = [{"letter": key, "code": code} for key, code in gathered.dropped.items()]
        db.connection().execute(_DROP, rows)
    db.connection().execute(_LEFT, {"into": letter, "moment": moment})


JOBS = [JobSpec(GATHER, gather, lease_seconds=300, title=text("notify.work.gather", "Sends gathered letters"))]
SCHEDULES = [Schedule(GATHER, "*/10 * * * *")]
