"""A file of charges as billing writes it, and a program that imports it and can be killed:
`python -m tests.faults.importing SETTINGS FILE BATCH_ROWS`."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from lkportal.app import Portal, create_app
from lkportal.core import imports as engine

SERVICES = ("Холодная вода", "Горячая вода", "Водоотведение", "Отопление", "Электроэнергия")
BAD_EVERY = 50
BAD = ((0, "999999999999"), (2, ""), (3, "много"))
"""A cell and what makes its row a bad one: an account that is not there, no service, no amount."""


@dataclass(frozen=True)
class Charges:
    """What a file holds: rows, those of them that cannot be taken, and the sum of the others in minor units."""

    file: Path
    rows: int
    bad: int
    total: int


def write(file: Path, accounts: list[str], months: int, seed: int = 5) -> Charges:
    """Write five lines for each account and month; every fiftieth row is bad, in one of three ways."""
    dice = random.Random(seed)
    count = bad = total = 0
    with file.open("w", encoding="cp1251", newline="") as out:
        out.write("Лицевой счёт;Период;Услуга;Сумма\r\n")
        for month in range(months):
            for number in accounts:
                for service in SERVICES:
                    minor = dice.randrange(1, 900_000)
                    cells = [
                        number,
                        f"{month % 12 + 1:02}.{2024 + month // 12}",
                        service,
                        f"{minor // 100},{minor % 100:02}",
                    ]
                    count += 1
                    if count % BAD_EVERY == 0:
                        bad += 1
                        place, value = BAD[bad % len(BAD)]
                        cells[place] = value
                    else:
                        total += minor
                    out.write(";".join(cells) + "\r\n")
    return Charges(file, count, bad, total)


def run(portal: Portal, file: Path, batch_rows: int) -> engine.ImportReport:
    """Import a file, saying after every batch how far it came."""

    def tell(progress: engine.Progress) -> None:
        print(progress.accepted + progress.rejected, flush=True)

    kind = portal.registry.import_kinds["charges"]
    circumstances = portal.unit_context("import")
    return engine.run_import(portal.database, circumstances, kind, file, batch_rows=batch_rows, progress=tell)


def main(settings: str, file: str, batch_rows: str) -> None:
    """Import a file into the portal of `settings`: the program that is killed."""
    portal = create_app(overrides=json.loads(Path(settings).read_text("utf-8")))
    run(portal, Path(file), int(batch_rows))
    portal.database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
