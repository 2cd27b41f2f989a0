"""`kill -9` while a push is done, and a sender that goes away in the middle of one: each row is in the books once."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lkportal.api import tokens
from lkportal.api.running import Feeds
from lkportal.app import Portal
from lkportal.testing import Recipe, Visitor, World
from tests.faults import feeding, laws
from tests.faults.processes import ROOT

_SUMS = "SELECT count(*), coalesce(sum(amount), 0) FROM payments_charge_lines"
_TWICE = "SELECT count(*) FROM payments_charge_lines GROUP BY source, source_key HAVING count(*) > 1"


def killed_somewhere(settings: Path, batch_rows: int, dice: random.Random) -> None:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    command = [sys.executable, "-m", "tests.faults.feeding", str(settings), str(batch_rows)]
    surroundings = {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=surroundings) as process:
        assert process.stdout is not None
        for _ in range(dice.randint(1, 3)):
            assert process.stdout.readline().strip() == "batch", "the push was done before it could be killed"
        time.sleep(dice.random() * 0.1)
        process.kill()


def sent_in_parts(visitor: Visitor, secret: str, body: bytes, dice: random.Random) -> dict[str, Any]:
    """Send a packed body in parts of any size, asking each time where to go on; return the run."""
    bearer = {"authorization": f"Bearer {secret}", "idempotency-key": "november"}
    place, answer = 0, None
    while place < len(body):
        size = dice.randint(1, len(body) // 3)
        complete = "?1" if place + size >= len(body) else "?0"
        headers = {**bearer, "content-type": "application/x-ndjson", "content-encoding": "gzip"}
        headers |= {"upload-offset": str(place), "upload-complete": complete}
        answer = visitor.client.post("/api/v1/feed/charges", content=body[place : place + size], headers=headers)
        assert answer.status_code == 202, answer.text
        place = int(visitor.client.get("/api/v1/feed/charges", headers=bearer).headers["upload-offset"])
    assert answer is not None
    run: dict[str, Any] = answer.json()
    return run


def prove(
    portal: Portal, recipe: Recipe, visitor: Visitor, folder: Path, accounts: int, months: int, kills: int
) -> None:
    world = World(portal.database, portal.clock, portal.ports)  # type: ignore[arg-type]
    rows, bad, total = feeding.charges([world.account(f"03{n:08}").number for n in range(accounts)], months)
    with world.unit() as db:
        secret, _ = tokens.add(db, "Billing", ["charges"], days=1)
    settings = folder / "settings.json"
    settings.write_text(json.dumps(recipe.overrides), "utf-8")
    dice = random.Random(3)
    body = gzip.compress(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
    run = sent_in_parts(visitor, secret, body, dice)
    assert run["state"] == "waiting"

    for _ in range(kills):
        killed_somewhere(settings, len(rows) // (kills * 5), dice)
    portal.ports.get(Feeds).take_up("charges")

    said = visitor.client.get(run["url"], headers={"authorization": f"Bearer {secret}"}).json()
    assert (said["state"], said["accepted"], said["rejected"]) == ("done", len(rows) - bad, bad)
    with portal.database.reading() as connection:
        assert tuple(connection.exec_driver_sql(_SUMS).one()) == (said["accepted"], total)
        assert connection.exec_driver_sql(_TWICE).all() == []
    assert laws.books_broken(portal) == []
    assert list((portal.data_dir / "feed").iterdir()) == []


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("portal_overrides", [{"api": {"at_once_kb": 1}}])
def test_a_push_killed_three_times_takes_every_row_once(
    portal: Portal, portal_recipe: Recipe, anonymous: Visitor, tmp_path: Path
) -> None:
    prove(portal, portal_recipe, anonymous, tmp_path, accounts=40, months=40, kills=3)


@pytest.mark.proof
def test_a_push_of_two_hundred_thousand_rows_killed_ten_times(
    portal: Portal, portal_recipe: Recipe, anonymous: Visitor, tmp_path: Path
) -> None:
    prove(portal, portal_recipe, anonymous, tmp_path, accounts=1_000, months=40, kills=10)
