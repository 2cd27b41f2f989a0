"""Which passwords are guessed first: common words and names with something around them, runs of keys, repetition,
the words of the person and the company. Stems stand in common_words.txt, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_KEYS = (
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "147258369",
    "zaqxswcdevfrbgtnhymjukilop",
)
_RUN = 4
_OWN_LEAST = 4
_LEFT_OVER = 5
"""So many characters beside common words and runs must remain, or the rest is too little to guess."""


def is_guessable(password: str, own_words: Iterable[str] = ()) -> bool:
    """Whether a password falls in the first minutes: too little remains of it once all that is common is taken out."""
    lowered = password.lower()
    if _repeats(lowered):
        return True
    own = {part for word in own_words for part in re.split(r"[^\w]+|_", word.lower()) if len(part) >= _OWN_LEAST}
    words = sorted(_common() | own, key=len, reverse=True)
    return any(_left(spelt, words) < _LEFT_OVER for spelt in {lowered, lowered.translate(_LEET)})


def _repeats(password: str) -> bool:
    """Whether it is one short piece again and again: aaaaaaaaaa, 1212121212, abcabcabcabc."""
    return len(set(password)) < _LEFT_OVER or re.fullmatch(r"(.{1,6}?)\1+.{0,5}", password) is not None


def _left(password: str, words: list[str]) -> int:
    """Return how many characters remain without runs of keys, common words and years; one space for each taken out."""
    rest = password
    for word in words:
        if word in rest:
            rest = rest.replace(word, " ")
    rest = re.sub(r"(19|20)\d\d|\d{1,3}(?!\d)", " ", _without_runs(rest))
    return len(set(re.sub(r"[\W_]", "", rest)))


def _without_runs(password: str) -> str:
    place, kept = 0, []
    while place < len(password):
        length = max(_run_at(password, place, keys) for keys in _rows())
        kept.append(" " if length >= _RUN else password[place])
        place += length if length >= _RUN else 1
    return "".join(kept)


def _run_at(password: str, place: int, keys: str) -> int:
    """Return how long the password follows `keys` from `place` on."""
    longest, start = 0, keys.find(password[place])
    while start >= 0:
        length = 1
        while (
            place + length < len(password)
            and start + length < len(keys)
            and password[place + length] == keys[start + length]
        ):
            length += 1
        longest = max(longest, length)
        start = keys.find(password[place], start + 1)
    return longest


@cache
def _rows() -> tuple[str, ...]:
    return (*_KEYS, *(keys[::-1] for keys in _KEYS))


@cache
def _common() -> frozenset[str]:
    lines = (files("lkportal.auth") / "common_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
