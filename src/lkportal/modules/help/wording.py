"""The words of an article in the reader's language. How a body is written is told in core.language.prose. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lkportal.core.language.prose import Block, blocks, lead

Texts = Mapping[str, Mapping[str, str]]


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
        return blocks(self.body)

    @property
    def lead(self) -> str:
        """Its first words, for a line below the title."""
        first = lead(self.blocks)
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
