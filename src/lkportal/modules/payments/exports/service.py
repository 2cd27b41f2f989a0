"""Asking for an export, making its file, forgetting old ones. The file is written outside of any unit."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.sheets.writing import Sheet, write_csv, write_xlsx
from lkportal.core.storage import Storage
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.exports.models import Export
from lkportal.modules.payments.exports.rows import Written, columns, rows

Form = Literal["csv", "xlsx"]
MOST = 100
_NEW = insert_if_new(Export.__table__)  # type: ignore[arg-type]
_ID = select(Export.id).where(Export.origin == bindparam("origin"))
_ONE = select(*Export.__table__.columns).where(Export.id == bindparam("export"))
_READY = (
    update(Export)
    .where(Export.id == bindparam("export"), Export.state == "waiting")
    .values(
        state="ready",
        file_key=bindparam("key"),
        size=bindparam("bytes"),
        lines=bindparam("many"),
        total=bindparam("sum"),
        ready_at=bindparam("moment"),
    )
)
_FILE = select(Export.file_key, Export.kind, Export.form, Export.since, Export.until).where(
    Export.public_id == bindparam("public"), Export.state == "ready"
)
_OLD = select(Export.id, Export.file_key).where(Export.created_at < bindparam("before")).limit(MOST)


def ask(db: Session, origin: str, kind: str, form: Form, since: date, until: date) -> None:
    """Queue an export, once for an `origin`."""
    row = {
        "public_id": public_id(),
        "origin": origin,
        "kind": kind,
        "form": form,
        "since": since,
        "until": until,
        "state": "waiting",
        "lines": 0,
        "total": 0,
        "file_key": "",
        "size": 0,
        "actor": context(db).actor.label,
        "created_at": now(db),
    }
    if moved(db, _NEW[db.get_bind().dialect.name], row):
        key = db.execute(_ID, {"origin": origin}).scalar_one()
        enqueue(db, "payments.export", {"export": key}, dedup=f"payments.export:{key}")


def make(ctx: JobContext, *, export: int) -> None:
    """Write the file of an export. One that dies half-way is made anew; its row names one file alone."""
    storage, settings = ctx.ports.get(Storage), ctx.ports.get(Desk).settings  # type: ignore[type-abstract]
    with ctx.snapshot() as connection:
        row = connection.execute(_ONE, {"export": export}).first()
        if row is None or row.state != "waiting":
            return
        written = Written()
        with tempfile.TemporaryFile() as file:
            found = rows(connection, row.kind, row.since, row.until, settings, written)
            sheet = Sheet(row.kind, columns(next(found)), found)
            write_xlsx(file, [sheet]) if row.form == "xlsx" else write_csv(file, sheet)
            file.seek(0)
            stored = storage.put("payments", file)
    with ctx.unit(finish=True) as db:
        values = {
            "export": export,
            "key": stored.key,
            "bytes": stored.size,
            "many": written.lines,
            "sum": written.total,
            "moment": now(db),
        }
        is_ours = moved(db, _READY, values)
    if not is_ours:
        storage.delete(stored.key)


def due(ctx: JobContext) -> None:
    """Ask for what the schedule wants of yesterday and, on the first, of last month; forget what is old."""
    desk = ctx.ports.get(Desk)
    wanted, today = desk.settings.exports, desk.today()
    yesterday = today - timedelta(days=1)
    with ctx.unit() as db:
        for kind in wanted.daily:
            ask(db, f"daily:{yesterday}:{kind}", kind, wanted.form, yesterday, yesterday)
        if today.day == 1:
            for kind in wanted.monthly:
                ask(db, f"monthly:{yesterday:%Y-%m}:{kind}", kind, wanted.form, yesterday.replace(day=1), yesterday)
    _forget(ctx, wanted.keep_days)


def latest(connection: Connection) -> list[object]:
    """Return the newest exports. For staff."""
    return list(connection.execute(select(*Export.__table__.columns).order_by(Export.id.desc()).limit(MOST)))


def file(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return where the file of a ready export is and what it is of, or None. For staff."""
    return connection.execute(_FILE, {"public": public}).first()


def _forget(ctx: JobContext, keep_days: int) -> None:
    storage = ctx.ports.get(Storage)  # type: ignore[type-abstract]
    with ctx.reading() as connection:
        old = connection.execute(_OLD, {"before": ctx.clock.now() - timedelta(days=keep_days)}).all()
    for row in old:
        if row.file_key:
            storage.delete(row.file_key)
    if old:
        with ctx.unit() as db:
            db.execute(delete(Export).where(Export.id.in_([row.id for row in old])))


JOBS = (
    JobSpec("payments.export", make, lease_seconds=600, title=text("payments.work.export", "Makes an export")),
    JobSpec(
        "payments.exports_due", due, title=text("payments.work.exports_due", "Begins exports that come by themselves")
    ),
)
SCHEDULES = (Schedule("payments.exports_due", "40 2 * * *"),)
