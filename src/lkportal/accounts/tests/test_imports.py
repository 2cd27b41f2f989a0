"""Accounts from files: new ones come, known ones change, what a file does not say stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkportal.accounts.tests.street import Street
from lkportal.core.errors import PortalError
from lkportal.core.imports import ImportReport, run_import

HEADER = "Лицевой счёт;Адрес;ФИО;ИНН;Организация;Код помещения;Часовой пояс"


def _load(street: Street, *rows: str, header: str = HEADER, again: bool = True, **parameters: str) -> ImportReport:
    file = Path(street.folder) / "accounts.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="cp1251")
    kind = street.portal.registry.import_kinds["accounts"]
    context = street.portal.unit_context("import")
    return run_import(street.portal.database, context, kind, file, parameters=parameters, again=again)


def _rows(street: Street, statement: str) -> list[tuple[object, ...]]:
    with street.portal.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


ACCOUNTS = "SELECT number, title, holder, time_zone, currency FROM accounts_accounts ORDER BY number"


def test_a_file_brings_accounts_premises_and_organisations(street: Street) -> None:
    report = _load(
        street,
        "0412778215;Ломоносова, 14, кв. 37;Соколова Анна Викторовна;;;;",
        "0530118846;Озёрная, 6;;;;;Asia/Yekaterinburg",
        "77;Заводская, 1, цех 2;;2900000007;Завод;B-12;",
        "78;Заводская, 1, цех 2;;2900000007;Завод;B-12;",
    )

    assert (report.accepted, report.rejected, dict(report.counts)) == (4, 0, {"new": 4, "known": 0})
    assert _rows(street, ACCOUNTS)[0] == (
        "0412778215", "Ломоносова, 14, кв. 37", "Соколова Анна Викторовна", "Europe/Moscow", "RUB",
    )  # fmt: skip
    assert _rows(street, ACCOUNTS)[1][3] == "Asia/Yekaterinburg"
    assert street.number("SELECT count(*) FROM accounts_premises") == 3
    assert _rows(street, "SELECT name, tax_number FROM accounts_organisations") == [("Завод", "2900000007")]
    assert street.number("SELECT count(*) FROM accounts_accounts WHERE organisation_id IS NOT NULL") == 2
    assert street.number("SELECT count(DISTINCT public_id) FROM accounts_accounts WHERE length(public_id) = 16") == 4
    assert street.number("SELECT count(*) FROM core_outbox WHERE name = 'accounts.imported'") == 1


def test_what_comes_again_is_brought_up_to_date_and_the_unsaid_stays(street: Street) -> None:
    _load(street, "1;Лесная, 1;Соколова;2900000007;Завод;;Asia/Omsk", "2;Лесная, 2;;;;;")
    before = _rows(street, "SELECT public_id FROM accounts_accounts ORDER BY number")

    report = _load(street, "1;Лесная, 1а", "3;Лесная, 3", "3;Лесная, 33", header="Номер;Адрес")

    assert dict(report.counts) == {"new": 1, "known": 1}
    assert _rows(street, ACCOUNTS) == [
        ("1", "Лесная, 1а", "Соколова", "Asia/Omsk", "RUB"),
        ("2", "Лесная, 2", "", "Europe/Moscow", "RUB"),
        ("3", "Лесная, 33", "", "Europe/Moscow", "RUB"),
    ]
    assert _rows(street, "SELECT public_id FROM accounts_accounts ORDER BY number")[:2] == before
    assert street.number("SELECT count(*) FROM accounts_accounts WHERE organisation_id IS NOT NULL") == 1
    assert street.number("SELECT count(*) FROM accounts_premises") == 3


def test_rows_that_do_not_fit_are_told_with_their_cure(street: Street) -> None:
    report = _load(street, "1;Лесная, 1;;;;;Moscow time", "2;;;;;;", "3;Лесная, 3;;2900000008;;;", "4;Лесная, 4;;;;;")

    assert (report.accepted, report.rejected) == (1, 3)
    reasons = " ".join(str(row[0]) for row in _rows(street, "SELECT reason FROM core_import_rejects ORDER BY line"))
    assert "Europe/Moscow" in reasons


def test_an_unknown_brand_is_refused_by_name(street: Street) -> None:
    with pytest.raises(PortalError, match="There is no brand other"):
        _load(street, "1;Лесная, 1;;;;;", brand="other")

    assert street.number("SELECT count(*) FROM accounts_accounts") == 0


def test_a_portal_that_never_started_takes_accounts_too(street: Street) -> None:
    with street.portal.database.unit() as db:
        db.connection().exec_driver_sql("DELETE FROM accounts_brands")

    assert _load(street, "1;Лесная, 1;;;;;").accepted == 1
    assert street.number("SELECT count(*) FROM accounts_brands") == 1
