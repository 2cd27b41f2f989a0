"""What pages and cards show of meters and consumption: rows in, plain values for templates out. No database, no request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Month
from lkportal.core.money import MILLI, Volume
from lkportal.modules.readings.windows import Window

KINDS = {"cold_water": "cold", "hot_water": "hot", "electricity": "power", "gas": "gas", "heat": "heat"}
RESOURCES: Mapping[str, Text] = {
    "cold_water": text("readings.resource.cold_water", "Cold water"),
    "hot_water": text("readings.resource.hot_water", "Hot water"),
    "electricity": text("readings.resource.electricity", "Electricity"),
    "gas": text("readings.resource.gas", "Gas"),
    "heat": text("readings.resource.heat", "Heat"),
}
NAMES: dict[str, str] = {
    **{code: code for code in KINDS},
    "холодная вода": "cold_water",
    "хвс": "cold_water",
    "горячая вода": "hot_water",
    "гвс": "hot_water",
    "электричество": "electricity",
    "газ": "gas",
    "тепло": "heat",
}
"""What companies call a resource in their files and bills, in small letters."""
REGISTERS: Mapping[str, Text] = {
    "T1": text("readings.register.t1", "Day"),
    "T2": text("readings.register.t2", "Night"),
    "T3": text("readings.register.t3", "Half-peak"),
}
_SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class RegisterView:
    """One dial on the page: what it is called, what it showed last, what is usual."""

    public_id: str
    label: Text
    digits: int
    decimals: int
    last_milli: int
    last_on: date | None
    usual_milli: int
    unit: str
    sent: bool

    @property
    def previous(self) -> Text:
        """What it showed last and when; a new dial says where it starts."""
        value = Volume(self.last_milli, "")
        if self.last_on is None:
            return text("readings.form.first", "Starts at %(value)s", value=value)
        return text("readings.form.previous", "It was %(value)s on %(day)s", value=value, day=self.last_on)

    @property
    def usual(self) -> Text | str:
        """What a month usually adds, "" while that is not known."""
        if not self.usual_milli:
            return ""
        whole = (self.usual_milli + MILLI // 2) // MILLI * MILLI
        return text("readings.form.usual", "usually +%(value)s", value=Volume(whole or self.usual_milli, self.unit))


@dataclass(frozen=True, slots=True)
class MeterView:
    """One meter on the page. `verify_by` is set when its verification ends soon or has ended; `estimate` tells how the last month
    without a reading was charged, `late` is the month before when it was not read for that."""

    title: Text
    kind: str
    serial: str
    registers: tuple[RegisterView, ...]
    sent_on: date | None
    verify_by: date | None = None
    expired: bool = False
    estimate: Text | str = ""
    late: date | None = None
    public_id: str = ""

    @property
    def state(self) -> tuple[str, Text]:
        """Its state for a table: sent, late, or waiting."""
        if self.sent_on:
            return "ok", text("readings.meter.sent", "Sent on %(day)s", day=self.sent_on)
        if self.late:
            return "warn", text("readings.meter.late", "Not sent for %(month)s", month=Month(self.late))
        return "off", text("readings.staff.waiting", "Waiting")


@dataclass(frozen=True)
class Consumption:
    """Consumption by month for one unit: `months` oldest first, a series for each resource in the order of `resources`."""

    unit: str
    months: tuple[date, ...]
    resources: tuple[str, ...]
    series: tuple[tuple[int | None, ...], ...] = field(default=())

    def total(self, back: int = 1) -> int:
        """Return all resources together, `back` months from the end (1: the newest), in thousandths."""
        return sum(values[-back] or 0 for values in self.series)


def resource_name(code: str) -> Text:
    """Return what a resource is called; an unknown code is shown as it is."""
    return RESOURCES.get(code) or text("readings.resource.other", "%(code)s", code=code)


def meter_title(resource: str, place: str) -> Text:
    """Return "Cold water, bathroom"."""
    if not place:
        return resource_name(resource)
    return text("readings.meter.title", "%(resource)s, %(place)s", resource=resource_name(resource), place=place)


def meters(rows: Sequence[Any], window: Window) -> list[MeterView]:
    """Return the meters of an account for the page of `window`, each with its registers."""
    return [_meter(list(group), window) for _, group in groupby(rows, key=lambda row: row.meter)]


def _meter(rows: Sequence[Any], window: Window) -> MeterView:
    first = rows[0]
    registers = tuple(_register(row, window, alone=len(rows) == 1) for row in rows)
    sent_on = max((row.last_on for row in rows if row.last_on), default=None)
    until = first.verified_until
    before = (window.period - timedelta(days=1)).replace(day=1)
    late = any(row.last_period is not None and row.last_period < before for row in rows)
    return MeterView(
        title=meter_title(first.resource, first.place),
        kind=KINDS.get(first.resource, "cold"),
        serial=first.serial,
        registers=registers,
        sent_on=sent_on if all(register.sent for register in registers) else None,
        verify_by=until if until and until - window.today <= _SOON else None,
        expired=bool(until and until < window.today),
        estimate=estimated(first.estimate, first.estimate_period),
        late=before if late else None,
        public_id=first.meter,
    )


def estimated(said: str, period: date | None) -> Text | str:
    """Return how a month without a reading was charged: "October: charged by average, 1 of 3"."""
    basis, _, count = said.partition(" ")
    if not basis or period is None:
        return ""
    if basis == "norm":
        return text("readings.estimate.norm", "%(month)s: charged by the norm", month=Month(period))
    nth, _, most = count.partition("/")
    return text(
        "readings.estimate.average",
        "%(month)s: charged by average, %(nth)s of %(most)s",
        month=Month(period),
        nth=nth,
        most=most,
    )


def _register(row: Any, window: Window, *, alone: bool) -> RegisterView:
    label = (
        text("readings.register.value", "Reading")
        if alone
        else REGISTERS.get(row.code, text("readings.register.other", "%(code)s", code=row.code))
    )
    return RegisterView(
        public_id=row.register,
        label=label,
        digits=row.digits,
        decimals=row.decimals,
        last_milli=row.last_milli,
        last_on=row.last_on,
        usual_milli=row.usual_milli or 0,
        unit=row.unit,
        sent=row.last_period == window.period,
    )


def consumption(rows: Iterable[Any], before: date, unit: str = "m3") -> Consumption | None:
    """Return the consumption measured in `unit` in whole months before `before`, or None when there is none. Rows come by month.

    A month under way is left out: half of it beside whole ones would look like a saving.
    """
    found: dict[str, dict[date, int]] = {}
    months: dict[date, None] = {}
    for row in rows:
        if row.unit == unit and row.period < before:
            months[row.period] = None
            found.setdefault(row.resource, {})[row.period] = row.added_milli
    if not found:
        return None
    resources = tuple(code for code in RESOURCES if code in found)
    series = tuple(tuple(map(found[code].get, months)) for code in resources)
    return Consumption(unit, tuple(months), resources, series)


def finding(shown: Consumption) -> Text:
    """Return the sentence that leads a chart: how much the newest month took, and how that compares with the one before."""
    now, month = shown.total(), shown.months[-1]
    used = Volume(now, shown.unit)
    if len(shown.months) < 2:
        return text("readings.use.only", "%(used)s used in %(month)s", used=used, month=Month(month))
    change = now - shown.total(2)
    values = {"used": used, "month": Month(month), "before": Month(shown.months[-2])}
    if change > 0:
        return text(
            "readings.use.more",
            "%(used)s used in %(month)s, %(change)s more than in %(before)s",
            change=Volume(change, shown.unit),
            **values,
        )
    if change < 0:
        return text(
            "readings.use.less",
            "%(used)s used in %(month)s, %(change)s less than in %(before)s",
            change=Volume(-change, shown.unit),
            **values,
        )
    return text("readings.use.same", "%(used)s used in %(month)s, as in %(before)s", **values)


def places(values: Iterable[int]) -> int:
    """Return how many digits after the comma show all these thousandths in full: 3 for 1001, 1 for 1500 and 2000."""
    found = list(values)
    return next((digits for digits, step in enumerate((1000, 100, 10)) if all(each % step == 0 for each in found)), 3)
