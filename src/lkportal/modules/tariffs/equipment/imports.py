"""The import kind `equipment`: what the company's system knows of routers, boxes and SIM cards. A known key is brought up to date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lkportal.accounts.contract import ACCOUNT_REJECTIONS, MARK_ACCOUNT
from lkportal.accounts.models import Account
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.imports import (
    Applied,
    Cell,
    ImportKind,
    Parser,
    Setwise,
    Staged,
    Unfit,
    account_number,
    column,
    one_of,
    words,
)
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.tariffs.equipment.models import Device
from lkportal.modules.tariffs.models import Service
from lkportal.modules.tariffs.office import Office

_SOURCE = "equipment"
_FORMS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
_TABLE: Any = Device.__table__
_KEYS = ("public_id", "source", "source_key", "account_id")
_WRITE = {
    name: statement.on_conflict_do_update(
        index_elements=["source", "source_key"],
        set_={each.name: statement.excluded[each.name] for each in _TABLE.c if each.name not in ("id", *_KEYS[:3])},
    )
    for name, statement in (("sqlite", sqlite.insert(_TABLE)), ("postgresql", postgresql.insert(_TABLE)))
}


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch of equipment; what is told twice is what its last line says."""
    work = Setwise(db, staged, {})
    work.take_turn("tariffs_import")
    work.run(MARK_ACCOUNT)
    each = staged.table.c
    key = each.account + "/" + each.service
    found = db.execute(
        select(staged.table, Account.id.label("account_id"), Service.id.label("service_id"))
        .join(Account, Account.number == each.account)
        .outerjoin(Service, (Service.source == "services") & (Service.source_key == key))
        .where(each.reject.is_(None))
        .order_by(each.line)
    ).all()
    zone, moment = ZoneInfo(port(db, Office).zone), now(db)
    rows = {row.key: _row(row, zone, moment) for row in found}
    if rows:
        db.execute(_WRITE[db.get_bind().dialect.name], list(rows.values()))
    return Applied()


def _row(row: Any, zone: ZoneInfo, moment: datetime) -> Mapping[str, Any]:
    last_seen = _moment(row.last_seen, zone)
    silent = row.state == "silent"
    return {
        "public_id": public_id(), "account_id": row.account_id, "service_id": row.service_id, "kind": row.kind or "other",
        "model": row.model, "serial": row.serial or "", "rented": row.rented != "0",
        "silent_since": (_moment(row.since, zone) or last_seen or moment) if silent else None,
        "last_seen_at": last_seen, "given_back": row.state == "given_back", "source": _SOURCE, "source_key": row.key,
        "source_version": None, "seen_at": moment,
    }  # fmt: skip


def _moment(typed: str | None, zone: ZoneInfo) -> datetime | None:
    if not typed:
        return None
    found = datetime.fromisoformat(typed)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _read_moment(cell: str) -> Cell:
    for form in _FORMS:
        try:
            return datetime.strptime(cell, form).isoformat()  # noqa: DTZ007 - the zone is the company's, put in later
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(cell).isoformat()
    except ValueError:
        raise Unfit(text("tariffs.import.moment", "Write a day and a time: 25.11.2026 14:30.")) from None


_MOMENT = Parser(_read_moment, "text", schema={"type": "string", "examples": [f"{date(2026, 11, 25)} 14:30"]})
KIND = ImportKind(
    name="equipment",
    title=text("tariffs.import.equipment", "Equipment at customers"),
    columns=(
        column("account", text("tariffs.import.account", "Account"), account_number(), "лицевой счёт", "лс", "договор"),
        column("key", text("tariffs.import.device_key", "Key of the device"), words(120), "ключ", "id"),
        column(
            "kind",
            text("tariffs.import.device_kind", "Kind of device"),
            one_of(
                {"router": "router", "роутер": "router", "box": "box", "приставка": "box", "sim": "sim", "сим": "sim",
                 "other": "other", "другое": "other"},
                text("tariffs.import.not_device", "Write router, box, sim or other."),
            ),
            "вид",
        ),
        column("model", text("tariffs.import.model", "Model"), words(120), "модель"),
        column("serial", text("tariffs.import.serial", "Serial number"), words(60), "серийный номер", required=False),
        column(
            "rented",
            text("tariffs.import.rented", "Rented"),
            one_of({"1": "1", "yes": "1", "да": "1", "0": "0", "no": "0", "нет": "0"}, text("tariffs.import.not_yes", "Write yes or no.")),
            "аренда",
            required=False,
        ),
        column(
            "state",
            text("tariffs.import.state", "State"),
            one_of(
                {"works": "works", "работает": "works", "silent": "silent", "нет связи": "silent",
                 "given back": "given_back", "given_back": "given_back", "возвращено": "given_back"},
                text("tariffs.import.not_device_state", "Write works, silent or given back."),
            ),
            "состояние",
        ),
        column("since", text("tariffs.import.silent_since", "No contact since"), _MOMENT, "нет связи с", required=False),
        column("last_seen", text("tariffs.import.last_seen", "Last seen"), _MOMENT, "последний раз на связи", required=False),
        column("service", text("tariffs.import.device_service", "Key of its service"), words(60), "услуга", required=False),
    ),
    apply=apply,
    rejections=ACCOUNT_REJECTIONS,
    permission="tariffs.import",
)  # fmt: skip
