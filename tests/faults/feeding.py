"""A program that does what was pushed to the feed and can be killed: `python -m tests.faults.feeding SETTINGS BATCH_ROWS`; and
charges as a billing pushes them."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from lkportal.api.running import Feeds
from lkportal.app import create_app
from tests.faults.importing import BAD_EVERY, SERVICES


def charges(accounts: list[str], months: int, seed: int = 7) -> tuple[list[dict[str, Any]], int, int]:
    """Return rows, how many of them cannot be taken (every fiftieth), and the sum of the others in minor units."""
    dice = random.Random(seed)
    made: list[dict[str, Any]] = []
    bad = total = 0
    for month in range(months):
        for number in accounts:
            for service in SERVICES:
                minor = dice.randrange(1, 900_000)
                row = {
                    "account": number,
                    "period": f"{2024 + month // 12}-{month % 12 + 1:02}",
                    "service": service,
                    "amount": f"{minor // 100}.{minor % 100:02}",
                }
                made.append(row)
                if len(made) % BAD_EVERY == 0:
                    bad += 1
                    row["account" if bad % 2 else "amount"] = "нет"
                else:
                    total += minor
    return made, bad, total


def main(settings: str, batch_rows: str) -> None:
    """Do what is due of charges, saying so after every batch: the program that is killed."""
    portal = create_app(overrides=json.loads(Path(settings).read_text("utf-8")))
    portal.ports.get(Feeds).take_up("charges", beat=lambda: print("batch", flush=True), batch_rows=int(batch_rows))
    portal.database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
