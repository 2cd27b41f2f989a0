"""Headers are matched in two languages, a mapping may say more, and what is wrong with line 1 is said with its cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lkportal.core import imports as engine
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from tests.core.imports.world import DEBTS, HEADER, KIND

ROW = "0000000001;Анна;вода;10.2026;1,5;2,00;25.10.2026;3,00"
DEBT_NAME = "7707083893_40702810900000000001_12_1026.txt"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "charges.csv"


def understood(file: Path, content: str, kind: engine.ImportKind = KIND, **reading: Any) -> engine.Preview:
    file.write_bytes(content.encode())
    return engine.preview(kind, file, engine.Reading(**reading))


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "ЛИЦЕВОЙ СЧЕТ;фио;Услуга;Период;Объем, м3;Тариф (руб.);Дата  начисления;Сумма",
        "account;name;service;period;volume;rate;charged_on;amount",
        "Account Number;Name;Service;Period;Volume;Rate;Charged on;Amount",
        '"Лицевой счёт №";"ФИО";Услуга;Период;Объём;Тариф;"Дата начисления";"Сумма начислено"',
    ],
)
def test_a_header_is_known_whatever_its_case_dots_and_language(file: Path, header: str) -> None:
    found = understood(file, f"{header}\n{ROW}\n")
    assert found.layout.positions == tuple(range(8))
    assert found.rows[0].values == ("0000000001", "Анна", "вода", "2026-10-01", 1500, 200, "2026-10-25", 300)
    assert found.rows[0].line == 2


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_missing(file: Path) -> None:
    found = understood(file, "\n\nСумма,Услуга,Период,Лицевой счёт\n3.00,вода,2026-10,7\n")
    assert found.rows[0].values == ("7", None, "вода", "2026-10-01", None, None, None, 300)
    assert found.rows[0].line == 4


@pytest.mark.parametrize("called", ["amount", "Сумма", "СУММА"])
def test_a_mapping_may_call_a_column_as_files_do(file: Path, called: str) -> None:
    changed = HEADER.replace(";Сумма", ";Итог")
    found = understood(file, f"{changed}\n{ROW}\n", mapping={called: "Итог"})
    assert found.rows[0].values[-1] == 300


@pytest.mark.parametrize(
    ("header", "reading", "sentence"),
    [
        (
            HEADER.replace(";Сумма", ";Итог"),
            {},
            r"Line 1: these columns are not known: «Итог».*--map.*--ignore-unknown",
        ),
        (HEADER.replace(";Сумма", ""), {}, r"Line 1: these columns are missing: amount"),
        (
            HEADER.replace("ФИО", "Сумма начислено"),
            {},
            r"Line 1: «Сумма начислено», «Сумма» all mean amount.*--map amount=",
        ),
        ("a;b;c;d;e;f;g;h", {}, r"Line 1: these columns are not known"),
        (HEADER, {"mapping": {"sum": "Сумма"}}, r"no column sum\. Its columns: account"),
        (HEADER, {"mapping": {"amount": "Итого"}}, r"Line 1 has no column «Итого» for amount"),
        (HEADER, {"mapping": {"amount": "9"}}, r"no column «9»"),
        (HEADER, {"delimiter": "|"}, r"delimiter \| is not known"),
    ],
)
def test_a_wrong_header_is_answered_with_line_and_cure(
    file: Path, header: str, reading: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(PortalError, match=sentence) as refused:
        understood(file, f"{header}\n{ROW}\n", **reading)
    assert refused.value.code == "imports.columns"


def test_a_mapping_says_what_the_header_does_not(file: Path) -> None:
    header = HEADER.replace(";Сумма", ";Итог").replace("ФИО", "Сумма начислено")
    found = understood(file, f"{header}\n{ROW}\n", mapping={"amount": "ИТОГ"}, ignore_unknown=True)
    assert found.rows[0].values[-1] == 300
    assert understood(file, f"{header}\n{ROW}\n", mapping={"amount": "8"}).layout.positions[-1] == 7


def test_unknown_columns_are_left_out_only_on_request(file: Path) -> None:
    found = understood(file, f"Район;{HEADER};\nСевер;{ROW};\n", ignore_unknown=True)
    assert found.layout.positions == tuple(range(1, 9))


def test_a_registry_of_banks_needs_no_header(file: Path) -> None:
    found = understood(file, "7; Иванова О. И.; 1 482,60\n8; Петров; 0,50\n", DEBTS)
    assert [row.values for row in found.rows] == [("7", "Иванова О. И.", 148260), ("8", "Петров", 50)]
    assert found.layout.line == 1
    found = understood(file, "Лицевой счёт; ФИО; Сумма\n7; Иванова; 10\n", DEBTS)
    assert [row.line for row in found.rows] == [2]
    found = understood(file, "10;7\n20;8\n", DEBTS, mapping={"account": "2", "amount": "1"})
    assert found.rows[1].values == ("8", None, 2000)


def test_a_registry_of_another_width_is_refused(file: Path) -> None:
    with pytest.raises(PortalError, match=r"no header and 4 cells"):
        understood(file, "7;Иванова;10,00;лишнее\n", DEBTS)
    with pytest.raises(PortalError, match=r"missing: amount"):
        understood(file, "7;Иванова\n", DEBTS)


def test_an_unknown_header_of_a_registry_is_not_taken_for_data(file: Path) -> None:
    with pytest.raises(PortalError, match=r"Line 1: these columns are not known: «Код»"):
        understood(file, "Код;Кто;Долг всего\n7;Иванова;10,00\n", DEBTS)


def test_a_header_alone_is_nothing_to_import(file: Path) -> None:
    with pytest.raises(PortalError, match="nothing to import"):
        understood(file, HEADER + "\n")


def test_a_kind_claims_its_files_by_name() -> None:
    kinds = [KIND, DEBTS]
    assert engine.choose_kind(kinds, "proof", "october.csv") is KIND
    assert engine.choose_kind(kinds, "proof", DEBT_NAME) is DEBTS
    assert engine.choose_kind(kinds, "debts", "any.txt") is DEBTS
    assert DEBTS.claims(DEBT_NAME) == {
        "inn": "7707083893",
        "bank_account": "40702810900000000001",
        "number": "12",
        "month": "10",
        "year": "26",
    }
    with pytest.raises(PortalError, match=r"no import kind bills.*debts, proof"):
        engine.choose_kind(kinds, "bills", "any.csv")


def test_a_kind_with_names_of_the_engine_cannot_be_declared() -> None:
    column = engine.Column("line", text("proof.any", "Any"), engine.words())
    with pytest.raises(ValueError, match="line"):
        engine.ImportKind("wrong", text("proof.any", "Any"), (column,), DEBTS.apply)
