"""Prepared reads of reports: sums by month, the days of one month, when measures were counted. Bounded by months, never by customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from lkportal.staff.reports.models import Count, Total

Rows = Sequence[Row[*tuple[Any, ...]]]
_ABOUT = Total.measure.in_(bindparam("names", expanding=True))
BY_MONTH: Select[*tuple[Any, ...]] = (
    select(Total.measure, Total.month, Total.part, Total.currency, func.sum(Total.amount).label("amount"))
    .where(_ABOUT, Total.month >= bindparam("since"), Total.month <= bindparam("until"))
    .group_by(Total.measure, Total.month, Total.part, Total.currency)
)
BY_DAY: Select[*tuple[Any, ...]] = (
    select(Total.measure, Total.day, Total.currency, func.sum(Total.amount).label("amount"))
    .where(_ABOUT, Total.month == bindparam("month"))
    .group_by(Total.measure, Total.day, Total.currency)
)
COUNTS = select(Count.measure, Count.counted_at, Count.since).where(
    Count.measure.in_(bindparam("names", expanding=True))
)


def by_month(connection: Connection, names: Sequence[str], since: date, until: date) -> Rows:
    """Return sums: (measure, month, part, currency, amount) from the month `since` to `until`, both first days and included."""
    return connection.execute(BY_MONTH, {"names": list(names), "since": since, "until": until}).all()


def by_day(connection: Connection, names: Sequence[str], month: date) -> Rows:
    """Return the sums of one month by day: (measure, day, currency, amount)."""
    return connection.execute(BY_DAY, {"names": list(names), "month": month}).all()


def counts(connection: Connection, names: Sequence[str]) -> Rows:
    """Return when measures were counted: (measure, counted_at, since)."""
    return connection.execute(COUNTS, {"names": list(names)}).all()
