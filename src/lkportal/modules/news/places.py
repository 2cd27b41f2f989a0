"""Places as people write them: "Ломоносова, 2-20, 31а". A line says which streets and houses; does an address stand in it? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lkportal.core.search import folded

_WORD = re.compile(r"\d+[а-яa-z]?(?:/\d+[а-яa-z]?)?(?![\w])|[^\W_]+(?:-[^\W_]+)*")
_HOUSE = re.compile(r"(\d+)([а-яa-z]?(?:/\d+[а-яa-z]?)?)")
_RANGE = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
_KINDS = frozenset((
    "г", "город", "гор", "пос", "поселок", "пгт", "с", "село", "дер", "деревня", "д", "дом", "ул", "улица", "пр", "просп",
    "проспект", "пр-т", "пер", "переулок", "пл", "площадь", "наб", "набережная", "ш", "шоссе", "б-р", "бульвар", "проезд",
    "street", "st", "avenue", "ave", "house", "city", "town",
))  # fmt: skip
_MOST_HOUSES = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A line understood: `names` stand in an address in this order, the last is the street; `houses` are single ones as written,
    `spans` runs of numbers with both ends. Neither: the whole street."""

    names: tuple[tuple[str, ...], ...]
    houses: frozenset[str] = frozenset()
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def words(self) -> str:
        """The words of the names, for a coarse search."""
        return " ".join(word for name in self.names for word in name)


def understood(line: str) -> Place | None:
    """Return what a line says, or None when no street is named in it."""
    names: list[tuple[str, ...]] = []
    houses: set[str] = set()
    spans: list[tuple[int, int]] = []
    parts = [part for part in re.split(r"[,:;]", folded(line)) if part.strip()]
    for part in parts:
        words = _words(part)
        if part is parts[-1] and len(words) > 1 and words[0].isalpha() and _HOUSE.fullmatch(words[-1]):
            words, last = words[:-1], words[-1]
            houses.add(last)
        bare = re.sub(r"^\s*(?:дома?|д|house)[.\s]+", "", part).strip()
        span = _RANGE.fullmatch(bare)
        if span and names:
            spans.append((int(span[1]), int(span[2])))
        elif words and names and all(_HOUSE.fullmatch(word) for word in words):
            houses.update(words)
        elif any(word.isalpha() for word in words):
            names.append(words)
        elif words:
            return None
    if not names or any(first > last or last > _MOST_HOUSES for first, last in spans):
        return None
    return Place(tuple(names), frozenset(houses), tuple(spans))


def stands_in(places: Iterable[Place], address: str) -> bool:
    """Whether an address stands in one of the places."""
    parts = [words for part in folded(address).split(",") if (words := _words(part))]
    return any(_is_at(place, parts) for place in places)


def near(typed: str, lines: Iterable[str]) -> bool:
    """Whether one of the lines may be about what somebody typed of their address: all words of a street, and the house if named."""
    wanted = understood(typed)
    if wanted is None:
        return True
    street = wanted.names[-1]
    for line in lines:
        place = understood(line)
        if place is None or not any(name[: len(street)] == street for name in place.names):
            continue
        if not (place.houses or place.spans) or not wanted.houses or any(_has(place, house) for house in wanted.houses):
            return True
    return False


def _is_at(place: Place, parts: Sequence[tuple[str, ...]]) -> bool:
    at = 0
    after: tuple[str, ...] = ()
    for name in place.names:
        found = next((spot for spot in range(at, len(parts)) if _begins(parts[spot], name)), None)
        if found is None:
            return False
        at, after = found + 1, parts[found][len(name) :]
    if not place.houses and not place.spans:
        return True
    rest = after or (parts[at] if at < len(parts) else ())
    return bool(rest) and _has(place, rest[0])


def _has(place: Place, house: str) -> bool:
    if house in place.houses:
        return True
    number = _HOUSE.fullmatch(house)
    return number is not None and any(first <= int(number[1]) <= last for first, last in place.spans)


def _begins(part: tuple[str, ...], name: tuple[str, ...]) -> bool:
    if part[: len(name)] != name:
        return False
    return len(part) == len(name) or part[len(name)][0].isdigit()


def _words(part: str) -> tuple[str, ...]:
    return tuple(word for word in _WORD.findall(part) if word not in _KINDS)
