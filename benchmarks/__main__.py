"""`make bench`: the dashboard by all subjects on both databases, in turn, after checking that they serve the same page; the isolation
of slow calls; what each middleware and a brand cost. Prints one table with ratios against the goals and writes build/bench.json."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import beside, brands, day, feed, flood, isolation, layers, streams
from benchmarks.data import prepared, spread_postgres
from benchmarks.places import BUILD
from benchmarks.same import CHECKED, differences
from benchmarks.sent import sent
from benchmarks.subjects import NAMES, Subject, running
from benchmarks.table import Row, middling, ratios, table
from benchmarks.visitors import PAGES

DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Options:
    """What to run: databases, subjects, rounds and their seconds."""

    databases: tuple[str, ...]
    subjects: tuple[str, ...]
    rounds: int
    seconds: float
    others: bool
    feed_rows: int


def main() -> int:
    """Run what the command line asks for; 1 when a page differs or a goal is missed."""
    options = _options()
    rows: list[Row] = []
    missed: list[str] = []
    urls = {database: prepared(database) for database in options.databases}
    for database, url in urls.items():
        found = _dashboard(database, url, options)
        print(f"\n{table(found)}\n")
        for line, reached in ratios(found):
            print(f"  {line}")
            missed += [] if reached else [f"{database}: {line}"]
        rows += found
    if options.others:
        print("\nThe day of readings:")
        for line, reached in day.lines(urls):
            print(f"  {line}", flush=True)
            missed += [] if reached else [line]
        print("\nHot pages beside Django:")
        for database, url in urls.items():
            for line, reached in beside.lines(database, url, PAGES[1:]):
                print(f"  {line}", flush=True)
                missed += [] if reached else [line]
        missed += _others(next(iter(urls.values())))
        missed += _feeds(options)
        dressed = brands.rows()
        print("\nWhat a brand costs:", *brands.lines(dressed), sep="\n  ")
        rows += dressed
    target = BUILD.parent / "bench.json"
    target.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    print(
        f"\nwritten: {target.relative_to(BUILD.parents[1])}" + ("; goals missed:" if missed else "; all goals reached")
    )
    print("\n".join(f"  {line}" for line in missed))
    return 1 if missed else 0


def _dashboard(database: str, url: str, options: Options) -> list[Row]:
    with ExitStack() as stack:
        subjects = [stack.enter_context(running(name, url, works=False)) for name in options.subjects]
        wrong = differences(subjects)
        if wrong:
            raise SystemExit("The subjects do not serve the same page, so nothing is timed:\n" + "\n".join(wrong[:8]))
        print(f"{database}: {len(subjects)} subjects serve the same text to {CHECKED} accounts", flush=True)
        for subject in subjects:
            subject.load(2.0)
        if database == "postgresql":
            spread_postgres(url)
        measured: dict[str, list[Row]] = {subject.name: [] for subject in subjects}
        for number in range(options.rounds):
            for subject in subjects:
                measured[subject.name].append(_round(database, subject, options.seconds))
            print(f"  round {number + 1} of {options.rounds}", flush=True)
        made = [middling(each) for each in measured.values()]
        for subject, row in zip(subjects, made, strict=True):
            halves = [subject.load(options.seconds, connections=64, rate=row.rps / 2) for _ in range(options.rounds)]
            half = sorted(halves, key=lambda each: each.p99_ms / each.p50_ms)[len(halves) // 2]
            row.half_p50_ms, row.half_p99_ms = half.p50_ms, half.p99_ms
    return made


def _round(database: str, subject: Subject, seconds: float) -> Row:
    before = subject.cpu_seconds()
    found = subject.load(seconds)
    spent = subject.cpu_seconds() - before
    if found.failures:
        raise SystemExit(f"{subject.name} answered {found.failures} of {found.answers} requests with an error.")
    cpu = spent / found.answers * 1000
    return Row("dashboard", database, subject.name, found.rps, found.p50_ms, found.p99_ms, cpu, subject.memory_mb())


def _others(url: str) -> list[str]:
    print("\nWhat each middleware costs (processor time a request, without it):")
    for name, cost in layers.costs(url).items():
        print(f"  {name:<16} {cost:6.1f} µs")
    found = isolation.measure(url)
    line = (
        f"{isolation.CALLS} slow gateway calls and {isolation.SIGN_INS} sign-ins at once ({found.storm_seconds:.1f} s, {found.put_off} put off): "
        f"other pages p95 {found.storm.p95_ms:.1f} ms, in quiet {found.quiet.p95_ms:.1f} ms: {found.ratio:.2f}x (goal <= 2)"
    )
    print(f"\n{line}")
    print("\nWhat a brand sends (processor time):")
    told = [(line, found.ratio <= 2 and not found.failed), *sent()]
    for each, _ in told[1:]:
        print(f"  {each}")
    poured = flood.measure(url)
    told.append((poured.line(), poured.holds))
    print(f"\n{poured.line()}")
    live = streams.measure()
    told.append((live.line(), live.holds))
    print(f"\n{live.line()}")
    return [each for each, reached in told if not reached]


def _feeds(options: Options) -> list[str]:
    print("\nThe bulk feed beside INSERT ... SELECT:")
    with tempfile.TemporaryDirectory(prefix="lkportal-feed-") as folder:
        found = [feed.measure(database, options.feed_rows, 3, Path(folder)) for database in options.databases]
    for each in found:
        print(f"  {each}")
    return [str(each) for each in found if not each.holds]


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one (may be repeated)")
    parser.add_argument("--subject", choices=NAMES, action="append", help="only this one (may be repeated)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round")
    parser.add_argument("--dashboard-only", action="store_true", help="neither isolation nor middleware nor brands")
    parser.add_argument(
        "--feed-rows", type=int, default=feed.ROWS, help="pushed by the bulk feed; 1000000 is the whole proof"
    )
    given = parser.parse_args()
    databases, subjects = tuple(given.database or DATABASES), tuple(given.subject or NAMES)
    return Options(databases, subjects, given.rounds, given.seconds, not given.dashboard_only, given.feed_rows)


if __name__ == "__main__":
    sys.exit(main())
