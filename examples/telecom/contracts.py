"""The people of the example: contracts for home and mobile, their plans and a year of use, the same at every run. Nobody is real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

SEED = 7230
ACCOUNTS = 600
MONTHS = 12
STREETS = (
    "Садовая",
    "Парковая",
    "Мира",
    "Озёрная",
    "Вокзальная",
    "Новая",
    "Школьная",
    "Тихая",
    "Восточная",
    "Цветочная",
)
SURNAMES = ("Громов", "Ильина", "Котов", "Лапина", "Морозов", "Никитина", "Осипов", "Рудакова", "Сомов", "Ткачёва")
HOME_PLANS = (("Полёт 100", 45_000), ("Полёт 300", 59_000), ("Полёт 500", 75_000), ("Полёт 1000", 99_000))
MOBILE_PLANS = (("Тукан 10", 39_000), ("Тукан 30", 65_000), ("Безлимит", 95_000))
TV, CINEMA, ROUTER = ("ТВ, 180 каналов", 29_000), ("Кино по подписке", 19_900), ("Аренда роутера", 12_000)
CALLS, ROAMING = 250, 11_000
"""Minor units for a minute over the plan, and for a gigabyte abroad."""
WORKS, WORKS_INN = "АО «Завод»", "2901000000"
OWN = (
    ("7230041815", "Дом, Садовая, 8, кв. 15", "Анна В."),
    ("7230900417", "Мобильный, 900 000-41-70", "Анна В."),
    ("7230112640", "Родители, Тихая, 5", "Вера П."),
)


class Line(NamedTuple):
    """A line of a bill: volume in thousandths of its unit (0: none), rate and amount in minor units."""

    service: str
    volume: int
    unit: str
    rate: int
    amount: int


@dataclass(frozen=True)
class Contract:
    """An account: what is charged every month, and by month the minutes and megabytes over the plan. `arrears`: unpaid months."""

    number: str
    address: str
    holder: str
    services: tuple[tuple[str, int], ...]
    minutes: tuple[int, ...] = ()
    abroad: tuple[int, ...] = ()
    inn: str = ""
    arrears: int = 0

    def lines(self, month: int) -> Iterator[Line]:
        """Yield the lines of the bill for month number `month` (0 is the oldest)."""
        for service, price in self.services:
            yield Line(service, 0, "", 0, price)
        minutes = self.minutes[month] if self.minutes else 0
        if minutes:
            yield Line("Звонки сверх пакета", minutes * 1_000, "мин", CALLS, minutes * CALLS)
        megabytes = self.abroad[month] if self.abroad else 0
        if megabytes:
            yield Line("Интернет в поездке", megabytes, "ГБ", ROAMING, (megabytes * ROAMING + 500) // 1_000)


def contracts(months: list[date], count: int = ACCOUNTS) -> Iterator[Contract]:
    """Yield the first `count` contracts; `months` are the first days of the billed months, oldest first."""
    chance = random.Random(SEED)
    for place in range(count):
        if place < len(OWN):
            number, address, holder = OWN[place]
            yield _contract(chance, months, number, address, holder, mobile=place == 1, arrears=(1, 0, 0)[place])
        elif place < len(OWN) + 5:
            office = place - len(OWN) + 1
            services = (("Интернет для офиса, 500 Мбит/с", 290_000), ("Телефония, 10 линий", 145_000))
            address = f"Заводская, 2, корпус {office}"
            yield Contract(f"7239{place:06d}", address, WORKS, services, inn=WORKS_INN, arrears=office % 2)
        else:
            mobile = chance.random() < 0.4
            street, house = STREETS[place % len(STREETS)], 1 + place // 12
            address = f"Мобильный, 900 {place % 1000:03d}-{place % 97:02d}-{place % 89:02d}" if mobile else ""
            holder = f"{chance.choice(SURNAMES)} {chance.choice('АВЕИКМНОПСТ')}."
            late = chance.choice((0, 0, 0, 0, 1, 1, 1, 2))
            arrears = 0 if mobile else late
            address = address or f"{street}, {house}, кв. {1 + place % 80}"
            yield _contract(chance, months, f"72{place:08d}", address, holder, mobile=mobile, arrears=arrears)


def _contract(
    chance: random.Random, months: list[date], number: str, address: str, holder: str, *, mobile: bool, arrears: int
) -> Contract:
    if mobile:
        plan, price = chance.choice(MOBILE_PLANS)
        minutes = tuple(max(0, round(chance.gauss(14, 22))) for _ in months)
        abroad = tuple(chance.randrange(200, 2_400, 100) if month.month in (1, 7, 8, 10) else 0 for month in months)
        return Contract(number, address, holder, ((f"Тариф «{plan}»", price),), minutes, abroad, arrears=arrears)
    plan, price = chance.choice(HOME_PLANS)
    extra = tuple(each for each, share in ((TV, 0.7), (CINEMA, 0.35), (ROUTER, 0.5)) if chance.random() < share)
    return Contract(number, address, holder, ((f"Интернет «{plan}»", price), *extra), arrears=arrears)
