"""What pages show of help: rows in, plain values out. No database, no request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lkportal.modules.help.wording import Worded, titled, worded


@dataclass(frozen=True, slots=True)
class Shelf:
    """A section with its articles: (public id, words)."""

    title: str
    articles: list[tuple[str, Worded]] = field(default_factory=list)


def shelves(rows: Iterable[Any], language: str) -> Sequence[Shelf]:
    """Return articles by section, in their order; those without a title in any language are left out."""
    found: dict[str, Shelf] = {}
    for row in rows:
        words = worded(row.texts, language)
        if words.title:
            shelf = found.setdefault(row.section, Shelf(titled(row.titles, language)))
            shelf.articles.append((row.public_id, words))
    return list(found.values())
