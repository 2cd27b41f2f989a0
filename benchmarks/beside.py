"""Hot pages beside stock Django with everything on: a bill, its QR code, the history, the readings and the dashboard, asked in turn of
both servers over HTTP. The processor's time a request is that of the server alone. `python -m benchmarks.beside [--database ...]`.

Both say the same words to the same people, checked before anything is timed. Django asks through its ORM, joins what it can, draws
with its own templates and formats; what is due, why a bill differs and the drawings are the portal's functions on both sides. The QR code
of a bill is a picture of its own on both, and Django's has segno draw it as its manual says. Jobs and schedules run elsewhere. Ours
does what Django's here does not: it limits each card, writes a log line a request, gives a nonce, counts refusals, and asks what is
open to the account."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.data import prepared, spread_postgres
from benchmarks.same import differences
from benchmarks.subjects import Subject, running
from benchmarks.visitors import PAGES

GOALS = {"sqlite": 6.0, "postgresql": 5.0}
"""Django's processor time a request over ours, at least."""
ROUNDS, SECONDS = 3, 2.0


def lines(
    database: str, url: str, pages: Sequence[str] = PAGES, rounds: int = ROUNDS, seconds: float = SECONDS
) -> Iterator[tuple[str, bool]]:
    """Yield what each page costs on both, in words, and whether the goal is reached. Raises SystemExit when their words differ."""
    with running("lkportal", url, works=False) as ours, running("django", url) as django:
        for page in pages:
            wrong = differences([ours, django], page)
            if wrong:
                raise SystemExit(
                    "The subjects do not serve the same page, so nothing is timed:\n" + "\n".join(wrong[:8])
                )
            for subject in (ours, django):
                subject.load(1.0, page=page)
            if database == "postgresql":
                spread_postgres(url)
            found = [(_cost(ours, page, seconds), _cost(django, page, seconds)) for _ in range(rounds)]
            ratios = [theirs / mine for mine, theirs in found]
            line = (
                f"{database}: {page:<10} {median(mine for mine, _ in found):.2f} ms of the processor, Django's "
                f"{median(theirs for _, theirs in found):.2f}: {median(ratios):.2f}x (goal >= {GOALS[database]:g}; "
                f"rounds {min(ratios):.2f} to {max(ratios):.2f})"
            )
            yield line, median(ratios) >= GOALS[database]


def _cost(subject: Subject, page: str, seconds: float) -> float:
    before = subject.cpu_seconds()
    found = subject.load(seconds, page=page)
    if found.failures:
        raise SystemExit(
            f"{subject.name} answered {found.failures} of {found.answers} requests for {page} with an error."
        )
    return (subject.cpu_seconds() - before) / found.answers * 1000


def main() -> int:
    """Measure and print a line for each page; 1 when one misses its goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("--database", choices=tuple(GOALS), action="append")
    parser.add_argument("--page", choices=PAGES, action="append")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round")
    asked = parser.parse_args()
    good = True
    for database in asked.database or GOALS:
        for line, reached in lines(database, prepared(database), asked.page or PAGES, asked.rounds, asked.seconds):
            print(f"{line}{'' if reached else ' MISSED'}", flush=True)
            good = good and reached
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
