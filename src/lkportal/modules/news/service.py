"""The rules of news: a draft is written, published, added to, closed. Each step is one conditional change; telling people is a job
(handlers). No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Update as Change
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import Event, emit
from lkportal.core.i18n import text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.core.work.states import changed
from lkportal.modules.news.contract import AnnouncementPublished, OutageEnded, OutagePublished, OutageUpdated
from lkportal.modules.news.models import Item, Read, Update
from lkportal.modules.news.office import Office

TELL, PUBLISH = "news.tell", "news.publish"
UNSEEN = ("draft", "waiting")
"""States of which customers know nothing."""
MOVED_ON = text("news.desk.moved_on", "Somebody changed this meanwhile. Look at how it stands now.")
_READ = insert_if_new(Read.__table__)  # type: ignore[arg-type]
_BY_PUBLIC = select(Item).where(Item.public_id == bindparam("item"))


class MovedOn(PortalError):
    """The item does not stand any more as the step wants it: somebody was quicker."""

    words = MOVED_ON

    def __init__(self) -> None:
        super().__init__("news_moved_on", MOVED_ON, 409)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written of an item. An outage has a service, a cause and a beginning; moments are aware."""

    kind: str
    texts: Mapping[str, Mapping[str, str]]
    places: tuple[str, ...] = ()
    brand_id: int | None = None
    segment: str = ""
    important: bool = False
    service: str = ""
    cause: str = ""
    begins_at: datetime | None = None
    expected_end: datetime | None = None
    show_from: date | None = None
    show_until: date | None = None
    fed: Mapping[str, Any] = field(default_factory=dict)


def write(db: Session, draft: Draft, item: str = "") -> str:
    """Write a new draft, or write one that nobody has seen anew; return its public id. Raises MovedOn when it is out."""
    values = _columns(db, draft)
    if not item:
        made = Item(made_at=now(db), actor=context(db).actor.label, state="draft", **values)
        db.add(made)
        db.flush()
        return made.public_id
    _step(db, item, UNSEEN, values | {"state": "draft", "publish_at": None})
    return item


def publish(db: Session, item: str, at: datetime | None = None) -> None:
    """Publish a draft now, or at a later moment: a job does it then. Raises MovedOn when it is out already."""
    if at is not None and at > now(db):
        _step(db, item, UNSEEN, {"state": "waiting", "publish_at": at})
        enqueue(db, PUBLISH, {"item": item}, run_at=at, dedup=f"{PUBLISH}/{item}/{int(at.timestamp())}")
        return
    make_public(db, item, UNSEEN)


def publish_due(db: Session, item: str) -> bool:
    """Publish what waited for this moment; False when it was put off, changed or published meanwhile."""
    row = _known(db, item)
    if row.state != "waiting" or row.publish_at is None or row.publish_at > now(db):
        return False
    make_public(db, item, ("waiting",))
    return True


def make_public(db: Session, item: str, since: tuple[str, ...], *, tell: bool = True) -> None:
    """Make an item public, find whom it concerns and tell them."""
    _step(db, item, since, {"state": "published", "published_at": now(db)})
    row = _known(db, item)
    _record(db, "news.published", item, {"kind": row.kind})
    emit(db, _published(row))
    enqueue(db, TELL, {"item": item, "what": "published", "tell": tell}, dedup=f"{TELL}/{item}/published")


def add_update(
    db: Session, item: str, texts: Mapping[str, Mapping[str, str]], expected_end: datetime | None, *, tell: bool = True
) -> str:
    """Add news of an outage that goes on, and perhaps another term; return the public id. Raises MovedOn when it is over."""
    _step(db, item, ("published",), {"expected_end": expected_end} if expected_end else {"state": "published"})
    row = _known(db, item)
    _refuse_other(row)
    label = context(db).actor.label
    made = Update(item_id=row.id, texts=_plain(texts), expected_end=expected_end, made_at=now(db), actor=label)
    db.add(made)
    db.flush()
    _record(db, "news.updated", item)
    emit(db, OutageUpdated(item, made.public_id, row.expected_end))
    if tell:
        enqueue(db, TELL, {"item": item, "what": made.public_id, "tell": True}, dedup=f"{TELL}/{item}/{made.public_id}")
    return made.public_id


def close(db: Session, item: str, *, tell: bool = True, ended_at: datetime | None = None) -> None:
    """End an outage: the service is back, people are told. Takes an announcement back. Raises MovedOn when it is over."""
    row, moment = _known(db, item), ended_at or now(db)
    if row.kind == "outage":
        day = port(db, Office).day(moment)
        _step(db, item, ("published",), {"state": "closed", "ended_at": moment, "show_until": day})
        emit(db, OutageEnded(item, row.service, moment))
        if tell:
            enqueue(db, TELL, {"item": item, "what": "ended", "tell": True}, dedup=f"{TELL}/{item}/ended")
    else:
        _step(db, item, ("published",), {"state": "withdrawn"})
    _record(db, "news.closed", item, {"kind": row.kind})


def drop(db: Session, item: str) -> None:
    """Throw a draft away. Raises MovedOn when it is out already."""
    _step(db, item, UNSEEN, {"state": "dropped"})


def mark_read(db: Session, item_id: int, identity_id: int) -> None:
    """Note that a person has read an item; once."""
    db.execute(_READ[db.get_bind().dialect.name], {"item_id": item_id, "identity_id": identity_id, "read_at": now(db)})


def _columns(db: Session, draft: Draft) -> dict[str, Any]:
    office, begins = port(db, Office), draft.begins_at
    ahead = timedelta(days=office.settings.ahead_days)
    shown = office.day(begins) - ahead if begins else draft.show_from or office.day(now(db))
    return {
        "kind": draft.kind, "texts": _plain(draft.texts), "places": list(draft.places), "targeted": bool(draft.places),
        "brand_id": draft.brand_id, "segment": draft.segment, "important": draft.important, "service": draft.service,
        "cause": draft.cause, "begins_at": begins, "expected_end": draft.expected_end, "show_from": shown,
        "show_until": None if begins else draft.show_until, **draft.fed,
    }  # fmt: skip


def _plain(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {code: dict(words) for code, words in texts.items() if any(words.values())}


def _step(db: Session, item: str, since: tuple[str, ...], values: Mapping[str, Any]) -> None:
    """Change an item that stands in one of the states `since`: of two at once one is too late."""
    statement: Change = update(Item).where(Item.public_id == item, Item.state.in_(since)).values(**values)
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) != 1:
        _known(db, item)
        raise MovedOn
    db.expire_all()


def _known(db: Session, item: str) -> Item:
    found = db.execute(_BY_PUBLIC, {"item": item}).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _refuse_other(row: Item) -> None:
    if row.kind != "outage":
        raise NotFound


def _published(row: Item) -> Event:
    if row.kind == "outage" and row.begins_at is not None:
        return OutagePublished(row.public_id, row.service, row.cause, row.begins_at, row.expected_end)
    return AnnouncementPublished(row.public_id, row.important)


def _record(db: Session, act: str, item: str, detail: Mapping[str, str] | None = None) -> None:
    port(db, AuditLog).record(db, act, target=item, detail=dict(detail or {}))  # type: ignore[type-abstract]
