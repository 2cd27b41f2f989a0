"""The words of an article: in the reader's language, in pieces for a page. Pure.

A body is plain text: "# " begins a heading, "- " an item, "1. " a step; an empty line ends a paragraph. Nothing of it is ever markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["heading", "text", "list", "steps"]
Texts = Mapping[str, Mapping[str, str]]
_STEP = re.compile(r"\d{1,2}[.)] +")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an article: its lines are those of a paragraph, items of a list, steps; a heading has one."""

    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worded:
    """An article in one language."""

    language: str
    title: str
    body: str
    words: str = ""

    @property
    def blocks(self) -> list[Block]:
        """The body in pieces for a template."""
        return list(_blocks(self.body))

    @property
    def lead(self) -> str:
        """Its first words, for a line below the title."""
        first = next((" ".join(each.lines) for each in self.blocks if each.kind != "heading"), "")
        return first if len(first) <= 90 else first[:89].rstrip(" .,:;") + "…"


def worded(texts: Texts, language: str) -> Worded:
    """Return an article in `language`, else in the first one it has a title in."""
    code = language if texts.get(language, {}).get("title") else ""
    code = code or next((each for each, words in texts.items() if words.get("title")), "")
    words = texts.get(code, {})
    return Worded(code, words.get("title", ""), words.get("body", ""), words.get("words", ""))


def titled(titles: Mapping[str, Any], language: str) -> str:
    """Return a section's title in `language`, else in the first there is."""
    return str(titles.get(language) or next((each for each in titles.values() if each), ""))


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
    if line.startswith(("- ", "– ", "• ")):
        return "list", line[2:].strip()
    step = _STEP.match(line)
    return ("steps", line[step.end() :]) if step else ("text", line)
