"""What moved on an account between two days: the fold behind statements and acts. Rows in, plain values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkportal.core.i18n import Text
from lkportal.modules.payments.views import MOVEMENTS

MOST_ROWS = 2_000
"""Movements of one paper: some forty pages."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry as a statement shows it. `balance` is what was owed after it; minor units."""

    day: date
    kind: str
    what: Text
    change: int
    balance: int


@dataclass(frozen=True, slots=True)
class Period:
    """An account from `since` to `until`, both included. Owed is positive: `opening + charged - settled = closing`."""

    since: date
    until: date
    opening: int
    charged: int
    settled: int
    closing: int
    movements: tuple[Movement, ...]


def fold(since: date, until: date, opening: int, rows: Sequence[Any]) -> Period:
    """Return the period made of entries (kind, occurred_on, change), oldest first, on top of what was owed before."""
    balance, charged, settled = opening, 0, 0
    movements = []
    for row in rows:
        balance += row.change
        charged += max(row.change, 0)
        settled += max(-row.change, 0)
        movements.append(Movement(row.occurred_on, row.kind, MOVEMENTS[row.kind], row.change, balance))
    return Period(since, until, opening, charged, settled, balance, tuple(movements))


def usual(today: date) -> tuple[date, date]:
    """Return the days a statement is asked for when nobody says which: from the first of this month a year ago to today."""
    return date(today.year - 1, today.month, 1), today
