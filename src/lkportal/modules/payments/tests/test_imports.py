"""Files of billing as stories: what a bill becomes when it comes, comes again or comes corrected; what a registry adjusts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lkportal.core.importing.tables import rejects
from lkportal.core.imports import ImportReport, choose_kind, run_import
from lkportal.core.policy import SYSTEM
from lkportal.core.unit import UnitContext
from lkportal.modules.payments.billing.import_charges import CHARGES
from lkportal.modules.payments.billing.import_registry import REGISTRY
from lkportal.modules.payments.billing.parsers import rate, unit
from lkportal.modules.payments.models import Assertion, Bill, ChargeLine, Entry, Payment
from lkportal.modules.payments.tests.world import Fake, World, add_accounts

HEADER = "Лицевой счёт;Период;Услуга;Объём;Ед. изм.;Тариф;Сумма;Вид начисления;Основание\n"
OCTOBER = (
    "0412778215;10.2026;Горячая вода;3,9;м3;218,40;851,76;;по вашему счётчику\n"
    "0412778215;10.2026;Холодная вода;7,2;м3;42,18;303,70;;по двум счётчикам\n"
    "0412778215;10.2026;Перерасчёт за 3 и 4 октября;;;;-86,40;перерасчёт;воды не было\n"
    "0530118846;10.2026;Холодная вода;10;м3;42,18;421,80;;\n"
)


def load(place: World, folder: Path, body: str, name: str = "charges.csv", **options: Any) -> ImportReport:
    """Import a file as `lkportal import charges FILE` would."""
    path = folder / name
    path.write_bytes(body.encode(options.pop("encoding", "utf-8")))
    circumstances = UnitContext(place.clock, SYSTEM, "import", place.ports)
    kind = choose_kind([CHARGES, REGISTRY], "charges", name)
    return run_import(place.database, circumstances, kind, path, **options)


def reasons(place: World) -> list[tuple[int, str]]:
    """Return the lines that were not taken, and why."""
    with place.database.reading() as connection:
        return [
            (r.line, r.reason)
            for r in connection.execute(select(rejects.c.line, rejects.c.reason).order_by(rejects.c.line))
        ]


def rows(place: World, *columns: Any) -> list[tuple[Any, ...]]:
    """Return rows of a table in the order of their columns."""
    with place.database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def test_a_file_of_charges_becomes_bills_lines_and_a_debt(place: World, tmp_path: Path) -> None:
    report = load(place, tmp_path, HEADER + OCTOBER)

    assert (report.accepted, report.rejected, dict(report.counts)) == (4, 0, {"bills": 2, "lines": 4})
    bills = rows(place, Bill.total, Bill.posted, Bill.issued_on, Bill.due_on, Bill.currency)
    assert [row[:2] for row in bills] == [(42_180, 42_180), (106_906, 106_906)]
    assert [str(day) for day in bills[0][2:4]] == ["2026-10-31", "2026-11-15"]
    lines = rows(
        place,
        ChargeLine.position,
        ChargeLine.kind,
        ChargeLine.volume_milli,
        ChargeLine.unit,
        ChargeLine.rate_millionths,
    )
    assert lines[0] == (2, "charge", 3_900, "m3", 21_840_000_000)
    assert lines[2] == (4, "recalculation", None, "", None)
    assert (place.balance(0), place.balance(1)) == (106_906, 42_180)
    assert place.events() == ["payments.bills_imported"]
    assert place.broken_laws() == []


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r"])
def test_the_encoding_is_found_out(place: World, tmp_path: Path, encoding: str) -> None:
    load(place, tmp_path, (HEADER + OCTOBER).replace("²", ""), encoding=encoding)
    assert rows(place, ChargeLine.position, ChargeLine.service)[0][1] == "Горячая вода"


def test_the_same_facts_in_another_file_change_nothing(place: World, tmp_path: Path) -> None:
    load(place, tmp_path, HEADER + OCTOBER)
    report = load(place, tmp_path, HEADER + OCTOBER + "\n", name="again.csv")
    assert (report.accepted, report.rejected) == (4, 0)
    assert (place.balance(), place.count("charge"), len(rows(place, ChargeLine.id))) == (106_906, 2, 4)
    assert place.broken_laws() == []


def test_a_corrected_file_adjusts_the_bill_and_the_debt_by_the_difference(place: World, tmp_path: Path) -> None:
    load(place, tmp_path, HEADER + OCTOBER)
    corrected = OCTOBER.replace("851,76", "800,00") + "0412778215;10.2026;Водоотведение;11,1;м3;36,07;400,38;;\n"
    load(place, tmp_path, HEADER + corrected, name="corrected.csv")

    assert place.balance() == 106_906 - 5_176 + 40_038
    entries = rows(place, Entry.id, Entry.amount, Entry.occurred_on)
    assert [(amount, str(day)) for _, amount, day in entries][2:] == [(34_862, "2026-11-22")]
    assert place.broken_laws() == []


def test_a_correction_that_says_no_term_leaves_the_bill_its_own(place: World, tmp_path: Path) -> None:
    header = "account;period;service;amount;due\n"
    load(place, tmp_path, header + "0412778215;10.2026;Вода;100,00;28.11.2026\n")
    load(place, tmp_path, "account;period;service;amount\n0412778215;10.2026;Слив;20,00\n", name="more.csv")
    assert [str(day) for (day,) in rows(place, Bill.due_on)] == ["2026-11-28"]
    load(place, tmp_path, header + "0412778215;10.2026;Слив;20,00;30.11.2026\n", name="later.csv")
    assert [str(day) for (day,) in rows(place, Bill.due_on)] == ["2026-11-30"]
    assert place.broken_laws() == []


def test_a_month_that_cannot_be_meant_is_refused(place: World, tmp_path: Path) -> None:
    far = "0412778215;10.2062;Слив;;;;5,00;;\n0412778215;01.1926;Слив;;;;5,00;;\n"
    report = load(place, tmp_path, HEADER + OCTOBER + far)
    assert (report.accepted, report.rejected) == (4, 2)
    assert place.balance() == 106_906


def test_wrong_rows_are_refused_with_their_reasons_and_the_rest_is_taken(place: World, tmp_path: Path) -> None:
    wrong = (
        "999;10.2026;Холодная вода;1;м3;1;1,00;;\n"
        "0412778215;13.2026;Холодная вода;1;м3;1;1,00;;\n"
        "0412778215;10.2026;Холодная вода;1;м3;1;много;;\n"
        "0412778215;10.2026;Холодная вода;1;м3;1;5,00;;\n"
        "0412778215;10.2026;Слив;1;м3;1;5,00;подарок;\n"
    )
    report = load(place, tmp_path, HEADER + OCTOBER + wrong)
    assert (report.accepted, report.rejected) == (4, 5)
    found = dict(reasons(place))
    assert found[6].startswith("There is no such account")
    assert found[7].startswith("Write a month")
    assert found[8].startswith("Write an amount")
    assert found[9].startswith("The file already charges this service")
    assert found[10].startswith("Write charge, recalculation")
    assert place.balance() == 106_906


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_a_bill_that_lies_across_batches_is_one_bill(place: World, tmp_path: Path, batch: int) -> None:
    repeated = OCTOBER + OCTOBER.splitlines(keepends=True)[0]
    report = load(place, tmp_path, HEADER + repeated, batch_rows=batch)
    assert (report.accepted, report.rejected) == (4, 1)
    assert rows(place, Bill.total) == [(42_180,), (106_906,)]
    assert (place.balance(0), place.balance(1)) == (106_906, 42_180)
    assert place.broken_laws() == []


def test_two_brands_with_one_number_need_a_name(place: World, tmp_path: Path) -> None:
    from sqlalchemy import insert

    from lkportal.accounts.models import Brand

    with place.unit() as db:
        other = db.execute(insert(Brand).values(key="pine", name="Сосновый квартал").returning(Brand.id)).scalar_one()
    place.accounts += add_accounts(place, other, ["0412778215"])
    first = load(place, tmp_path, HEADER + OCTOBER)
    assert (first.accepted, first.rejected) == (1, 3)
    second = load(place, tmp_path, HEADER + OCTOBER, parameters={"brand": "pine"})
    assert (second.accepted, second.rejected) == (3, 1)
    assert (place.balance(0), place.balance(2)) == (0, 106_906)


REGISTRY_NAME = "7700000000_40702810900000012345_1_1026.txt"


def test_a_debt_registry_is_known_by_its_name_and_adjusts_visibly(place: World, tmp_path: Path) -> None:
    load(place, tmp_path, HEADER + OCTOBER)
    body = "0412778215;Иванова А. П.;1 100,00\n0530118846;Петров П.;421,80\n"
    report = load(place, tmp_path, body, name=REGISTRY_NAME, encoding="windows-1251")

    assert (report.accepted, dict(report.counts)) == (2, {"asserted": 2, "adjusted": 1})
    assertions = rows(place, Assertion.balance, Assertion.folded, Assertion.difference, Assertion.as_of)
    assert [row[:3] for row in assertions] == [(42_180, 42_180, 0), (110_000, 106_906, 3_094)]
    assert {str(row[3]) for row in assertions} == {"2026-10-31"}
    assert (place.balance(), place.count("adjustment")) == (110_000, 1)
    assert place.broken_laws() == []


def test_what_happened_after_the_day_of_a_registry_stands(place: World, tmp_path: Path) -> None:
    load(place, tmp_path, HEADER + OCTOBER + OCTOBER.replace("10.2026", "11.2026"))
    load(place, tmp_path, "0412778215;И;1000\n", name=REGISTRY_NAME)
    assert place.balance() == 100_000 + 106_906


def test_a_corrected_registry_adjusts_once_more_and_an_older_one_is_refused(place: World, tmp_path: Path) -> None:
    load(place, tmp_path, "0412778215;И;1000\n", name=REGISTRY_NAME)
    load(place, tmp_path, "0412778215;И;900\n", name=REGISTRY_NAME)
    assert (place.balance(), place.count("adjustment")) == (90_000, 2)
    older = load(place, tmp_path, "0412778215;И;5\n0412778215;И;6\n", name=REGISTRY_NAME.replace("1026", "0926"))
    assert (older.rejected, place.balance()) == (2, 90_000)
    assert {reason.split()[0] for _, reason in reasons(place)} == {"A", "The"}
    assert place.broken_laws() == []


@pytest.mark.parametrize(
    ("said", "acknowledged", "balance"),
    [("1000", 0, 40_000), ("400", 1, 40_000), ("500", 0, -10_000)],
    ids=["billing does not know the payment", "billing knows it", "billing says something else"],
)
def test_a_payment_that_billing_may_not_know_is_not_taken_back(
    place: World, fake: Fake, tmp_path: Path, said: str, acknowledged: int, balance: int
) -> None:
    load(place, tmp_path, "0412778215;И;1000\n", name=REGISTRY_NAME)
    payment = place.started(60_000)
    fake.take("p1")
    place.ask(payment)
    place.clock.advance(timedelta(days=1))
    load(place, tmp_path, f"0412778215;И;{said}\n", name=REGISTRY_NAME.replace("1026", "1126"))

    known = rows(place, Payment.id, Payment.acknowledged_at)
    assert sum(moment is not None for _, moment in known) == acknowledged
    assert place.balance() == balance
    assert place.broken_laws() == []


def test_an_old_payment_is_taken_to_be_known(place: World, fake: Fake, tmp_path: Path) -> None:
    load(place, tmp_path, "0412778215;И;1000\n", name=REGISTRY_NAME)
    payment = place.started(60_000)
    fake.take("p1")
    place.ask(payment)
    place.clock.advance(timedelta(days=5))
    load(place, tmp_path, "0412778215;И;500\n", name=REGISTRY_NAME.replace("1026", "1126"))
    assert (place.balance(), rows(place, Payment.id, Payment.acknowledged_at)[0][1] is not None) == (50_000, True)
    assert place.broken_laws() == []


def test_rates_and_units_are_read_exactly() -> None:
    assert rate().one("42,18") == 4_218_000_000
    assert rate().one("1 234.00000001") == 123_400_000_001
    assert rate().show(4_218_000_000) == "42.18"
    assert [unit().one(written) for written in ("м3", "кВт·ч", "Гкал", "чел.")] == ["m3", "kwh", "gcal", "чел."]
