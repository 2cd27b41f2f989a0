"""Charts as SVG text, drawn once on the server: bars, stacked bars, a share, a change, a gauge, a line. Drawings live in drawings.

Labels and lines are kept once drawn: months and levels come back on every page. Colours come from classes (`c1`..`c6`,
`past`, `mark`), geometry from attributes, so no page needs an inline style. The y axis starts at zero. Values are integers in
thousandths (`scale`) of the unit shown; None is a period without data.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

TOP, FOOT, AXIS, RADIUS, GAP = 24, 24, 44, 4, 2
"""Room above the bars and under them, width of the axis, radius of a bar's top, gap between stacked parts: px."""


def bars(labels: Sequence[str], values: Sequence[int | None], **options: Any) -> Markup:
    """Return one bar a period. Options are those of `stacked_bars`."""
    return stacked_bars(labels, [values], **options)


def stacked_bars(
    labels: Sequence[str],
    series: Sequence[Sequence[int | None]],
    *,
    title: str,
    desc: str = "",
    unit: str = "",
    text: str = "",
    compare: Sequence[int | None] = (),
    current: int = -1,
    scale: int = 1000,
    decimal: str = ",",
    step: int = 46,
    height: int = 176,
) -> Markup:
    """Return stacked bars, oldest period first. `series` go from the bottom up, one sequence as long as `labels` each.

    The `current` period is in full colour and carries `text`; `compare` draws a short dash over each bar. Where the place
    is narrow the oldest bars are cut off, whole ones (`step` px each: 36, 46 or 58): the newest stay in view.
    """
    current %= len(labels)
    columns = list(zip(*series, strict=True))
    totals = [sum(filter(None, column)) for column in columns]
    top = max([*totals, *(value or 0 for value in compare), 2])
    level = levels(height, top * 1.04)
    ticks = two_ticks(top)
    width = step * len(labels)
    drawn = [rule("grid", 0, width, level(tick)) for tick in ticks]
    for place, label in enumerate(labels):
        left, on = step * place, place == current
        mark = compare[place] if compare else None
        drawn.append(_column(columns[place], left, step, level, " past" if not on else ""))
        if mark is not None:
            drawn.append(rule("mark", left + step * 0.16, left + step * 0.84, level(mark)))
        if on and text:
            drawn.append(caption(text, left + step / 2, level(max(totals[place], mark or 0)) - 8, "middle", on))
        drawn.append(caption(label, left + step / 2, height - 5, "middle", on))
    drawn.append(rule("base", 0, width, level(0)))
    axis = axis_text([(level(tick), tick_text(tick, scale, decimal)) for tick in ticks], unit)
    return _framed(axis, "".join(drawn), width, height, title, desc, step)


def _framed(axis: str, drawn: str, width: int, height: int, title: str, desc: str, step: int) -> Markup:
    about = f"<title>{escape(title)}</title>" + (f"<desc>{escape(desc)}</desc>" if desc else "")
    return Markup(  # noqa: S704 - every text is escaped where it is put in
        f'<div class="chart"><svg class="axis" width="{AXIS}" height="{height}" aria-hidden="true">{axis}</svg>'
        f'<div class="plot"><svg class="step-{step}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'preserveAspectRatio="xMaxYMid slice" role="img">{about}{drawn}</svg></div></div>'
    )


