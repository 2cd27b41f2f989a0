"""Line charts as SVG: one or two series with gaps, y from zero, names at the ends of the lines; and long rows of intervals
drawn as few points as the eye tells apart. Bars, gauges and what they share live in charts.

The drawing is as wide as its place: the path stretches, its stroke and the texts do not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from lkportal.theming.drawing.charts import AXIS, FOOT, axis_text, levels, short, tick_text, two_ticks

MOST_SERIES, MOST_LABELS, DENSE_POINTS = 2, 6, 240
"""A picture with more lines than two is a table; labels that fit under a phone's chart; buckets of a dense one."""
_WIDE = 1000
_SECOND = ' class="l2"'
Values = Sequence[int | None]


def line(
    labels: Sequence[str],
    series: Sequence[Values],
    *,
    title: str,
    desc: str = "",
    unit: str = "",
    names: Sequence[str] = (),
    scale: int = 1000,
    decimal: str = ",",
    height: int = 200,
) -> Markup:
    """Return one or two lines over `labels` (a text for each point; six at most are shown). None is a gap, never a zero.

    `names` stand at the ends of the lines instead of a legend: what it is and its last value. Values are integers in
    thousandths (`scale`) of `unit`. Raises ValueError for more than two series.
    """
    if not 1 <= len(series) <= MOST_SERIES:
        raise ValueError(f"A line chart holds one or two series, not {len(series)}: use a table or stacked bars.")
    top = max([value or 0 for values in series for value in values] + [2])
    level = levels(height, top * 1.04)
    paths = "".join(
        f'<path{_SECOND if place else ""} d="{_path(values, level)}"/>'
        for place, values in reversed(list(enumerate(series)))
    )
    ends = "".join(_end(place, values, level) for place, values in enumerate(series, 1))
    return _framed(paths, ends + _named(names, series, level) + _under(labels, height), top, level, (title, desc, unit), height,
                   scale, decimal)  # fmt: skip


def interval_line(values: Values, labels: Sequence[str], *, points: int = DENSE_POINTS, **options: object) -> Markup:
    """Return a long row of intervals as a line: the least and the greatest of each of `points` buckets, so that no peak is
    lost. `labels` are spread evenly under it, the last one at the end. Options are those of `line`."""
    thin = thinned(values, points)
    spread = [""] * len(thin)
    for place, label in enumerate(labels):
        spread[round(place * (len(thin) - 1) / max(len(labels) - 1, 1))] = label
    return line(spread, [thin], **options)  # type: ignore[arg-type]


def thinned(values: Values, points: int) -> list[int | None]:
    """Return at most twice `points` values: of each bucket its least and greatest in their order, None when it is empty."""
    if len(values) <= 2 * points:
        return list(values)
    found: list[int | None] = []
    for place in range(points):
        bucket = values[place * len(values) // points : (place + 1) * len(values) // points]
        present = [(value, at) for at, value in enumerate(bucket) if value is not None]
        if not present:
            found.append(None)
            continue
        found += [value for at, value in sorted((at, value) for value, at in {min(present), max(present)})]
    return found


def _framed(
    paths: str,
    texts: str,
    top: int,
    level: Callable[[float], int],
    words: tuple[str, str, str],
    height: int,
    scale: int,
    decimal: str,
) -> Markup:
    title, desc, unit = words
    ticks = [(level(tick), tick_text(tick, scale, decimal)) for tick in two_ticks(top)]
    grid = "".join(f'<line class="grid" x2="100%" y1="{y}" y2="{y}"/>' for y, _ in ticks)
    base = f'<line class="base" x2="100%" y1="{level(0)}" y2="{level(0)}"/>'
    about = f"<title>{escape(title)}</title>" + (f"<desc>{escape(desc)}</desc>" if desc else "")
    return Markup(  # noqa: S704 - every text is escaped where it is put in
        f'<div class="chart"><svg class="axis" width="{AXIS}" height="{height}" aria-hidden="true">{axis_text(ticks, unit)}</svg>'
        f'<div class="plot"><svg class="course" width="100%" height="{height}" role="img">{about}{grid}{base}'
        f'<svg width="100%" height="{height}" viewBox="0 0 {_WIDE} {height}" preserveAspectRatio="none">{paths}</svg>'
        f"{texts}</svg></div></div>"
    )


def _path(values: Values, level: Callable[[float], int]) -> str:
    pace = _WIDE / max(len(values) - 1, 1)
    points = [None if value is None else (pace * place, level(value)) for place, value in enumerate(values)]
    drawn = ""
    for present, group in itertools.groupby(points, key=lambda point: point is not None):
        run = [point for point in group if point]
        if present:
            drawn += "M" + "L".join(f"{short(x)} {y}" for x, y in run) + ("h.1" if len(run) == 1 else "")
    return drawn


def _last(values: Values) -> tuple[int, int] | None:
    return next(((place, value) for place, value in reversed(list(enumerate(values))) if value is not None), None)


def _end(place: int, values: Values, level: Callable[[float], int]) -> str:
    found = _last(values)
    if found is None:
        return ""
    x = 100 * found[0] / max(len(values) - 1, 1)
    return f'<circle class="c{place}" cx="{short(x)}%" cy="{level(found[1])}" r="4"/>'


def _named(names: Sequence[str], series: Sequence[Values], level: Callable[[float], int]) -> str:
    """The names over the ends of their lines; the lower one goes under its line when both would meet."""
    spots = [(level(found[1]), name) for name, values in zip(names, series, strict=False) if (found := _last(values))]
    lowest = max((y for y, _ in spots), default=0)
    drawn = ""
    for y, name in spots:
        below = len(spots) == MOST_SERIES and y == lowest and name is spots[-1 if spots[-1][0] == lowest else 0][1]
        at = min(y + 20, level(0) - 6) if below else max(y - 10, 12)
        drawn += f'<text class="on" x="100%" y="{at}" text-anchor="end">{escape(name)}</text>'
    return drawn


def _under(labels: Sequence[str], height: int) -> str:
    named = [place for place, label in enumerate(labels) if label]
    step = max(1, -(-len(named) // MOST_LABELS))
    drawn, last = "", max(len(labels) - 1, 1)
    for place in named[::-1][::step]:
        anchor = "end" if place == last else "start" if place == 0 else "middle"
        drawn += f'<text x="{short(100 * place / last)}%" y="{height - FOOT + 19}" text-anchor="{anchor}">{escape(labels[place])}</text>'
    return drawn


LINES: Mapping[str, Callable[..., Markup]] = {"line": line, "interval_line": interval_line}
"""What templates know by name."""
