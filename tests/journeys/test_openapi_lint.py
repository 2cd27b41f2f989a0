"""Redocly finds nothing to mend in the description of the API of our examples, with all modules on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lkportal.api.describing import describe
from lkportal.app import create_app
from lkportal.core.registry.discovery import installed_modules
from tests.packages import ROOT, npm_package

SKIPPED = {
    "no-unused-components": "rows of the feed are named by x-itemSchema, which no rule follows",
    "info-license": "the licence of the portal's code is none of its API",
}


def test_redocly_finds_nothing_to_mend(tmp_path: Path) -> None:
    files = [written(example, tmp_path) for example in ("utility", "telecom")]
    command = ["node", str(npm_package("programs", "@redocly/cli") / "bin/cli.js"), "lint", *files, "--format=json"]
    command += [f"--skip-rule={rule}" for rule in SKIPPED]
    quiet = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}

    ran = subprocess.run(command, cwd=tmp_path, env=quiet, capture_output=True, text=True, timeout=240, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = list(documents(ran.stdout))
    assert [f"{each['ruleId']}: {each['message']}" for one in told for each in one["problems"]] == []
    assert [(one["totals"]["errors"], one["totals"]["warnings"]) for one in told] == [(0, 0)] * len(files)


def documents(text: str) -> Iterator[Any]:
    """Yield JSON documents that stand one after another."""
    while text := text.strip():
        found, end = json.JSONDecoder().raw_decode(text)
        yield found
        text = text[end:]


def written(example: str, folder: Path) -> str:
    """Write the description of an example with every module on; return the file's name."""
    names = [module.name for module in installed_modules() if not module.always_on]
    overrides = {"secret_key": "only to describe its calls, long enough", "modules": {"enabled": names}}
    portal = create_app(ROOT / "examples" / example / "portal.toml", overrides=overrides)
    found = describe(portal, portal.sites[0].public_url, portal.locales.get("en"))
    assert len(found["paths"]) > 50
    (folder / f"{example}.json").write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return f"{example}.json"
