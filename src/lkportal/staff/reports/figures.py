"""Charts folded from sums into what a page draws and a file holds: months, series, names. Rows in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from lkportal.core.i18n import Text, text
from lkportal.core.reports import Chart, Measure, Report
from lkportal.staff.reports.counting import month_after

Values = tuple[int | None, ...]
_NAMED = 5
_OTHERS = text("staff.report.others", "Others")


@dataclass(frozen=True, slots=True)
class Series:
    """A row of values, one a point; None: not counted. `name` is what it is called: words of a module, or a part as it stands."""

    name: Text | str
    values: Values


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its numbers. `points` are months, or days; values are minor units of `currency`, pieces, or (`rate`)
    thousandths of a percent."""

    chart: Chart
    points: tuple[date, ...]
    series: tuple[Series, ...]
    currency: str = ""

    @property
    def kind(self) -> Literal["bars", "rate", "parts", "days"]:
        """How it is drawn."""
        return self.chart.kind

    @property
    def totals(self) -> Values:
        """The sum of all series at each point; None where nothing was counted."""
        columns = zip(*(each.values for each in self.series), strict=True)
        return tuple(
            sum(value or 0 for value in column) if any(value is not None for value in column) else None
            for column in columns
        )

    @property
    def newest(self) -> tuple[date | None, int]:
        """The month that is told of first, with its sum: the last one with something in it, or all days of the month shown."""
        if self.kind == "days":
            return self.points[0], sum(value or 0 for value in self.totals)
        return (self.points[self.place], self.totals[self.place] or 0) if not self.is_empty else (None, 0)

    @property
    def place(self) -> int:
        """Where the newest month with something in it stands among the points."""
        return max((place for place, value in enumerate(self.totals) if value), default=-1)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(each for series in self.series for each in series.values)


@dataclass(frozen=True, slots=True)
class Page:
    """A report with the pieces of all modules that this reader may see."""

    report: Report
    measures: Mapping[str, Measure] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()

    @property
    def name(self) -> str:
        """By which it is asked for."""
        return self.report.name


def pages(reports: Iterable[Report], rights: frozenset[str]) -> list[Page]:
    """Return the reports a reader may see, each with the charts of all its pieces."""
    pieces: dict[str, list[Report]] = {}
    for each in sorted(reports, key=lambda each: each.order):
        if not each.right or each.right in rights:
            pieces.setdefault(each.name, []).append(each)
    return [
        Page(
            parts[0],
            {measure.name: measure for part in parts for measure in part.measures},
            tuple(sorted((chart for part in parts for chart in part.charts), key=lambda chart: chart.order)),
        )
        for parts in pieces.values()
    ]


def months_between(since: date, until: date) -> tuple[date, ...]:
    """Return the first days of the months from `since` to `until`, both included."""
    count = (until.year - since.year) * 12 + until.month - since.month + 1
    return tuple(month_after(since, place) for place in range(count))


def figures(
    page: Page, rows: Sequence[Any], days: Sequence[Any], counts: Sequence[Any], since: date, until: date, today: date
) -> list[Figure]:
    """Return the figures of a report: one a chart, and one more for each further currency."""
    months = months_between(since, until)
    begun = {row.measure: row.since for row in counts}
    made: list[Figure] = []
    for chart in page.charts:
        about = [row for row in (days if chart.kind == "days" else rows) if row.measure in (*chart.measures, chart.of)]
        for currency in sorted({row.currency for row in about if row.measure in chart.measures}) or [""]:
            mine = [row for row in about if row.currency in (currency, "")]
            if chart.kind == "days":
                made.append(_daily(chart, mine, until, today, currency))
            elif chart.kind == "rate":
                made.append(_rate(chart, mine, months))
            else:
                made.append(_stacked(chart, page, mine, months, begun, currency))
    return made


def _stacked(
    chart: Chart, page: Page, rows: Sequence[Any], months: tuple[date, ...], begun: Mapping[str, date], currency: str
) -> Figure:
    by_part = len(chart.measures) == 1
    sums: dict[tuple[str, date], int] = {}
    for row in rows:
        key = (row.part if by_part else row.measure, row.month)
        sums[key] = sums.get(key, 0) + int(row.amount)
    there = {(row.measure, row.month) for row in rows}
    codes = _ordered(chart, sums) if by_part else list(chart.measures)
    named, rest = (codes, []) if len(codes) <= _NAMED + 1 else (codes[:_NAMED], codes[_NAMED:])
    groups: list[tuple[Text | str, list[str]]] = [(chart.labels.get(code, code), [code]) for code in named]
    if rest:
        groups.append((_OTHERS, rest))

    def value(of: Sequence[str], month: date) -> int | None:
        measures = chart.measures if by_part else tuple(of)
        if not any(_was_counted(page.measures.get(name), month, begun, there) for name in measures):
            return None
        return sum(sums.get((code, month), 0) for code in of)

    series = tuple(Series(name, tuple(value(of, month) for month in months)) for name, of in groups)
    return Figure(chart, months, series, currency)


def _was_counted(measure: Measure | None, month: date, begun: Mapping[str, date], there: set[tuple[str, date]]) -> bool:
    """Whether the lack of a sum means none. What stands is not counted for months that are over."""
    if measure is None:
        return False
    return (measure.name, month) in there or (not measure.standing and month >= begun.get(measure.name, date.max))


def _ordered(chart: Chart, sums: Mapping[tuple[str, date], int]) -> list[str]:
    """Return the parts: labelled ones in the order of their labels, then others by their sums."""
    weights: dict[str, int] = {}
    for (code, _), amount in sums.items():
        weights[code] = weights.get(code, 0) + amount
    known = [code for code in chart.labels if code in weights]
    return [*known, *sorted(weights.keys() - set(known), key=lambda code: (-weights[code], code))]


def _rate(chart: Chart, rows: Sequence[Any], months: tuple[date, ...]) -> Figure:
    above: dict[date, int] = {}
    below: dict[date, int] = {}
    for row in rows:
        side = below if row.measure == chart.of else above
        side[row.month] = side.get(row.month, 0) + int(row.amount)
    values = tuple(1000 * above.get(month, 0) // below[month] * 100 if below.get(month) else None for month in months)
    return Figure(chart, months, (Series(chart.title, values),))


def _daily(chart: Chart, rows: Sequence[Any], month: date, today: date, currency: str) -> Figure:
    last = month_after(month, 1) - timedelta(days=1)
    days = tuple(month + timedelta(days=place) for place in range(last.day))
    sums: dict[date, int] = {}
    for row in rows:
        sums[row.day] = sums.get(row.day, 0) + int(row.amount)
    return Figure(
        chart, days, (Series(chart.title, tuple(sums.get(day, 0) if day <= today else None for day in days)),), currency
    )
