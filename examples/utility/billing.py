"""The company's files, as its billing would write them: accounts, meters, readings, charges, payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from seeding.files import ACCOUNTS, CHARGES, Row, charge, due, following, money, volume, write

from utility.households import Household

RATES = {"cold_water": ("Холодная вода", 4_892), "hot_water": ("Горячая вода", 19_340)}
SEWER = ("Водоотведение", 3_910)
SERVICE = ("Обслуживание узла учёта", 4_800)
METERS = ("Лицевой счёт", "Заводской номер", "Ресурс", "Место", "Начальное показание", "Поверка до")
READINGS = ("Лицевой счёт", "Номер счётчика", "Показание", "Дата")


def write_files(
    folder: Path, homes: list[Household], months: list[date], today: date, forgotten: str = ""
) -> dict[str, Path]:
    """Write all files into `folder`; return kind -> file in the order in which they are imported. `forgotten` is the serial number
    of a meter of which nobody sent a reading since the month before last."""
    return {
        "accounts": write(folder / "accounts.csv", ACCOUNTS, _accounts(homes)),
        "meters": write(folder / "meters.csv", METERS, _meters(homes)),
        "readings": write(folder / "readings.csv", READINGS, _readings(homes, months, today, forgotten)),
        "charges": write(folder / "charges.csv", CHARGES, _charges(homes, months)),
    }


def payments(homes: Iterable[Household], months: list[date]) -> Iterator[tuple[str, int, date]]:
    """Yield what was paid already: account number, minor units, day."""
    for place, home in enumerate(homes):
        for nth, month in enumerate(months[: len(months) - home.arrears]):
            yield home.number, bill_total(home, nth), following(month) + timedelta(days=5 + place % 9)


def bill_total(home: Household, month: int) -> int:
    """Return what a household owes for a month, in minor units: the sum of its lines."""
    return sum(amount for *_, amount in _lines(home, month))


def _lines(home: Household, month: int) -> Iterator[tuple[str, int, int, int]]:
    """Yield the lines of a bill: service, volume in thousandths (0 for none), tariff and amount in minor units."""
    water = 0
    for resource, (service, rate) in RATES.items():
        used = home.volume(resource, month)
        water += used
        yield service, used, rate, charge(used, rate)
    yield SEWER[0], water, SEWER[1], charge(water, SEWER[1])
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
                volume(meter.initial),
                f"{meter.verified_until:%d.%m.%Y}",
            )


def _readings(homes: Iterable[Household], months: list[date], today: date, forgotten: str) -> Iterator[Row]:
    written = [[f"{month.replace(day=16 + day):%d.%m.%Y}" for month in months] for day in range(8)]
    for place, home in enumerate(homes):
        for nth, meter in enumerate(home.meters):
            value = meter.initial
            known = len(months) - (meter.serial == forgotten)
            for day, used in zip(written[place % 8][:known], meter.used[:known], strict=True):
                value += used
                yield home.number, meter.serial, volume(value), day
            if meter.serial != forgotten and _sent_already(place, nth, today):
                yield (
                    home.number,
                    meter.serial,
                    volume(value + meter.used[-1]),
                    f"{today - timedelta(days=1):%d.%m.%Y}",
                )


def _sent_already(place: int, nth: int, today: date) -> bool:
    """Whether a reading of this month is in: in the days of the window some have sent theirs, Anna the first of three."""
    if not 17 <= today.day <= 25:
        return False
    return nth == 0 if place == 0 else place % 5 < 2


def _charges(homes: Iterable[Household], months: list[date]) -> Iterator[Row]:
    written = [(f"{month:%m.%Y}", due(month, last=month == months[-1])) for month in months]
    for home in homes:
        for nth, (period, by) in enumerate(written):
            for service, used, rate, amount in _lines(home, nth):
                measured = (volume(used), "m3", money(rate)) if used else ("", "", "")
                yield home.number, period, service, *measured, money(amount), by
