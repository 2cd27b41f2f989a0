"""Gathers docs/changes/*.md into CHANGELOG.md: `python -m tools.changelog 0.2.0 2026-12-01`. What a fragment is
stands in docs/changes/README.md."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.tree import ROOT

KINDS = {"added": "Added", "changed": "Changed", "fixed": "Fixed"}
_NAME = re.compile(r"^[a-z0-9][a-z0-9-]*\.(added|changed|fixed)\.md$")


def problems(root: Path) -> list[str]:
    """Return fragments that would be lost or would read badly."""
    found: list[str] = []
    for path in sorted((root / "docs/changes").glob("*")):
        if path.name == "README.md":
            continue
        lines = path.read_text(encoding="utf-8").strip().splitlines()
        if not _NAME.match(path.name):
            found.append(f"docs/changes/{path.name}: name it <slug>.added.md, .changed.md or .fixed.md")
        if not lines or lines[0].startswith(("#", "-", "*")):
            found.append(f"docs/changes/{path.name}: write one or more plain sentences, without heading or bullet")
    return found


def gather(root: Path, version: str, day: str) -> str:
    """Put the fragments under a new version of CHANGELOG.md, delete them, and return the new section."""
    if broken := problems(root):
        raise SystemExit("\n".join(broken))
    section = [f"## {version} ({day})", ""]
    taken: list[Path] = []
    for kind, title in KINDS.items():
        fragments = sorted((root / "docs/changes").glob(f"*.{kind}.md"))
        if fragments:
            section += [f"### {title}", "", *(f"- {_one_line(path)}" for path in fragments), ""]
            taken += fragments
    if not taken:
        raise SystemExit("docs/changes holds no fragment: there is nothing to release")
    text = "\n".join(section)
    changelog = root / "CHANGELOG.md"
    head, mark, rest = changelog.read_text(encoding="utf-8").partition("\n## ")
    changelog.write_text(f"{head.rstrip()}\n\n{text}{mark}{rest}", encoding="utf-8")
    for path in taken:
        path.unlink()
    return text


def _one_line(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("python -m tools.changelog VERSION DAY, such as 0.2.0 2026-12-01")
    sys.stdout.write(gather(ROOT, sys.argv[1], sys.argv[2]))