def _column(column: Sequence[int | None], left: int, step: int, level: Callable[[float], int], rest: str) -> str:
    """The parts of one bar from the bottom up; only the uppermost has round corners."""
    wide = min(24, step * 13 // 25)
    x, across, inner = left + (step - wide) // 2, wide, wide - 2 * RADIUS
    drawn, below, foot, parts = "", 0, level(0), len(column) - column.count(None) - column.count(0)
    for place, value in enumerate(column, 1):
        if not value:
            continue
        bottom = foot - GAP if below else foot
        below += value
        foot = level(below)
        parts -= 1
        if parts:
            path = f"M{x} {foot if foot < bottom else bottom - 1}h{across}V{bottom}h-{across}z"
        elif bottom - foot >= RADIUS:
            path = f"M{x} {bottom}V{foot + RADIUS}{_BEND}h{inner}{_DOWN}V{bottom}z"
        else:
            path = _low_bar(x, min(foot, bottom - 1), bottom, across)
        drawn += f'<path class="c{place}{rest}" d="{path}"/>'
    return drawn


def _low_bar(x: int, top: int, bottom: int, wide: int) -> str:
    """The path of a bar that is lower than the radius of its corners."""
    b = bottom - top
    return f"M{x} {bottom}V{top + b}q0-{b} {b}-{b}h{wide - 2 * b}q{b} 0 {b} {b}V{bottom}z"


_BEND = f"q0-{RADIUS} {RADIUS}-{RADIUS}"
_DOWN = f"q{RADIUS} 0 {RADIUS} {RADIUS}"


def levels(height: int, top: float) -> Callable[[float], int]:
    """Return the function from a value to its y: whole pixels, zero at the foot."""
    base, pace = height - FOOT, (height - FOOT - TOP) / top
    return lambda value: base - int(pace * value + 0.5)


def two_ticks(top: float) -> tuple[int, int]:
    """Two round levels, the upper one as high as fits under `top`."""
    half, power = top / 2, 1
    while power * 10 <= half:
        power *= 10
    lower = max((part * power for part in (1, 2, 3, 4, 5, 6, 8) if part * power <= half), default=1)
    return lower, lower * 2


def tick_text(value: int, scale: int, decimal: str) -> str:
    """Return a level as it stands at the axis: 12000 -> 12, 500 -> 0,5."""
    whole, rest = divmod(value, scale)
    part = f"{rest:0{len(str(scale)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}{decimal}{part}" if part else str(whole)


def axis_text(ticks: Sequence[tuple[float, str]], unit: str) -> str:
    """The numbers of the two levels; the unit stands at the upper one, above it when the two would not fit in a row."""
    upper, number = ticks[-1]
    beside = f"{number}\u00a0{unit}" if unit and len(number) + len(unit) <= 5 else number
    drawn = "".join(caption(text, AXIS - 8, y + 4, "end", False) for y, text in [*ticks[:-1], (upper, beside)])
    return drawn + (caption(unit, AXIS - 8, upper - 11, "end", False) if unit and beside == number else "")


def share(parts: Sequence[Sequence[Any]], *, title: str) -> Markup:
    """Return the parts of one sum, (label, value, ...) each, as a single bar with gaps; the key beside it names them."""
    total = sum(max(part[1], 0) for part in parts) or 1
    drawn, x = "", 0.0
    for place, (label, value, *_) in enumerate(parts):
        wide = 1000 * max(value, 0) / total
        name = f"<title>{escape(label)}</title>"
        drawn += (
            f'<rect class="c{place % 6 + 1}" x="{short(x)}" width="{short(max(wide - 3, 1))}" height="12">{name}</rect>'
        )
        x += wide
    return Markup(  # noqa: S704 - labels are escaped, the rest are numbers
        f'<svg class="share" viewBox="0 0 1000 12" height="12" preserveAspectRatio="none" role="img">'
        f"<title>{escape(title)}</title>{drawn}</svg>"
    )


def change_bar(value: int, least: int, most: int) -> Markup:
    """Return one bar from a zero line shared by its neighbours: up is solid, down hollow. `least` <= 0 <= `most` of all."""
    span = (most - least) or 1
    zero = 100 * -least / span
    wide = 100 * abs(value) / span
    x, kind = (zero, "up") if value >= 0 else (zero - wide, "down")
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="change" width="100%" height="44" aria-hidden="true"><rect class="{kind}" x="{short(x)}%" y="50%" '
        f'width="{short(max(wide, 0.6))}%" height="16" rx="3" transform="translate(0 -8)"/>'
        f'<line x1="{short(zero)}%" x2="{short(zero)}%" y2="100%"/></svg>'
    )


def gauge(part: int, whole: int, *, title: str) -> Markup:
    """Return a filled track: how much of a limit is left. `title` says it in words."""
    wide = 100 * min(max(part, 0), whole) / (whole or 1)
    return Markup(  # noqa: S704 - the title is escaped
        f'<svg class="gauge" width="100%" height="12" role="img"><title>{escape(title)}</title>'
        f'<rect class="track" width="100%" height="12" rx="6"/><rect class="fill" width="{short(wide)}%" height="12" rx="6"/></svg>'
    )


def sparkline(values: Sequence[int | None], *, title: str, width: int = 240, height: int = 48) -> Markup:
    """Return a small line without axes from zero up, its last point marked; gaps are left where data is missing."""
    top = max([value or 0 for value in values] or [1]) or 1
    pace = (width - 12) / max(len(values) - 1, 1)
    points = [None if v is None else (6 + pace * i, height - 6 - (height - 12) * v / top) for i, v in enumerate(values)]
    path = ""
    for present, group in itertools.groupby(points, key=lambda point: point is not None):
        if present:
            path += "M" + "L".join(f"{short(point[0])} {short(point[1])}" for point in group if point)
    last = next((point for point in reversed(points) if point), None)
    dot = f'<circle cx="{short(last[0])}" cy="{short(last[1])}" r="4"/>' if last else ""
    return Markup(  # noqa: S704 - the title is escaped
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f'<title>{escape(title)}</title><path d="{path}"/>{dot}</svg>'
    )


@lru_cache(maxsize=512)
def rule(kind: str, start: float, end: float, y: float) -> str:
    """Return a horizontal line of `kind` (grid, base, mark) at `y`."""
    return f'<line class="{kind}" x1="{short(start)}" x2="{short(end)}" y1="{short(y)}" y2="{short(y)}"/>'


@lru_cache(maxsize=2048)
def caption(text: str, x: float, y: float, anchor: str, on: bool) -> str:
    """Return one escaped text of a chart; `on`: of the current period."""
    strong = ' class="on"' if on else ""
    return f'<text{strong} x="{short(x)}" y="{short(y)}" text-anchor="{anchor}">{escape(text)}</text>'


def short(number: float) -> str:
    """Return a coordinate with one digit after the point at most."""
    shown = f"{number:.1f}"
    return shown[:-2] if shown.endswith("0") else shown


CHARTS: Mapping[str, Callable[..., Markup]] = {
    "bars": bars,
    "stacked_bars": stacked_bars,
    "share": share,
    "change_bar": change_bar,
    "gauge": gauge,
    "sparkline": sparkline,
}
"""What templates know by name."""
