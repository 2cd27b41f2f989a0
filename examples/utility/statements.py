"""What came past the portal, by bank: a transfer that names its account, two that a person has to place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from seeding.files import money, write

from lkportal.app import Portal
from lkportal.connectors.bank import service
from lkportal.core.unit import open_unit
from utility.households import WORKS, WORKS_INN, Household

COLUMNS = (
    "Счёт получателя",
    "Номер",
    "Дата",
    "Сумма",
    "Плательщик",
    "ИНН плательщика",
    "Счёт плательщика",
    "БИК",
    "Назначение платежа",
)
_OURS, _BANK = "40702810000000004127", "041117601"


def write_statement(folder: Path, homes: Sequence[Household], today: date) -> dict[str, Path]:
    """Write yesterday's receipts into `folder`; return kind -> file."""
    paying = homes[-1]
    day = f"{today - timedelta(days=1):%d.%m.%Y}"
    receipts = (
        ("118", 182_450, paying.holder, "", "40817810000000000118", f"Оплата воды, л/с {paying.number}"),
        (
            "204",
            4_816_000,
            WORKS,
            WORKS_INN,
            "40702810500000000204",
            "Оплата за воду и водоотведение по договору, НДС 20 %",
        ),
        ("77", 95_000, "Орлов И.", "", "40817810000000000077", "за воду за маму"),
    )
    rows = (
        (_OURS, number, day, money(sum_), payer, inn, own, _BANK, why)
        for number, sum_, payer, inn, own, why in receipts
    )
    return {"bank_operations": write(folder / "bank.csv", COLUMNS, rows)}


def settle_statement(portal: Portal) -> None:
    """Post what is plain, and put the rest before people."""
    service.settle(lambda: open_unit(portal.database, portal.unit_context("seed")), by_tax_number=True, most=100)
