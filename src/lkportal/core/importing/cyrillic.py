"""How much bytes look like Russian in a one-byte encoding: letter frequencies and the way capitals stand in words.
Who is asked, and when, is decided in imports_sniff."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise

# Shares of letters in Russian text, in thousandths; ё counts as a rare letter, for papers seldom write it.
_SHARES = {
    "о": 110, "е": 85, "а": 80, "и": 74, "н": 67, "т": 63, "с": 55, "р": 47, "в": 45, "л": 44, "к": 35, "м": 32, "д": 30,
    "п": 28, "у": 26, "я": 20, "ы": 19, "ь": 17, "г": 17, "з": 16, "б": 16, "ч": 14, "й": 12, "х": 10, "ж": 9.4, "ш": 7.3,
    "ю": 6.4, "ц": 4.8, "щ": 3.6, "э": 3.2, "ф": 2.6, "ё": 2, "ъ": 0.4,
}  # fmt: skip
_LETTERS = {letter: math.log(share / 1000) for letter, share in _SHARES.items()}
_SIGNS = frozenset("«»№–—…„“”’°§\u00a0−€₽ґєіїўҐЄІЇЎ")
_SIGN = math.log(0.01)
_RUBBISH = math.log(0.00001)
# How vowels and consonants follow each other: (the letter before is a vowel, this one is a vowel) -> log of its share.
_STEPS = {
    (True, True): math.log(0.12),
    (True, False): math.log(0.88),
    (False, True): math.log(0.68),
    (False, False): math.log(0.32),
}
_VOWELS = frozenset("аеёиоуыэюя")
# Short words of bills and addresses that have no letters to spare for statistics.
_KNOWN = frozenset(
    ("ул", "пр", "пер", "кв", "обл", "руб", "хвс", "гвс", "цо", "тбо", "тко", "одн", "ндс", "ооо", "оао", "зао", "пао", "ип",
     "снт", "тсж", "жск", "фио", "итого", "лифт")
)  # fmt: skip
_KNOWN_BONUS = 6.0
_WORD = re.compile(r"[А-Яа-яЁё]+")
_UNLIKELY_START = frozenset("ьъыЬЪЫ")
_TURN = re.compile(r"[а-яё][А-ЯЁ]")
_PENALTY = 4.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` is the mean log-likelihood of a character (greater is likelier), `letters` the share of Cyrillic letters."""

    score: float
    letters: float


def likeness(sample: bytes, codec: str) -> Likeness:
    """Return how Russian `sample` (runs of bytes above ASCII, apart by spaces) looks when read by `codec`.

    A word that comes often counts once: a thousand rows of one service say no more than one of them.
    """
    runs = {run.decode(codec, "replace") for run in sample.split()}
    size = sum(map(len, runs))
    if not size:
        return Likeness(_RUBBISH, 0.0)
    letters = sum(1 for run in runs for letter in run.lower() if letter in _LETTERS)
    return Likeness(sum(map(_likelihood, runs)) / size, letters / size)


def _likelihood(run: str) -> float:
    """Return the log-likelihood of a run: its letters, their steps, and the oddities that Russian words do not have."""
    folded = run.lower()
    total = sum(_LETTERS.get(letter) or (_SIGN if letter in _SIGNS else _RUBBISH) for letter in folded)
    for word in _WORD.findall(folded):
        total += sum(_STEPS[before in _VOWELS, after in _VOWELS] for before, after in pairwise(word))
        total += _KNOWN_BONUS * (word in _KNOWN) - _PENALTY * (len(word) > 1 and word[0] in _UNLIKELY_START)
    return total - _PENALTY * len(_TURN.findall(run))
