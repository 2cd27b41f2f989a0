"""What pages show of surveys: rows in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lkportal.core.i18n import Text
from lkportal.modules.surveys.occasions import KNOWN, Occasion

_PROMOTER, _DETRACTOR, _SATISFIED = 9, 6, 4
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for an occasion: by the company's own question, else by the one that comes with the portal."""

    occasion: Occasion
    on: bool
    scale: int
    low: int
    texts: Mapping[str, str]

    def words(self, language: str) -> Text | str:
        """Return the question in a language: the company's own words, else the portal's."""
        return self.texts.get(language) or self.occasion.question


@dataclass(frozen=True, slots=True)
class Month:
    """A month of answers: how many, the share of 4 and 5 of those from 1 to 5 (percent), and what promoters are above detractors among
    those from 0 to 10 (NPS, -100 to 100); None where nobody answered so."""

    begins: date
    answers: int
    satisfied: int | None
    nps: int | None


def asking(name: str, row: Any) -> Asking:
    """Return what is asked for an occasion; `row` is the company's own question or None."""
    known = KNOWN[name]
    if row is None:
        return Asking(known, True, known.scale, known.low, {})
    scale = known.scale if known.is_rating else row.scale
    return Asking(known, row.on, scale, row.low, row.texts)


def scores(scale: int) -> range:
    """Return the scores of a scale: 1 to 5, or 0 to 10."""
    return range(0 if scale == 10 else 1, scale + 1)


def beginnings(now: datetime, zone: str) -> list[datetime]:
    """Return when this month and those before it began, the latest first."""
    local = now.astimezone(ZoneInfo(zone))
    months = [local.year * 12 + local.month - 1 - back for back in range(MONTHS)]
    return [datetime(each // 12, each % 12 + 1, 1, tzinfo=ZoneInfo(zone)) for each in months]


def months(rows: Sequence[Any], begins: Sequence[datetime]) -> list[Month]:
    """Return what people answered month by month, the latest first, as far as there are answers."""
    found = []
    for nth, begin in enumerate(begins):
        here = [row for row in rows if row.nth == nth]
        if here:
            found.append(Month(begin.date(), sum(row.amount for row in here), _satisfied(here), _nps(here)))
    return found


def _satisfied(rows: Sequence[Any]) -> int | None:
    five = [row for row in rows if row.scale != 10]
    good = sum(row.amount for row in five if row.score >= _SATISFIED)
    total = sum(row.amount for row in five)
    return _share(good, total) if total else None


def _nps(rows: Sequence[Any]) -> int | None:
    ten = [row for row in rows if row.scale == 10]
    total = sum(row.amount for row in ten)
    if not total:
        return None
    above = sum(row.amount for row in ten if row.score >= _PROMOTER)
    return _share(above - sum(row.amount for row in ten if row.score <= _DETRACTOR), total)


def _share(part: int, whole: int) -> int:
    """Return whole percent, half away from nought."""
    return (abs(part) * 200 + whole) // (2 * whole) * (1 if part >= 0 else -1)
