"""Charges folded into what a page and a file of spending show: months, services, accounts. Rows in, plain values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkportal.modules.payments.spending.changes import Part, explain

MOST_MONTHS = 36
_SHOWN_SERVICES = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A month, a service or an account: what was charged now and a year before (minor units); `volume` in thousandths of `unit`."""

    name: Any
    amount: int
    before: int
    volume: int | None = None
    volume_before: int | None = None
    unit: str = ""

    @property
    def change(self) -> int:
        """How much more than a year before."""
        return self.amount - self.before


@dataclass(frozen=True, slots=True)
class Spending:
    """What was charged from one month to another beside the same months a year before. `known_before`: something was, then."""

    since: date
    until: date
    total: int
    before: int
    known_before: bool
    months: tuple[Row, ...]
    services: tuple[Row, ...]
    accounts: tuple[Row, ...]
    parts: tuple[Part, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]
    """The greatest services and, as "", all others: what each month of the period was charged."""


def months_between(since: date, until: date) -> list[date]:
    """Return the first days of the months from `since` to `until`, both included."""
    count = (until.year - since.year) * 12 + until.month - since.month + 1
    return [month_after(since, place) for place in range(count)]


def month_after(month: date, count: int) -> date:
    """Return the first day of the month `count` after; below zero: before."""
    years, place = divmod(month.month - 1 + count, 12)
    return date(month.year + years, place + 1, 1)


def fold(rows: Sequence[Any], since: date, until: date, service: str = "") -> Spending:
    """Return the spending of a period; `rows` are charges of it and of the same months a year before."""
    rows = [row for row in rows if not service or row.service == service]
    now = [row for row in rows if since <= row.period <= until]
    last_since, last_until = month_after(since, -12), month_after(until, -12)
    then = [row for row in rows if last_since <= row.period <= last_until]
    months = tuple(
        Row(month, _sum(now, "period", month), _sum(then, "period", month_after(month, -12)))
        for month in months_between(since, until)
    )
    known = {row.service for row in (*now, *then)}
    services = sorted((_service(name, now, then) for name in known), key=lambda row: (-row.amount, row.name))
    accounts = sorted(
        (Row(key, _sum(now, "account_id", key), _sum(then, "account_id", key)) for key in {r.account_id for r in now}),
        key=lambda row: -row.amount,
    )
    total, before = sum(row.amount for row in now), sum(row.amount for row in then)
    parts = tuple(explain(now, then)) if then else ()
    series = _series(now, [row.name for row in months], [row.name for row in services])
    return Spending(since, until, total, before, bool(then), months, tuple(services), tuple(accounts), parts, series)


def _series(
    rows: Sequence[Any], months: Sequence[date], services: Sequence[str]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the months of each of the greatest services; a month that was paid back in sum counts as nothing."""
    named = services[:_SHOWN_SERVICES]
    sums: dict[tuple[str, date], int] = {}
    for row in rows:
        key = (row.service if row.service in named else "", row.period)
        sums[key] = sums.get(key, 0) + row.amount
    names = [*named, *([""] if len(services) > len(named) else [])]
    return tuple((name, tuple(max(sums.get((name, month), 0), 0) for month in months)) for name in names)


def _sum(rows: Sequence[Any], name: str, value: Any) -> int:
    return sum(row.amount for row in rows if getattr(row, name) == value)


def _service(name: str, now: Sequence[Any], then: Sequence[Any]) -> Row:
    mine = [row for row in now if row.service == name]
    past = [row for row in then if row.service == name]
    units = {row.unit for row in (*mine, *past) if row.volume_milli is not None}
    one = len(units) == 1
    return Row(
        name,
        sum(row.amount for row in mine),
        sum(row.amount for row in past),
        sum(row.volume_milli or 0 for row in mine) if one and mine else None,
        sum(row.volume_milli or 0 for row in past) if one and past else None,
        units.pop() if one else "",
    )
