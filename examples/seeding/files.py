"""Files as a billing system writes them: windows-1251, semicolons, decimal commas. What `lkportal import` meets in life."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

ENCODING = "windows-1251"
CHARGES = ("Лицевой счёт", "Период", "Услуга", "Объём", "Единица", "Тариф", "Сумма", "Оплатить до")
ACCOUNTS = ("Лицевой счёт", "Адрес", "Владелец", "ИНН", "Организация")
Row = tuple[str, ...]


def months_before(today: date, count: int) -> list[date]:
    """Return the first days of the `count` months before the present one, oldest first."""
    number = today.year * 12 + today.month - 1
    return [date((number - back) // 12, (number - back) % 12 + 1, 1) for back in range(count, 0, -1)]


def following(month: date) -> date:
    """Return the first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def due(month: date, *, last: bool) -> str:
    """Return the day by which a month's bill is to be paid; the last one leaves time."""
    return f"{following(month).replace(day=28 if last else 15):%d.%m.%Y}"


def charge(volume: int, rate: int) -> int:
    """Return thousandths of a unit at minor units each as minor units, half up."""
    return (volume * rate + 500) // 1000


def money(minor: int) -> str:
    """Write minor units as people do: 1482,60."""
    return f"{minor // 100},{minor % 100:02d}"


def volume(milli: int) -> str:
    """Write thousandths of a unit: 3,600."""
    return f"{milli // 1000},{milli % 1000:03d}"


def write(path: Path, header: Row, rows: Iterable[Row]) -> Path:
    """Write one file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        writer.writerows(rows)
    return path
