"""Hot pages at two sizes: the dashboard, a bill, the history and the readings of a city of ten thousand accounts and of a million, each
account with five bills and six readings. `python -m benchmarks.pages [--accounts N] [--database sqlite|postgresql]`."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from statistics import median
from time import perf_counter, process_time

from benchmarks.data import prepared
from benchmarks.places import ROOT, overrides
from benchmarks.subjects import environment
from benchmarks.visitors import PAGES, asking
from lkportal.app import create_app
from lkportal.testing.clients import PortalClient

SMALL, LARGE, GOAL = 10_000, 1_000_000, 1.2
ASKED = 100_000
"""Accounts of a quick run; a million takes a quarter of an hour and 10 GB of disk."""
VISITS = 400


def measure(database: str, visits: int) -> dict[str, tuple[float, float]]:
    """Return (p50, processor time) of each page in milliseconds, asked by `visits` people in turn in this process."""
    portal = create_app(ROOT / "examples/utility/portal.toml", overrides=overrides(prepared(database)))
    portal.start(in_web=False)
    client = PortalClient(portal, base_url="http://127.0.0.1:8000")
    dice = random.Random(5)
    found = {}
    for page in PAGES:
        everybody = asking(page)
        chosen = [dice.choice(everybody) for _ in range(visits)]
        times, spent = [], 0.0
        for place, (visitor, path) in enumerate([*chosen[:40], *chosen]):
            before, begun = process_time(), perf_counter()
            answer = client.get(path, headers={"cookie": f"lk_session={visitor.token}"})
            taken, cpu = perf_counter() - begun, process_time() - before
            if answer.status_code != 200:
                raise SystemExit(f"{page} of {visitor.account} answered {answer.status_code}")
            if place >= 40:  # the first ones warm templates and caches
                times.append(taken * 1000)
                spent += cpu
        found[page] = (median(times), spent / visits * 1000)
    portal.database.close()
    return found


def compare(database: str, accounts: int, visits: int) -> list[tuple[str, bool]]:
    """Return a line for each page and whether it keeps to the goal. Each size is measured in a process of its own, twice in turn."""
    rounds = [(_asked(database, SMALL, visits), _asked(database, accounts, visits)) for _ in range(2)]
    told = []
    for page in rounds[0][0]:
        small, large = (min(each[side][page][0] for each in rounds) for side in (0, 1))
        cpu = [min(each[side][page][1] for each in rounds) for side in (0, 1)]
        line = (
            f"{database}: {page:<10} p50 {small:.2f} ms at {SMALL:,} accounts, {large:.2f} ms at {accounts:,}: "
            f"{large / small:.2f}x (goal <= {GOAL}); processor time {cpu[0]:.2f} and {cpu[1]:.2f} ms"
        )
        told.append((line, large / small <= GOAL))
    return told


def _asked(database: str, accounts: int, visits: int) -> dict[str, tuple[float, float]]:
    program = [sys.executable, "-m", "benchmarks.pages", "--database", database, "--visits", str(visits), "--here"]
    surroundings = environment(BENCH_ACCOUNTS=str(accounts), BENCH_THIN="1")
    said = subprocess.run(program, cwd=ROOT, check=True, env=surroundings, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, tuple[float, float]] = json.loads(said.splitlines()[-1])
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure and print a line for each page; 1 when one misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=ASKED, help=f"{LARGE} is the whole proof")
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    databases = asked.database or ["sqlite", "postgresql"]
    if asked.here:
        print(json.dumps(measure(databases[0], asked.visits)))
        return 0
    told = [each for database in databases for each in compare(database, asked.accounts, asked.visits)]
    print("\n".join(line for line, _ in told))
    return 0 if all(reached for _, reached in told) else 1


if __name__ == "__main__":
    sys.exit(main())
