"""The table and the ratios: what is printed and what build/bench.json holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from statistics import median

GOALS = {
    ("sqlite", "django"): 6.0,
    ("postgresql", "django"): 5.0,
    ("sqlite", "django_frag"): 3.0,
    ("postgresql", "django_frag"): 3.0,
    ("sqlite", "floor"): 0.5,
    ("postgresql", "floor"): 0.4,
}
"""A subject's processor time a page over ours, at least."""
TAIL = 5.0
"""p99 over p50 at half load, at most."""


@dataclass(slots=True)
class Row:
    """One subject on one database. Times are milliseconds of a saturated server; `half_` those at half that load.

    `cpu_rounds` are the processor time a page of each round: what is compared, round by round, for the machine itself is
    faster in one minute than in another.
    """

    workload: str
    database: str
    subject: str
    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    memory_mb: float
    half_p50_ms: float = 0.0
    half_p99_ms: float = 0.0
    cpu_rounds: list[float] = field(default_factory=list)


def middling(rounds: Sequence[Row]) -> Row:
    """Return the median of every figure over the rounds."""
    first = rounds[0]
    figures = {
        f.name: round(median(getattr(row, f.name) for row in rounds), 3) for f in fields(Row) if f.type == "float"
    }
    made = Row(first.workload, first.database, first.subject, **figures)
    made.cpu_rounds = [round(row.cpu_ms, 3) for row in rounds]
    return made


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table for people."""
    head = f"{'database':<11} {'subject':<12} {'req/s':>7} {'p50 ms':>7} {'p99 ms':>7} {'CPU ms/req':>11} {'memory MB':>10} {'half: p50':>10} {'p99':>7}"
    lines = [
        f"{row.database:<11} {row.subject:<12} {row.rps:>7.0f} {row.p50_ms:>7.1f} {row.p99_ms:>7.1f} {row.cpu_ms:>11.2f} "
        f"{row.memory_mb:>10.0f} {row.half_p50_ms:>10.1f} {row.half_p99_ms:>7.1f}"
        for row in rows
    ]
    return "\n".join([head, *lines])


def ratios(rows: Sequence[Row]) -> Iterator[tuple[str, bool]]:
    """Yield each goal in words and whether it is reached."""
    by_name = {row.subject: row for row in rows}
    ours = by_name.get("lkportal")
    if ours is None:
        return
    for name, row in by_name.items():
        goal = GOALS.get((row.database, name))
        if goal is not None:
            each = [theirs / mine for theirs, mine in zip(row.cpu_rounds, ours.cpu_rounds, strict=True)]
            ratio = median(each)
            spread = f"{min(each):.2f} to {max(each):.2f}"
            yield f"CPU of {name} over lkportal: {ratio:.2f} (goal >= {goal:g}; rounds {spread})", ratio >= goal
    if ours.half_p50_ms:
        tail = ours.half_p99_ms / ours.half_p50_ms
        yield f"lkportal at half load, p99 over p50: {tail:.1f} (goal <= {TAIL:g})", tail <= TAIL
