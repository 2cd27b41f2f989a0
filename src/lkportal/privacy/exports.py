"""A person's copy of their data: asked for, made by a job, kept some days, deleted. What goes into it is gathered in collecting,
how it looks stands in exporting."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.limits.rates import allow_in
from lkportal.core.policy import Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.privacy.collecting import collect, person_of
from lkportal.privacy.contract import ExportAsked, ExportReady
from lkportal.privacy.exporting import made_files
from lkportal.privacy.models import Export, ExportFile
from lkportal.privacy.office import Office
from lkportal.privacy.settings import PrivacySettings

MAKE, CLEAR = "privacy.export", "privacy.clear"
_DAY = 24 * 3600
_MINE: Select[*tuple[Any, ...]] = (
    select(
        Export.id, Export.public_id, Export.state, Export.asked_at, Export.ready_at, Export.expires_at, Export.row_count
    )
    .where(Export.identity_id == bindparam("person_id"))
    .order_by(Export.id.desc())
    .limit(10)
)
_FILES: Select[*tuple[Any, ...]] = (
    select(ExportFile.export_id, ExportFile.kind, ExportFile.size)
    .join(Export, Export.id == ExportFile.export_id)
    .where(Export.identity_id == bindparam("person_id"), Export.expires_at > bindparam("now"))
    .order_by(ExportFile.kind)
)
_FILE: Select[*tuple[Any, ...]] = (
    select(ExportFile.packed)
    .join(Export, Export.id == ExportFile.export_id)
    .where(
        Export.public_id == bindparam("export"),
        Export.identity_id == bindparam("person_id"),
        ExportFile.kind == bindparam("kind"),
        Export.expires_at > bindparam("now"),
    )
)
_ONE: Select[*tuple[Any, ...]] = select(Export.id, Export.identity_id, Export.locale, Export.brand, Export.state).where(
    Export.public_id == bindparam("export")
)
_READY = (
    update(Export)
    .where(Export.public_id == bindparam("export"), Export.state == "asked")
    .execution_options(synchronize_session=False, preserve_rowcount=True)
)
_OVER = select(Export.id).where(Export.expires_at <= bindparam("now"), Export.state == "ready").limit(100)


class TooManyExports(PortalError):
    """The person asked too often today."""

    def __init__(self) -> None:
        message = text("privacy.export.too_many", "You asked for your data several times today. Try again tomorrow.")
        super().__init__("export_too_often", message, 429)


def ask(db: Session, actor: Actor, locale: str, brand: str, settings: PrivacySettings) -> str:
    """Write down that a person wants their data and queue the job; return the wish's public id. Raises TooManyExports."""
    moment = now(db)
    if not allow_in(db, f"privacy.export:{actor.public_id}", settings.exports_a_day, _DAY, moment):
        raise TooManyExports
    made = public_id()
    row = {
        "public_id": made,
        "identity_id": actor.id,
        "locale": locale,
        "brand": brand,
        "state": "asked",
        "asked_at": moment,
        "row_count": 0,
    }
    db.execute(insert(Export), row)
    enqueue(db, MAKE, {"export": made}, dedup=f"{MAKE}/{made}")
    port(db, AuditLog).record(db, "privacy.export_asked", target=made)  # type: ignore[type-abstract]
    emit(db, ExportAsked(actor.public_id, made))
    return made


def mine(connection: Connection, identity_id: int) -> Sequence[Row[Any]]:
    """Return the last wishes of a person, the newest first."""
    return connection.execute(_MINE, {"person_id": identity_id}).all()


def files(connection: Connection, identity_id: int, moment: Any) -> Mapping[int, list[Row[Any]]]:
    """Return the files a person may download now, by the key of their export."""
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(_FILES, {"person_id": identity_id, "now": moment}):
        found.setdefault(row.export_id, []).append(row)
    return found


def file(connection: Connection, identity_id: int, export: str, kind: str, moment: Any) -> bytes | None:
    """Return the content of a person's own file, or None."""
    values = {"export": export, "person_id": identity_id, "kind": kind, "now": moment}
    packed = connection.execute(_FILE, values).scalar_one_or_none()
    return zlib.decompress(b64decode(packed)) if packed else None


def make(work: JobContext, *, export: str) -> None:
    """The job that makes the files of one export. Dying at any moment leaves nothing behind: files are rows, written with the
    word that they are ready, and a second run finds that word."""
    office: Office = work.ports.get(Office)  # type: ignore[type-abstract]
    with work.reading() as connection:
        row = connection.execute(_ONE, {"export": export}).first()
        person = person_of(connection, row.identity_id) if row is not None and row.state == "asked" else None
        if row is None or person is None:
            return
        levels = office.registry.settings["accounts"].claim.levels.values()
        collected = collect(connection, office.known, person, max(levels, default=0), work.clock.now(), work.heartbeat)
    bodies = made_files(office, collected, row.locale, row.brand, work.clock.now())
    settings: PrivacySettings = office.registry.settings["privacy"]
    with work.unit(finish=True) as db:
        moment = now(db)
        ready = {
            "state": "ready",
            "ready_at": moment,
            "expires_at": moment + timedelta(days=settings.export_days),
            "row_count": collected.row_count,
        }
        if not db.connection().execute(_READY.values(**ready), {"export": export}).rowcount:
            return
        for kind, body in bodies.items():
            packed = b64encode(zlib.compress(body, 6)).decode()
            db.execute(insert(ExportFile), {"export_id": row.id, "kind": kind, "size": len(body), "packed": packed})
        port(db, AuditLog).record(db, "privacy.export_made", target=export)  # type: ignore[type-abstract]
        emit(db, ExportReady(person.public_id, export))


def taken(db: Session, export: str, kind: str) -> None:
    """Write down that a file was downloaded."""
    port(db, AuditLog).record(db, "privacy.export_taken", target=export, outcome="viewed", detail={"file": kind})  # type: ignore[type-abstract]


def clear(work: JobContext) -> None:
    """The job that deletes files whose days are over."""
    while True:
        with work.unit() as db:
            over = list(db.scalars(_OVER, {"now": context(db).clock.now()}))
            if not over:
                return
            db.execute(delete(ExportFile).where(ExportFile.export_id.in_(over)))
            gone = update(Export).where(Export.id.in_(over)).values(state="gone")
            db.execute(gone.execution_options(synchronize_session=False))


def kept_files(connection: Connection) -> int:
    """Return how many files are kept now."""
    return connection.execute(select(func.count(ExportFile.id))).scalar_one()


JOBS = [
    JobSpec(MAKE, make, lease_seconds=300, title=text("privacy.work.export", "Makes a copy of a person's data")),
    JobSpec(CLEAR, clear, title=text("privacy.work.clear", "Deletes copies whose time is over")),
]
SCHEDULES = [Schedule(CLEAR, "11 * * * *")]
