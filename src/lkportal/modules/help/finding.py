"""Which articles fit what somebody typed: pure ranking of rows in memory. A company's help has hundreds of articles, not millions;
what is typed is compared without the endings of words, so that "счётчика" finds "счётчик"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from lkportal.core.search import folded, stem
from lkportal.modules.help.wording import Worded, worded

_WORD = re.compile(r"[^\W_]{3,}")
_MOST_WORDS = 60
_WEIGHTS = (6, 4, 1)
"""What a word counts in the title, among the words people use besides, in the body."""
_TYPE = 3


def ranked(rows: Iterable[Any], typed: str, language: str, kind: str = "") -> Sequence[tuple[Any, Worded]]:
    """Return (row, words) of articles that fit `typed`, the best first; those for requests of type `kind` count more.

    Without a word that tells anything, those of the type come in their own order, none where there is no type.
    """
    stems = list(dict.fromkeys(stem(word) for word in _WORD.findall(folded(typed))))[:_MOST_WORDS]
    found = []
    for row in rows:
        words = worded(row.texts, language)
        about = bool(kind) and kind in row.types
        score = _score(words, stems)
        if score or (about and not stems):
            found.append((score + (_TYPE if about else 0), row, words))
    found.sort(key=lambda each: -each[0])
    return [(row, words) for _, row, words in found]


def _score(words: Worded, stems: Sequence[str]) -> int:
    """Return how well an article fits: words that stand in many of its parts count once, in the best of them."""
    places = [folded(each) for each in (words.title, words.words, words.body)]
    met = [next((weight for text, weight in zip(places, _WEIGHTS, strict=True) if each in text), 0) for each in stems]
    hits = sum(1 for each in met if each)
    # One word of many that stands somewhere deep in a body is no answer.
    return sum(met) if hits and (max(met) > 1 or hits * 2 >= len(stems)) else 0
