"""What was used beside last year and beside similar homes, and what the next month would take. Rows in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_LIKE = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """One resource in the newest whole month, in thousandths; None where nothing is known."""

    resource: str
    unit: str
    used: int
    last_year: int | None
    similar: int | None
    homes: int
    next_month: int | None


def beside(rows: Iterable[Any], cohorts: Sequence[Any], before: date) -> list[Beside]:
    """Return the newest month before `before` of each resource beside a year ago and the middle of similar homes."""
    months: dict[tuple[str, str], dict[date, int]] = {}
    for row in rows:
        if row.period < before:
            months.setdefault((row.resource, row.unit), {})[row.period] = int(row.added_milli)
    found = []
    for (resource, unit), used in months.items():
        newest = max(used)
        alike = next((each for each in cohorts if each.resource == resource and each.period == newest), None)
        latest = [used[month] for month in sorted(used)[-_LIKE:]]
        found.append(
            Beside(
                resource,
                unit,
                used[newest],
                used.get(newest.replace(year=newest.year - 1)),
                int(alike.middle_milli) if alike else None,
                alike.homes if alike else 0,
                sum(latest) // len(latest) if len(latest) == _LIKE else None,
            )
        )
    return found
