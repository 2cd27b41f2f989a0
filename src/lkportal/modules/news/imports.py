"""The import kind `outages`: the control room's list of outages. A known key is brought up to date, a filled end closes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.importing.kind import Unfit
from lkportal.core.imports import Applied, Cell, Column, ImportKind, Parser, Staged, one_of, words
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.news import service
from lkportal.modules.news.models import Item
from lkportal.modules.news.office import Office
from lkportal.modules.news.places import understood
from lkportal.modules.news.wording import SERVICES

_SOURCE = "outages"
_KNOWN = select(Item.public_id, Item.state, Item.expected_end).where(
    Item.source == _SOURCE, Item.source_key == bindparam("key")
)
_FORMS = ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_CAUSES = {"planned": "planned", "accident": "accident", "плановое": "planned", "авария": "accident", "план": "planned"}


def apply(db: Session, staged: Staged) -> Applied:
    """Publish new outages of a batch, bring known ones up to date, close those that have ended; each once."""
    rows = db.execute(select(staged.table).where(staged.table.c.reject.is_(None)).order_by(staged.table.c.line)).all()
    zone, counts = ZoneInfo(port(db, Office).zone), {"new": 0, "known": 0}
    for row in rows:
        known = db.execute(_KNOWN, {"key": row.key}).first()
        counts["known" if known else "new"] += 1
        ends = _moment(row.expected_end, zone)
        public = known.public_id if known else _publish(db, staged, row, zone)
        if known and known.state == "published" and ends is not None and ends != known.expected_end:
            service.add_update(db, public, {}, ends)
        if row.ended_at and (known is None or known.state == "published"):
            service.close(db, public, tell=known is not None, ended_at=_moment(row.ended_at, zone))
    return Applied(None, counts)


def _publish(db: Session, staged: Staged, row: Any, zone: ZoneInfo) -> str:
    fed: Mapping[str, Any] = {
        "source": _SOURCE, "source_key": row.key, "source_version": staged.import_public, "seen_at": now(db),
    }  # fmt: skip
    language = port(db, Office).language
    draft = service.Draft(
        "outage",
        {language: {"body": row.comment or ""}},
        tuple(row.places.split(" | ")),
        service=row.service,
        cause=row.cause,
        begins_at=_moment(row.begins_at, zone),
        expected_end=_moment(row.expected_end, zone),
        fed=fed,
    )
    public = service.write(db, draft)
    service.make_public(db, public, ("draft",), tell=not row.ended_at)
    return public


def _moment(typed: str | None, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(typed).replace(tzinfo=zone) if typed else None


def _read_moment(cell: str) -> Cell:
    for form in _FORMS:
        try:
            return datetime.strptime(cell, form).isoformat(sep=" ")  # noqa: DTZ007 - the zone is the company's, put in later
        except ValueError:
            continue
    raise Unfit(text("news.import.moment", "Write a day and a time: 25.11.2026 14:30."))


def _read_places(cell: str) -> Cell:
    lines = [" ".join(line.split()) for line in cell.replace("\n", ";").split(";") if line.strip()]
    if not lines or any(understood(line) is None for line in lines):
        raise Unfit(
            text("news.import.places", "Write streets and houses, each street after a semicolon: Lomonosova, 2-20.")
        )
    return " | ".join(lines)


_MOMENT = Parser(_read_moment, "text", schema={"type": "string", "examples": [f"{date(2026, 11, 25)} 14:30"]})
OUTAGES = ImportKind(
    name="outages",
    title=text("news.import.outages", "Outages"),
    columns=(
        Column("key", text("news.import.key", "Number of the outage"), words(100), ("номер", "заявка")),
        Column(
            "service",
            text("news.form.what", "Service"),
            one_of(
                {code: code for code in SERVICES}, text("news.import.service", "Write a service such as cold_water.")
            ),
            ("услуга",),
        ),
        Column(
            "cause",
            text("news.form.cause", "Cause"),
            one_of(_CAUSES, text("news.import.cause", "Write planned or accident.")),
            ("причина", "вид"),
        ),
        Column(
            "places",
            text("news.form.places", "Streets and houses"),
            Parser(_read_places, "text", schema={"type": "string", "examples": ["Ломоносова, 2-20; Мира"]}),
            ("адреса", "улицы и дома"),
        ),
        Column("begins_at", text("news.import.begins", "Begins"), _MOMENT, ("начало",)),
        Column("expected_end", text("news.form.ends_on", "Expected end"), _MOMENT, ("ожидаемое окончание",), False),
        Column("ended_at", text("news.import.ended", "Ended"), _MOMENT, ("восстановлено", "окончание"), False),
        Column("comment", text("news.import.comment", "Comment"), words(1000), ("комментарий",), False),
    ),
    apply=apply,
)
