"""Long words of the company in pieces for a page: plain text in, headings, paragraphs, lists and steps out. Pure.

"# " begins a heading, "- " an item, "1. " a step; an empty line ends a paragraph. Nothing of it is ever markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "text", "list", "steps"]
_STEP = re.compile(r"\d{1,2}[.)] +")
_ITEMS = ("- ", "– ", "• ")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text: its lines are those of a paragraph, items of a list, or steps with their numbers; a heading has one."""

    kind: Kind
    lines: tuple[str, ...]


def blocks(body: str, *, wrapped: bool = False) -> list[Block]:
    """Return a text in pieces. In a `wrapped` one, a file with lines of a like length, a line's end is only a space."""
    made = list(_blocks(body))
    if not wrapped:
        return made
    return [Block("text", (" ".join(each.lines),)) if each.kind == "text" else each for each in made]


def lead(made: list[Block]) -> str:
    """Return the first words that are no heading, "" where there are none."""
    return next((" ".join(each.lines) for each in made if each.kind != "heading"), "")


def _blocks(body: str) -> Iterator[Block]:
    gathered: list[str] = []
    kind: Kind = "text"
    for raw in [*body.split("\n"), ""]:
        line = raw.strip()
        found, said = _read(line)
        if gathered and (not line or found != kind or kind == "heading"):
            yield Block(kind, tuple(gathered))
            gathered = []
        if line:
            kind = found
            gathered.append(said)


def _read(line: str) -> tuple[Kind, str]:
    if line.startswith("#"):
        return "heading", line.lstrip("# ")
    if line.startswith(_ITEMS):
        return "list", line[2:].strip()
    return ("steps" if _STEP.match(line) else "text"), line
