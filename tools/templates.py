"""A room's template is made of the kit's parts alone: no raw control, table or drawing, no style, colour or script of its own.
The parts themselves live in themes/default/templates and may do all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.tree import where

ROOMS = ("auth", "accounts", "audit", "notify", "privacy", "api", "staff", "modules", "connectors")

RULES = {
    "a raw control; use the part of the kit": re.compile(
        r"<(button|input|select|textarea|table|dialog|svg)\b", re.IGNORECASE
    ),
    "a style of its own; use a part or a class of the kit": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "a raw colour; use a role of the brand": re.compile(
        r"(?<![\w-])(?!(?:href|hx-[\w-]+|for|id|aria-[\w-]+|action|src)\s*=)[\w-]+\s*[:=]\s*[\"']?#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b"
        r"|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(\s*[\d.]",
        re.IGNORECASE,
    ),
    "a script of its own; the page works without, and the policy forbids it": re.compile(
        r"<script\b|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
    ),
}

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)


def problems(root: Path) -> list[str]:
    """Return every place where a room's template does by hand what the kit does."""
    found: list[str] = []
    for path in room_templates(root):
        source = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), path.read_text(encoding="utf-8"))
        for number, line in enumerate(source.splitlines(), 1):
            for what, pattern in RULES.items():
                if match := pattern.search(line):
                    found.append(f"{where(root, path, number)}: {match[0].strip()} is {what}")
    return found


def room_templates(root: Path) -> Iterator[Path]:
    """Yield the HTML templates of the rooms that must use the kit."""
    for room in ROOMS:
        for path in sorted((root / "src/lkportal" / room).rglob("*.html")):
            if "templates" in path.relative_to(root).parts:
                yield path
