"""What follows by itself: terms run out, people are reminded of them, bytes are let go of after years."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.core.columns import UTCDateTime
from lkportal.core.contributions import JobSpec, NoticeSender, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.notices import Told
from lkportal.core.ports import port
from lkportal.core.storage import Storage
from lkportal.modules.documents import service, states
from lkportal.modules.documents.models import Document, Picture, Version
from lkportal.modules.documents.notices import REMINDER, facts_of
from lkportal.modules.documents.office import Office

EXPIRE, REMIND, FORGET = "documents.expire", "documents.remind", "documents.forget"
_NOW = bindparam("now", type_=UTCDateTime())
_LATE = (
    select(Document.public_id, Account.public_id.label("account"))
    .join(Account, Account.id == Document.account_id)
    .where(Document.state == states.WAITING, Document.due_at < _NOW)
    .order_by(Document.id)
    .limit(500)
)
_SOON = (
    select(
        Document.id,
        Document.public_id,
        Document.account_id,
        Document.title,
        Document.asks,
        Document.due_at,
    )
    .where(
        Document.state == states.WAITING,
        Document.due_at >= _NOW,
        Document.due_at < bindparam("until", type_=UTCDateTime()),
        Document.id > bindparam("after"),
    )
    .order_by(Document.id)
    .limit(300)
)
_OLD = (
    select(Version.id, Version.file_key)
    .join(Document, Document.id == Version.document_id)
    .where(
        Document.state.not_in(states.ALIVE),
        Document.changed_at < bindparam("since", type_=UTCDateTime()),
        Version.file_key != "",
    )
    .order_by(Version.id)
    .limit(200)
)
_PICTURES = select(Picture.file_key).where(Picture.version_id.in_(bindparam("ids", expanding=True)))
_UNDRAW = delete(Picture).where(Picture.version_id.in_(bindparam("ids", expanding=True)))
_EMPTY = update(Version).where(Version.id.in_(bindparam("ids", expanding=True))).values(file_key="")


def expire(ctx: JobContext) -> None:
    """End the terms that ran out: what waited for the customer waits no more."""
    with ctx.reading() as connection:
        rows = connection.execute(_LATE, {"now": ctx.clock.now()}).all()
    for row in rows:
        with ctx.unit() as db:
            account = port(db, Accounts).by_public_id(db.connection(), row.account)  # type: ignore[type-abstract]
            found = service.known(db, row.public_id)
            if account is None or found.state != states.WAITING or not _is_late(found.due_at, ctx.clock.now()):
                continue
            service.take(db, account, row.public_id, service.Step("portal", "expire"))
        ctx.heartbeat()


def remind(ctx: JobContext) -> None:
    """Remind people of terms that end within some days, once of each."""
    office = ctx.ports.get(Office)
    if not office.settings.remind_days:
        return
    last = office.today(ctx.clock.now()) + timedelta(days=office.settings.remind_days)
    until, after = office.end_of(last) + timedelta(seconds=1), 0
    while True:
        with ctx.unit() as db:
            rows = db.execute(_SOON, {"now": ctx.clock.now(), "until": until, "after": after}).all()
            told = [_told(row, office) for row in rows]
            if told:
                port(db, NoticeSender).tell_many(db, REMINDER, told)  # type: ignore[type-abstract]
        if not rows:
            return
        after = rows[-1].id
        ctx.heartbeat()


def forget(ctx: JobContext) -> None:
    """Let go of bytes whose time is over: the keys first, then the files. Hashes and history stay."""
    since = ctx.clock.now() - timedelta(days=365 * ctx.ports.get(Office).settings.keep_years)
    storage = ctx.ports.get(Storage)  # type: ignore[type-abstract]
    while True:
        with ctx.unit() as db:
            rows = db.execute(_OLD, {"since": since}).all()
            ids = [row.id for row in rows]
            pictures = list(db.execute(_PICTURES, {"ids": ids}).scalars()) if ids else []
            if ids:
                db.connection().execute(_UNDRAW, {"ids": ids})
                db.connection().execute(_EMPTY, {"ids": ids})
        if not rows:
            return
        for key in {row.file_key for row in rows} | set(pictures):
            storage.delete(key)
        ctx.heartbeat()


def _told(row: Any, office: Office) -> Told:
    public: str = row.public_id
    about = f"{public}/term"
    return Told(row.account_id, about, facts_of(public, row, about, office))


def _is_late(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at < now


JOBS = (
    JobSpec(EXPIRE, expire, lease_seconds=300, title=text("documents.work.expire", "Ends the terms of documents")),
    JobSpec(REMIND, remind, lease_seconds=300, title=text("documents.work.remind", "Reminds of documents that wait")),
    JobSpec(FORGET, forget, lease_seconds=300, title=text("documents.work.forget", "Deletes files of old documents")),
)
SCHEDULES = (Schedule(EXPIRE, "5 0 * * *"), Schedule(REMIND, "30 9 * * *"), Schedule(FORGET, "40 4 * * *"))
