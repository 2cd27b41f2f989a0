"""For whose account money came: what its purpose names, else who paid. Pure, over what the batch's reads found; one account that is
named plainly is believed, everything else is for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

By = Literal["account", "bill", "tax"]
_WORD = re.compile(r"[0-9A-Za-zА-Яа-яЁё]+(?:[-/][0-9A-Za-zА-Яа-яЁё]+)*")
_GROUPS = re.compile(r"\d{2,5}(?: \d{2,5}){1,4}")
_CALLED = re.compile(
    r"(?:л\s*/\s*с|\bлс\b|лиц(?:ев\w*|\.)?\s*сч[её]т\w*|абонент\w*|договор\w*|account)\W{0,3}(?:номер|no?\b\.?|№|#)?\W{0,3}",
    re.IGNORECASE,
)
_PLAIN = 6
"""A number of this length may stand for an account without being called one; "2026" may not."""
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Named:
    """What a purpose names: `told` stands behind "л/с" and the like, `plain` is any other number long enough."""

    told: tuple[str, ...]
    plain: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.told, *self.plain)


@dataclass(frozen=True, slots=True)
class Known:
    """What reads found for a batch: accounts (public ids) by account number, by bill number, by the tax number of their organisation."""

    accounts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bills: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tax: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """The account money is for, or why that is not clear (none, several) and which accounts it may be for."""

    account: str = ""
    by: By = "account"
    why: Literal["", "none", "several"] = ""
    candidates: tuple[str, ...] = ()


def named(purpose: str) -> Named:
    """Return the numbers a purpose names."""
    told: list[str] = []
    for called in _CALLED.finditer(purpose):
        word, groups = (shape.match(purpose, called.end()) for shape in (_WORD, _GROUPS))
        if word and any(sign.isdigit() for sign in word[0]):
            told += [word[0], *([groups[0].replace(" ", "")] if groups else [])]
    rest = [each for each in _numbers(purpose) if len(each) >= _PLAIN and each not in told]
    return Named(_once(told), _once(rest))


def match(purpose: Named, inn: str, known: Known, *, by_tax_number: bool) -> Match:
    """Return whose account it is: named as such, else named at all, else by a bill's number, else by who paid."""
    by_account = _found(purpose.told, known.accounts) or _found(purpose.plain, known.accounts)
    by_bill = _found(purpose.every, known.bills)
    meant = _once([*by_account, *by_bill])
    if len(meant) == 1:
        return Match(meant[0], "account" if by_account else "bill")
    if meant:
        return Match(why="several", candidates=meant[:10])
    paid = tuple(known.tax.get(inn, ())) if inn else ()
    if len(paid) == 1 and by_tax_number:
        return Match(paid[0], "tax")
    return Match(why="several" if len(paid) > 1 else "none", candidates=paid[:10])


def _numbers(words: str) -> list[str]:
    """Return everything that may be a number of something: words with digits, and digits written in groups, together."""
    found = [each for each in _WORD.findall(words) if len(each) >= _SHORTEST and any(sign.isdigit() for sign in each)]
    return found + [each.replace(" ", "") for each in _GROUPS.findall(words)]


def _found(numbers: Iterable[str], known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return _once(account for number in numbers for account in known.get(number, ()))


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
