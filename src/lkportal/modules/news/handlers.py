"""What follows by itself: finding whom an item concerns and telling them, publishing at the chosen moment, accounts that came later.
Each may be run twice or die half-way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, NoticeSender
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.notices import Told
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.news import reach, service, wording
from lkportal.modules.news.models import Concerned, Item, Update
from lkportal.modules.news.office import Office

FIND = "news.find"
_PAUSE = timedelta(minutes=5)
_ITEM = select(Item).where(Item.public_id == bindparam("item"))
_UPDATE = select(Update.texts).where(Update.public_id == bindparam("update"))
_OPEN = select(Item.id, Item.places).where(Item.targeted, Item.state == "published")
_CONCERNED = insert_if_new(Concerned.__table__)  # type: ignore[arg-type]


def publish(ctx: JobContext, *, item: str) -> None:
    """Publish an item whose moment has come."""
    with ctx.unit(finish=True) as db:
        service.publish_due(db, item)


def tell(ctx: JobContext, *, item: str, what: str, tell: bool) -> None:
    """Note whom an item concerns and tell them: of it ("published"), that it is over ("ended"), or of an update (its public id)."""
    with ctx.reading() as connection:
        row = connection.execute(_ITEM, {"item": item}).one()
        more = connection.execute(_UPDATE, {"update": what}).scalar()
    if row.state not in ("published", "closed"):
        return
    tell = tell and (what == "ended" or row.state == "published")
    facts = _facts(row, more, ctx.ports.get(Office).zone, over=what == "ended")
    about = item if what == "published" else f"{item}/{what}"
    after = -1
    while after:
        with ctx.reading() as connection:
            found, after = reach.concerned(connection, row.id, row.places, after)
        with ctx.unit() as db:
            if row.targeted:
                _note(db, row.id, found)
            if tell and found:
                told = [Told(each.id, about, facts | _of(each)) for each in found]
                port(db, NoticeSender).tell_many(db, _notice(row, what), told)  # type: ignore[type-abstract]
        ctx.heartbeat()


def find(ctx: JobContext) -> None:
    """Note the accounts that came after an item with places was published, and still are concerned by it."""
    with ctx.reading() as connection:
        items = connection.execute(_OPEN).all()
    for item in items:
        after = -1
        while after:
            with ctx.reading() as connection:
                found, after = reach.concerned(connection, item.id, item.places, after)
            with ctx.unit() as db:
                _note(db, item.id, found)
            ctx.heartbeat()


def note_all(db: Session, row: Item) -> None:
    """Note at once whom an item concerns, in one unit: for a demo's few accounts."""
    if row.targeted:
        for found in reach.portions(db.connection(), row.id, row.places):
            _note(db, row.id, found)


def accounts_came(db: Session, _envelope: Envelope) -> None:
    """Look at open outages again some minutes after accounts were imported; batches of one import share the job."""
    enqueue(db, FIND, {}, run_at=now(db) + _PAUSE, dedup=FIND)


def _note(db: Session, item_id: int, found: list[Any]) -> None:
    moment = now(db)
    rows = [{"item_id": item_id, "account_id": each.id, "found_at": moment} for each in found]
    if rows:
        db.execute(_CONCERNED[db.get_bind().dialect.name], rows)


def _notice(row: Any, what: str) -> str:
    if row.kind != "outage":
        return "news.announcement"
    step = {"published": "begins", "ended": "ends"}.get(what, "goes_on")
    return f"news.{row.cause}_{step}"


def _of(account: Any) -> dict[str, Any]:
    return {"account_title": account.title, "account_number": account.number, "number": account.number}


def _facts(row: Any, more: Mapping[str, Any] | None, zone: str, *, over: bool) -> dict[str, Any]:
    texts = more if more is not None else row.texts
    made: dict[str, Any] = {"texts": texts, "anyhow": wording.said(texts, ""), "link_params": {"item": row.public_id}}
    if row.kind != "outage":
        return made
    clock = wording.plain_clock(zone)
    made |= {
        "title": wording.outage_title(row.service, row.cause, ended=over),
        "service": wording.SERVICES[row.service].name,
        "cause": wording.CAUSES[row.cause],
        "when": wording.when(row.begins_at, row.expected_end, zone, clock),
    }
    if over and row.ended_at:
        made["when"] = wording.ended(row.ended_at, zone, clock)
    if more is not None:
        made["title"] = text("news.letter.goes_on", "%(title)s: news", title=made["title"])
    return made


JOBS = (
    JobSpec(service.PUBLISH, publish, title=text("news.work.publish", "Publishes news at their time")),
    JobSpec(
        service.TELL,
        tell,
        lease_seconds=300,
        title=text("news.work.tell", "Tells those an outage or announcement concerns"),
    ),
    JobSpec(
        FIND, find, lease_seconds=300, title=text("news.work.find", "Finds whom an outage or announcement concerns")
    ),
)
