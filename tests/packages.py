"""Where tests find the npm packages they run: pinned in requirements/npm, installed into build/npm by `make test`."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]


def npm_package(group: str, name: str) -> Path:
    """Return the folder of an installed npm package of a group. AssertionError says how to install it."""
    folder = ROOT / "build/npm" / group / "node_modules" / name
    assert folder.is_dir(), (
        f"The npm package {name} is not installed: run `bash tools/npm.sh {group}` (make test does)."
    )
    return folder
