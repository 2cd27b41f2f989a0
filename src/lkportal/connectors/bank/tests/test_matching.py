"""Whose money it is: read from what people write into the purpose of a transfer."""

from __future__ import annotations

import io
import json

import pytest

from lkportal.connectors.bank.matching import Known, Match, match, named
from lkportal.connectors.bank.reading import answer
from lkportal.connectors.bank.tests.statements import OURS, Paid, written
from lkportal.testing.checklist import personal_gaps

KNOWN = Known(
    accounts={"0412778215": ["anna"], "1001": ["flat"], "2026": ["year"], "7714": ["shop"]},
    bills={"ТП-000417": ["boris"], "С10/555111": ["anna"]},
    tax={"7707083893": ["works"], "7736050003": ["one", "two"]},
)


@pytest.mark.parametrize(
    ("purpose", "inn", "found"),
    [
        ("Оплата ЖКУ л/с 0412778215 за октябрь 2026", "", Match("anna", "account")),
        ("ЛС№1001 квартплата", "", Match("flat", "account")),
        ("лицевой счёт 0412 778 215", "", Match("anna", "account")),
        ("Лиц. счет: 1001", "", Match("flat", "account")),
        ("За тепло 0412778215", "", Match("anna", "account")),
        ("Оплата за 2026 год", "", Match(why="none")),
        ("По счету ТП-000417 от 01.10.2026, в т.ч. НДС 22%", "", Match("boris", "bill")),
        ("л/с 0412778215 по счёту С10/555111", "", Match("anna", "account")),
        ("л/с 0412778215 и л/с 1001", "", Match(why="several", candidates=("anna", "flat"))),
        ("л/с 0412778215 по счёту ТП-000417", "", Match(why="several", candidates=("anna", "boris"))),
        ("Оплата по договору", "7707083893", Match("works", "tax")),
        ("Оплата по договору", "7736050003", Match(why="several", candidates=("one", "two"))),
        ("л/с 1001", "7707083893", Match("flat", "account")),
        ("", "", Match(why="none")),
        ("ул. Школьная 7714", "", Match(why="none")),
    ],
)
def test_the_purpose_is_read(purpose: str, inn: str, found: Match) -> None:
    assert match(named(purpose), inn, KNOWN, by_tax_number=True) == found


def test_the_tax_number_alone_is_only_a_hint_where_the_company_says_so() -> None:
    found = match(named("Оплата"), "7707083893", KNOWN, by_tax_number=False)
    assert found == Match(why="none", candidates=("works",))


@pytest.mark.parametrize(
    ("encoding", "head"), [("cp1251", "Windows"), ("utf-8", "UTF-8"), ("utf-8-sig", "Windows"), ("cp866", "DOS")]
)
def test_a_statement_is_read_in_the_encodings_of_banks(encoding: str, head: str) -> None:
    paid = [
        Paid("17", "21.11.2026", "1482.60", "л/с 1001", inn="770708389312"),
        Paid("18", "21.11.2026", "5000.00", "Аренда", payer_account=OURS, payee="40702810000000000099"),
    ]
    head_row, row = (json.loads(each) for each in answer(io.BytesIO(written(paid, encoding, head))).splitlines())
    assert head_row == {"accounts": [OURS], "receipts": 1, "others": 1}
    assert row["payer"] == "Петров Пётр Петрович"
    assert (row["day"], row["amount"], row["purpose"]) == ("2026-11-21", "1482.60", "л/с 1001")


WHOLE = written([Paid("17", "21.11.2026", "1482.60", "л/с 1001")]).decode("cp1251")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "empty"),
        ("account;sum\n1001;5", "other"),
        (WHOLE[: WHOLE.index("НазначениеПлатежа")], "cut"),
        (WHOLE.replace("КонецФайла", ""), "cut"),
        (WHOLE.replace("КонецДокумента", "СекцияДокумент=Ещё"), "cut"),
        (WHOLE.replace("Сумма=1482.60", "Сумма=много"), "sum"),
        (WHOLE.replace("Сумма=1482.60", "Сумма=-1"), "sum"),
        (WHOLE.replace("Дата=21.11.2026", "Дата=вчера"), "day"),
        (WHOLE.replace("л/с 1001", "x" * 5000), "long"),
        (WHOLE + "\x00", "binary"),
    ],
)
def test_what_is_no_whole_statement_is_told_by_fault_and_line(body: str, fault: str) -> None:
    assert json.loads(answer(io.BytesIO(body.encode("cp1251"))))["fault"] == fault


def test_nothing_personal_is_undeclared() -> None:
    from lkportal.connectors.bank import module

    assert personal_gaps([module]) == []
