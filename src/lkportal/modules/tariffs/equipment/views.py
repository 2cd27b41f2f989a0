"""What pages show of equipment: rows in, plain values out. No database, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import Text, text

KIND_TITLES: Mapping[str, Text] = {
    "router": text("tariffs.equipment.router", "Router"),
    "box": text("tariffs.equipment.box", "Television box"),
    "sim": text("tariffs.equipment.sim", "SIM card"),
    "other": text("tariffs.equipment.other", "Device"),
}
_ICONS = {"router": "globe", "box": "monitor", "sim": "smartphone", "other": "wrench"}
_WORKS = ("ok", text("tariffs.equipment.works", "Works"))
_SILENT = ("bad", text("tariffs.equipment.silent", "No contact"), "wifi-off")


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A piece of equipment. `silent_since` is empty while it works; `told_at` is when the company's system said so."""

    public_id: str
    kind: Text
    icon: str
    model: str
    serial: str
    rented: bool
    status: tuple[str, Text] | tuple[str, Text, str]
    silent_since: datetime | None
    last_seen_at: datetime | None
    told_at: datetime | None
    service: str
    service_title: str


def device(row: Any) -> DeviceView:
    """Return a piece of equipment as its customer meets it."""
    return DeviceView(
        row.public_id,
        KIND_TITLES[row.kind],
        _ICONS[row.kind],
        row.model,
        row.serial,
        row.rented,
        _WORKS if row.silent_since is None else _SILENT,
        row.silent_since,
        row.last_seen_at,
        row.seen_at,
        row.service or "",
        row.service_title or "",
    )


def devices(rows: Sequence[Any]) -> list[DeviceView]:
    """Return pieces of equipment as their customer meets them."""
    return [device(row) for row in rows]


def as_of(found: Sequence[DeviceView], now: datetime, hours: int) -> datetime | None:
    """Return the moment of what is known of equipment where that is older than so many hours, else None."""
    told = min((each.told_at for each in found if each.told_at is not None), default=None)
    return told if told is not None and now - told > timedelta(hours=hours) else None


def equipment_card(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return what stands at the account and since when that is known; None without equipment."""
    found = devices(rows["devices"])
    now = datetime.combine(shown.today, time.min, ZoneInfo(shown.account.time_zone))
    return {"devices": found, "as_of": as_of(found, now, shown.settings.equipment_hours)} if found else None


def equipment_press(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Said | None:
    """Return the line of equipment without contact although its card is put away."""
    silent = [each for each in devices(rows["devices"]) if each.silent_since is not None]
    if not silent:
        return None
    words = text("tariffs.equipment.press", "%(model)s: no contact", model=silent[0].model)
    href = shown.url("tariffs:device", device=silent[0].public_id)
    return Said(words, href, text("tariffs.equipment.what_to_do", "What to do"))
