"""The company's files, as its billing would write them: accounts, meters, readings, charges, payments. Windows-1251 and
semicolons, decimal commas: what `lkportal import` meets in life."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from utility.households import Household

ENCODING = "windows-1251"
RATES = {"cold_water": ("Холодная вода", 4_892), "hot_water": ("Горячая вода", 19_340)}
SEWER = ("Водоотведение", 3_910)
SERVICE = ("Обслуживание узла учёта", 4_800)
Row = tuple[str, ...]


def months_before(today: date, count: int) -> list[date]:
    """Return the first days of the `count` months before the present one, oldest first."""
    number = today.year * 12 + today.month - 1
    return [date((number - back) // 12, (number - back) % 12 + 1, 1) for back in range(count, 0, -1)]


def write_files(folder: Path, homes: list[Household], months: list[date], today: date) -> dict[str, Path]:
    """Write all files into `folder`; return kind -> file in the order in which they are imported."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "accounts": _write(
            folder / "accounts.csv", ("Лицевой счёт", "Адрес", "Владелец", "ИНН", "Организация"), _accounts(homes)
        ),
        "meters": _write(
            folder / "meters.csv",
            ("Лицевой счёт", "Заводской номер", "Ресурс", "Место", "Начальное показание", "Поверка до"),
            _meters(homes),
        ),
        "readings": _write(
            folder / "readings.csv",
            ("Лицевой счёт", "Номер счётчика", "Показание", "Дата"),
            _readings(homes, months, today),
        ),
        "charges": _write(
            folder / "charges.csv",
            ("Лицевой счёт", "Период", "Услуга", "Объём", "Единица", "Тариф", "Сумма", "Оплатить до"),
            _charges(homes, months),
        ),
    }


def payments(homes: Iterable[Household], months: list[date]) -> Iterator[tuple[str, int, date]]:
    """Yield what was paid already: account number, minor units, day."""
    for place, home in enumerate(homes):
        for nth, month in enumerate(months[: len(months) - home.arrears]):
            yield home.number, bill_total(home, nth), _next(month) + timedelta(days=5 + place % 9)


def bill_total(home: Household, month: int) -> int:
    """Return what a household owes for a month, in minor units: the sum of its lines."""
    return sum(amount for *_, amount in _lines(home, month))


def _lines(home: Household, month: int) -> Iterator[tuple[str, int, int, int]]:
    """Yield the lines of a bill: service, volume in thousandths (0 for none), tariff and amount in minor units."""
    water = 0
    for resource, (service, rate) in RATES.items():
        volume = home.volume(resource, month)
        water += volume
        yield service, volume, rate, _charge(volume, rate)
    yield SEWER[0], water, SEWER[1], _charge(water, SEWER[1])
    yield SERVICE[0], 0, 0, SERVICE[1]


def _accounts(homes: Iterable[Household]) -> Iterator[Row]:
    for home in homes:
        yield home.number, home.address, home.holder, home.inn, home.holder if home.inn else ""


def _meters(homes: Iterable[Household]) -> Iterator[Row]:
    for home in homes:
        for meter in home.meters:
            yield (
                home.number,
                meter.serial,
                meter.resource,
                meter.place,
                _volume(meter.initial),
                f"{meter.verified_until:%d.%m.%Y}",
            )


def _readings(homes: Iterable[Household], months: list[date], today: date) -> Iterator[Row]:
    written = [[f"{month.replace(day=16 + day):%d.%m.%Y}" for month in months] for day in range(8)]
    for place, home in enumerate(homes):
        for nth, meter in enumerate(home.meters):
            value = meter.initial
            for day, used in zip(written[place % 8], meter.used, strict=True):
                value += used
                yield home.number, meter.serial, _volume(value), day
            if _sent_already(place, nth, today):
                yield (
                    home.number,
                    meter.serial,
                    _volume(value + meter.used[-1]),
                    f"{today - timedelta(days=1):%d.%m.%Y}",
                )


def _sent_already(place: int, nth: int, today: date) -> bool:
    """Whether a reading of this month is in: in the days of the window some have sent theirs, Anna the first of three."""
    if not 17 <= today.day <= 25:
        return False
    return nth == 0 if place == 0 else place % 5 < 2


def _charges(homes: Iterable[Household], months: list[date]) -> Iterator[Row]:
    written = [(f"{month:%m.%Y}", _due(month, last=month == months[-1])) for month in months]
    for home in homes:
        for nth, (period, due) in enumerate(written):
            for service, volume, rate, amount in _lines(home, nth):
                measured = (_volume(volume), "m3", _money(rate)) if volume else ("", "", "")
                yield home.number, period, service, *measured, _money(amount), due


def _due(month: date, *, last: bool) -> str:
    return f"{(_next(month) + timedelta(days=29)).replace(day=28 if last else 15):%d.%m.%Y}"


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _charge(volume: int, rate: int) -> int:
    return (volume * rate + 500) // 1000


def _money(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02d}"


def _volume(milli: int) -> str:
    return f"{milli // 1000},{milli % 1000:03d}"


def _write(path: Path, header: Row, rows: Iterable[Row]) -> Path:
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        writer.writerows(rows)
    return path
