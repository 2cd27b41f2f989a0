"""A small sample of a big grid: every two values of any two factors meet in some row."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

Pair = tuple[tuple[int, Hashable], tuple[int, Hashable]]


def pairwise(*factors: Sequence[Hashable]) -> list[tuple[Any, ...]]:
    """Return rows, one value of each factor, so that every pair of values of two factors stands in a row.

    The same factors give the same rows: each begins with the first pair not yet met and takes, factor by factor, the value
    that meets most of the others.
    """
    wanted = {
        ((one, left), (other, right)): None
        for one, other in itertools.combinations(range(len(factors)), 2)
        for left, right in itertools.product(factors[one], factors[other])
    }
    rows = []
    while wanted:
        row = dict(next(iter(wanted)))
        for place, values in enumerate(factors):
            if place not in row:
                row[place] = max(values, key=lambda value: _meets(wanted, row, place, value))
        for pair in itertools.combinations(sorted(row.items()), 2):
            wanted.pop(pair, None)
        rows.append(tuple(row[place] for place in range(len(factors))))
    return rows


def _meets(wanted: dict[Pair, None], row: dict[int, Hashable], place: int, value: Hashable) -> int:
    return sum(pair in wanted for pair in _pairs(row, place, value))


def _pairs(row: dict[int, Hashable], place: int, value: Hashable) -> Iterator[Pair]:
    for item in row.items():
        first, second = sorted((item, (place, value)), key=lambda each: each[0])
        yield first, second
