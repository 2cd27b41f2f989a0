"""The company's files, as its billing would write them: accounts and charges; and what was paid already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from seeding.files import ACCOUNTS, CHARGES, Row, due, following, money, volume, write

from telecom.contracts import Contract


def write_files(folder: Path, contracts: list[Contract], months: list[date]) -> dict[str, Path]:
    """Write all files into `folder`; return kind -> file in the order in which they are imported."""
    return {
        "accounts": write(folder / "accounts.csv", ACCOUNTS, _accounts(contracts)),
        "charges": write(folder / "charges.csv", CHARGES, _charges(contracts, months)),
    }


def payments(contracts: Iterable[Contract], months: list[date]) -> Iterator[tuple[str, int, date]]:
    """Yield what was paid already: account number, minor units, day."""
    for place, contract in enumerate(contracts):
        for nth, month in enumerate(months[: len(months) - contract.arrears]):
            total = sum(line.amount for line in contract.lines(nth))
            yield contract.number, total, following(month) + timedelta(days=1 + place % 12)


def _accounts(contracts: Iterable[Contract]) -> Iterator[Row]:
    for each in contracts:
        yield each.number, each.address, each.holder, each.inn, each.holder if each.inn else ""


def _charges(contracts: Iterable[Contract], months: list[date]) -> Iterator[Row]:
    written = [(f"{month:%m.%Y}", due(month, last=month == months[-1])) for month in months]
    for contract in contracts:
        for nth, (period, by) in enumerate(written):
            for line in contract.lines(nth):
                measured = (volume(line.volume), line.unit, money(line.rate)) if line.volume else ("", "", "")
                yield contract.number, period, line.service, *measured, money(line.amount), by
