"""The people of the example: addresses, meters and two years of consumption, the same at every run. Nobody in it is real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

SEED = 4127
ACCOUNTS = 2_000
MONTHS = 24
STREETS = (
    "Ломоносова", "Советская", "Озёрная", "Речная", "Северная", "Гагарина", "Мира", "Садовая", "Полярная", "Заводская",
    "Набережная", "Школьная", "Лесная", "Победы", "Морская", "Рыбацкая",
)  # fmt: skip
SURNAMES = (
    "Белова", "Орлов", "Зимина", "Карпов", "Лебедева", "Соколов", "Громова", "Титов", "Ершова", "Рябов", "Котова",
    "Воронин", "Синицына", "Дроздов", "Рыбакова", "Медведев",
)  # fmt: skip
PLACES = (("cold_water", "ванная"), ("hot_water", "ванная"), ("cold_water", "кухня"))
WARM = {6: 0.85, 7: 0.62, 8: 0.78}
OWN = (
    ("0412778215", "Ломоносова, 14, кв. 37", "Анна В."),
    ("0530118846", "Дача, Озёрная, 6", "Анна В."),
    ("0412770931", "Мама, Советская, 52", "Вера П."),
)
TOWN = (
    ("0631004518", "Луговая, 3, кв. 14", "Лев А."),
    ("0631004526", "Дом, Садовая, 11", "Лев А."),
)
TOWN_ACCOUNTS = 24
WORKS = "АО «Завод»"
WORKS_INN = "2901000000"


@dataclass(frozen=True)
class Meter:
    """A meter: its values stand at the end of each month, oldest first, in thousandths of a cubic metre."""

    serial: str
    resource: str
    place: str
    initial: int
    used: tuple[int, ...]
    verified_until: date


@dataclass(frozen=True)
class Household:
    """An account with its meters. `arrears` are months at the end that nobody has paid for."""

    number: str
    address: str
    holder: str
    inn: str = ""
    arrears: int = 0
    meters: tuple[Meter, ...] = field(default=())

    def volume(self, resource: str, month: int) -> int:
        """Return what was used of a resource in month number `month` (0 is the oldest), in thousandths."""
        return self._volumes[resource][month]

    @cached_property
    def _volumes(self) -> dict[str, list[int]]:
        used = {resource: [meter.used for meter in self.meters if meter.resource == resource] for resource, _ in PLACES}
        return {resource: [sum(month) for month in zip(*each, strict=True)] for resource, each in used.items()}


def households(months: list[date], count: int = ACCOUNTS) -> Iterator[Household]:
    """Yield the first `count` accounts of the company; `months` are the first days of the billed months, oldest first."""
    chance = random.Random(SEED)
    for place in range(count):
        if place < len(OWN):
            number, address, holder = OWN[place]
            yield Household(number, address, holder, "", (1, 0, 1)[place], _meters(chance, place, months, 1.0))
        elif place < len(OWN) + 6:
            address = f"Заводская, {2 + place}, цех {place - 1}"
            yield Household(
                f"07{place:08d}", address, WORKS, WORKS_INN, place % 2, _meters(chance, place, months, 40.0)
            )
        else:
            street, house, flat = STREETS[place % len(STREETS)], 1 + place // 40, 1 + place % 90
            holder = f"{chance.choice(SURNAMES)} {chance.choice('АВЕИКМНОПСТ')}."
            share = chance.lognormvariate(0, 0.45)
            arrears = chance.choice((0, 0, 0, 0, 1, 1, 1, 1, 2, 5))
            yield Household(
                f"04{place:08d}",
                f"{street}, {house}, кв. {flat}",
                holder,
                "",
                arrears,
                _meters(chance, place, months, share),
            )


def town(months: list[date], count: int = TOWN_ACCOUNTS) -> Iterator[Household]:
    """Yield the accounts of the neighbouring town, which has a brand of its own."""
    chance = random.Random(SEED + 1)
    for place in range(count):
        number, address, holder = TOWN[place] if place < len(TOWN) else (f"0632{place:06d}", "", "")
        address = address or f"{('Луговая', 'Мостовая', 'Садовая')[place % 3]}, {1 + place // 3}"
        holder = holder or f"{chance.choice(SURNAMES)} {chance.choice('АВЕИКМНОПСТ')}."
        yield Household(
            number, address, holder, "", (1, 0, 1, 0)[place % 4], _meters(chance, 50_000 + place, months, 1.1)
        )


def _meters(chance: random.Random, place: int, months: list[date], share: float) -> tuple[Meter, ...]:
    return tuple(_meter(chance, place, nth, months, share) for nth in range(len(PLACES)))


def _meter(chance: random.Random, place: int, nth: int, months: list[date], share: float) -> Meter:
    resource, where = PLACES[nth]
    usual = {0: 4_100, 1: 3_300, 2: 2_900}[nth] * share
    used = tuple(
        max(0, round(usual * WARM.get(month.month, 1.0) * chance.uniform(0.8, 1.2) / 10) * 10) for month in months
    )
    return Meter(
        serial=f"{18 + nth}-{200_000 + place * 3 + nth}",
        resource=resource,
        place=where,
        initial=chance.randrange(5, 400) * 1_000,
        used=used,
        verified_until=date(months[-1].year + 1 + (place + nth) % 5, 1 + (place + 5 * nth) % 12, 15),
    )
