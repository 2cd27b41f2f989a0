"""Words that no tracked file may hold: paths of one machine, hosts of package registries, notes for later."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w./:-])/(?:root|home|Users|work)/[\w.-]"),
    "the host of a package registry": re.compile(
        r"\b(?:(?:test\.)?pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org|crates\.io|unpkg\.com|"
        r"cdn\.jsdelivr\.net)\b"
    ),
    "a note for later": re.compile(r"\b(?:TODO|FIXME)\b"),
}

_SPEAKS_OF_THEM = ("tools/words.py", "tests/architecture/test_words.py")
_BINARY = {".png", ".jpg", ".webp", ".ico", ".woff2", ".pdf", ".xlsx", ".gz", ".mo"}


def problems(root: Path) -> list[str]:
    """Return each forbidden word in the files of `root` that git tracks (or in all of them outside a checkout)."""
    found: list[str] = []
    for path in _tracked(root):
        name = path.relative_to(root).as_posix()
        if path.suffix in _BINARY or name in _SPEAKS_OF_THEM or "/vendor/" in name or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    found.append(f"{name}:{number}: {what}: {line.strip()[:120]}")
    return found


def _tracked(root: Path) -> list[Path]:
    if not (root / ".git").exists():
        return sorted(path for path in root.rglob("*") if path.is_file())
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True)
    return [root / name for name in listing.stdout.split("\0") if name]
