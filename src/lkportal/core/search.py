"""Searching by words as people type them: any part, any case, е for ё, a month, a year, a sum. The same on both databases, whose
own folding differs. What is found where is brought by modules; the page of it lives in accounts.finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, extract, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from lkportal.core.i18n import Text
from lkportal.core.language.formats import Locale
from lkportal.core.policy import AccountRef

_WORD = re.compile(r"[^\W_]+")
_SUM = re.compile(r"(?<![\d.,])(\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,4}|\d{1,9})(?:[.,](\d{2}))?(?![\d.,])")
_MOST_WORDS = 6
_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into a search, read in every way it may be meant.

    `plain` are the words that are neither months nor numbers, `numbers` those with a digit in them. `sums` are the least and
    the greatest amount in minor units that may be meant: "1482" is anything from 1482.00 to 1482.99.
    """

    words: tuple[str, ...]
    plain: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
    sums: frozenset[tuple[int, int]] = frozenset()

    @property
    def is_dated(self) -> bool:
        """Whether a month or a year is named."""
        return bool(self.months or self.years)

    def within(self, day: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Return the condition that a day (or moment) is in a named month, of a named year."""
        named = ((self.months, "month"), (self.years, "year"))
        return and_(*(extract(part, day).in_(sorted(wanted)) for wanted, part in named if wanted))

    def amounts(self, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Return the condition that an amount in minor units is one of the sums; false when there is none."""
        return or_(false(), *(column.between(least, most) for least, most in sorted(self.sums)))

    def fits(self, *texts: str) -> bool:
        """Whether each word is in one of `texts`, its ending aside: "счётчики" finds "счётчик"."""
        among = " ".join(map(folded, texts))
        return bool(self.words) and all(stem(folded(word)) in among for word in self.words)


@dataclass(frozen=True, slots=True)
class SearchAsked:
    """What a provider is asked: the reader's own accounts on which they have its right, what they typed, and how to answer.

    `person_id` is the reader's key, `brand` the key of the brand they look at; `connection` cannot write; `url(name, **params)` makes addresses; a provider returns at most `limit` hits, the best first.
    """

    connection: Connection
    accounts: Sequence[AccountRef]
    typed: Typed
    locale: Locale
    today: date
    url: Callable[..., str]
    limit: int = 6
    person_id: int = 0
    brand: str = ""

    def account(self, key: int) -> AccountRef:
        """Return the account of a row by its key. Raises KeyError for one that is not among `accounts`."""
        return next(each for each in self.accounts if each.id == key)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: what it is, a second line, where it stands. `account` is told when the reader has several."""

    title: Text | str
    href: str
    note: Text | str = ""
    account: AccountRef | None = None


@dataclass(frozen=True, slots=True)
class SearchProvider:
    """A kind of things that people find among their own: `find(asked)` looks for them with one or two statements.

    Only accounts on which the reader has the right `action` are given to it (empty: all of them); with none it is not asked.
    """

    name: str
    title: Text
    find: Callable[[SearchAsked], Iterable[Hit]]
    action: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page that people find by its title or by other `words` for what is done there ("receipt, cheque"), in each language.

    It is found where the reader has the right `action` on the account they look at, and the portal has the route.
    """

    route: str
    title: Text
    words: Text
    action: str = ""


def words_of(typed: str) -> tuple[str, ...]:
    """Return the words of what was typed, six at most."""
    return tuple(_WORD.findall(typed)[:_MOST_WORDS])


def read_typed(typed: str, locale: Locale) -> Typed:
    """Return what was typed into a search as words, months of the reader's language, years and sums."""
    words = words_of(typed)
    named = {word: _month(word, locale) for word in words}
    years = frozenset(int(word) for word in words if len(word) == 4 and word.isdecimal() and int(word) in _YEARS)
    sums = set()
    for whole, part in _SUM.findall(typed):
        least = int(re.sub(r"\D", "", whole)) * 100
        sums.add((least + int(part), least + int(part)) if part else (least, least + 99))
    return Typed(
        words,
        tuple(word for word in words if word.isalpha() and not named[word]),
        tuple(word for word in words if any(map(str.isdecimal, word))),
        frozenset(month for month in named.values() if month),
        years,
        frozenset(sums),
    )


def _month(word: str, locale: Locale) -> int:
    """Return the number of the month a word names, however it ends, 0 for none."""
    low = folded(word)
    for number in range(1, 13):
        name = folded(locale.month_name(date(2026, number, 1)))
        if len(low) >= 3 and (
            low[:3] == name[:3] or (len(name) == len(low) == 3 and low[:2] == name[:2] and low[2] in "йя")
        ):
            return number
    return 0


def folded(words: str) -> str:
    """Return words as they are compared: any case, е for ё."""
    return words.casefold().replace("ё", "е")


def stem(word: str) -> str:
    """Return a word without its ending, so that "счётчика" finds "счётчик"; short ones and numbers as they are."""
    return word if len(word) < 5 or not word.isalpha() else word[: -1 if len(word) < 7 else -2]


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
