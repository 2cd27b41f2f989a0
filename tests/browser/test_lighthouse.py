"""Lighthouse on a phone, the median of three runs, for the pages people meet first and most."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser.atlas import Place
from tests.browser.stage import Demo, program
from tests.browser.town import Examples
from tests.browser.wardrobe import EXAMPLES, outfits
from tests.packages import npm_package

pytestmark = [pytest.mark.browser, pytest.mark.proof, pytest.mark.xdist_group("lighthouse")]

PAGES = {
    "sign-in": ("nobody", "auth:login"),
    "dashboard": ("anna", "accounts:home"),
    "bill": ("anna", "payments:bill"),
    "readings": ("anna", "readings:list"),
}
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
OF_HTTPS = ("is-on-https", "redirects-http")
"""A demo on this machine speaks plain http, whose host a browser trusts all the same."""
CLOSED = ("is-crawlable",)
"""Pages behind a sign-in ask not to be found, as they should: Lighthouse's audit of that is left out for them alone."""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_lighthouse_finds_nothing(example: str, name: str, examples: Examples, tmp_path: Path) -> None:
    outfit = outfits(example)[0]
    atlas, demo = examples.atlas(example), examples.demo(outfit)
    reader, route = PAGES[name]
    place = next((place for place in atlas.places if (place.reader, place.route) == (reader, route)), None)
    if place is None:
        assert route == "readings:list", f"{example} has no page {route}"
        return
    cookies = "; ".join(f"{key}={value}" for key, value in atlas.cookies[reader].items())
    runs = [measured(demo, place, cookies, tmp_path / f"{number}.json") for number in range(RUNS)]
    scores = {key: statistics.median(run["categories"][key]["score"] for run in runs) for key in CATEGORIES}
    shift = statistics.median(run["audits"]["cumulative-layout-shift"]["numericValue"] for run in runs)
    said = {key: round(100 * score) for key, score in scores.items()} | {"layout shift": shift}
    print(example, name, said)
    failed = [f"{audit['id']}: {audit['title']}" for audit in runs[0]["audits"].values() if audit["score"] == 0]
    assert scores["performance"] >= 0.98, (said, failed)
    assert min(scores[key] for key in CATEGORIES[1:]) == 1, (said, failed)
    assert shift == 0, said


def measured(demo: Demo, place: Place, cookies: str, report: Path) -> dict[str, Any]:
    """Run Lighthouse once on a page as its reader sees it; return its report."""
    node = shutil.which("node")
    assert node, "Lighthouse needs Node: run `bash tools/npm.sh lighthouse` (Debian: apt-get install nodejs npm)."
    headers = report.with_suffix(".headers.json")
    headers.write_text(
        json.dumps({"Cookie": cookies, "Accept-Language": "ru"} if cookies else {"Accept-Language": "ru"})
    )
    skipped = [*OF_HTTPS, *(CLOSED if cookies else ())]
    command = [node, str(npm_package("lighthouse", "lighthouse") / "cli/index.js"), demo.address + place.path]
    command += ["--quiet", "--output=json", f"--output-path={report}", f"--extra-headers={headers}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", f"--skip-audits={','.join(skipped)}"]
    command += [f"--chrome-path={program()}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    told: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return told
