"""Searching by words as people type them: any part, any case, е for ё. The same on both databases, whose own folding differs."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 6


def matching(typed: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool] | None:
    """Return the condition that each word of `typed` is in one of `columns`, or None when nothing was typed.

    SQLite folds only Latin letters, so a word is looked for in the three ways it may be written; "_" stands for е and ё.
    """
    words = _WORD.findall(typed)[:_MOST_WORDS]
    if not words:
        return None
    return and_(*(or_(*(column.like(f"%{way}%") for column in columns for way in _ways(word))) for word in words))


def _ways(word: str) -> tuple[str, ...]:
    low = word.lower()
    ways = (low, low.capitalize(), low.upper())
    return tuple(dict.fromkeys(re.sub("[её]", "_", way, flags=re.IGNORECASE) for way in ways))
