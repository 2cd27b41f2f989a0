"""`lkportal import`: what an operator reads, and the exit codes that scripts go by."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lkportal.cli.imports import import_file
from lkportal.core.db import Database
from lkportal.core.i18n import Catalogue
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.migrating import migrate
from tests.core.imports.world import DEBTS, HEADER, KIND, TABLES, circumstances, create, totals, write_file

LOCALE = Path(__file__).parents[3] / "src" / "lkportal" / "core" / "locale"
ROW = "0000000001;Анна;вода;10.2026;1,5;2,00;25.10.2026;3,00"


@pytest.fixture
def portal(database: Database) -> Any:
    migrate.upgrade(database, [])
    with database.engine.begin() as connection:
        TABLES.create_all(connection)
    create(database, 100)
    locale = Locale(Catalogue.load("en", [LOCALE]))
    return SimpleNamespace(
        database=database,
        known=(),
        registry=SimpleNamespace(import_kinds={"proof": KIND, "debts": DEBTS}),
        locales=Locales({"en": locale}, "en"),
        unit_context=lambda _request_id: circumstances(),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_file(tmp_path / "charges.csv", 100, 10)


def call(portal: Any, *arguments: object) -> Result:
    return CliRunner().invoke(import_file, [str(argument) for argument in arguments], obj=lambda: portal)


def test_an_import_tells_its_sums_and_where_the_rejects_are(portal: Any, file: Path) -> None:
    result = call(portal, "proof", file)
    assert result.exit_code == 0
    assert "90 rows accepted\n10 rows rejected\nbatches: 1" in result.output
    place = file.with_name("charges.csv.rejects.csv")
    assert str(place) in result.output
    assert len(place.read_text(encoding="utf-8-sig").splitlines()) == 11
    assert totals(portal.database)[0] == 90


def test_a_file_imported_before_says_so_and_does_nothing(portal: Any, file: Path) -> None:
    call(portal, "proof", file)
    file.with_name("charges.csv.rejects.csv").unlink()
    result = call(portal, "proof", file)
    assert result.exit_code == 0
    assert "imported before; nothing was done now" in result.output
    assert "--again" in result.output
    assert file.with_name("charges.csv.rejects.csv").exists()
    assert "imported before" not in call(portal, "proof", file, "--again").output


def test_a_preview_writes_nothing(portal: Any, file: Path) -> None:
    result = call(portal, "proof", file, "--preview", "--map", "volume=Тариф")
    assert result.exit_code == 0
    assert "windows-1251, delimiter ;, data from line 2" in result.output
    assert "volume (volume): Тариф" in result.output
    assert "  21  ! amount 'много' Write an amount" in result.output
    assert totals(portal.database) == (0, 0)


@pytest.mark.parametrize(
    ("content", "arguments", "code", "sentence"),
    [
        (None, (), 2, "There is no file charges.csv."),
        (f"{HEADER}\n{ROW}\n", ("--set", "month=1"), 2, "does not know the parameter month"),
        (f"{HEADER}\n{ROW}\n", ("--map", "amount"), 2, "Write --map as NAME=VALUE."),
        ("", (), 3, "The file is empty"),
        ("PK\x03\x04", (), 3, "Excel workbook"),
        (f"{HEADER}\n{ROW}\n", ("--encoding", "klingon"), 3, "encoding klingon is not known"),
        (f"a;b\n{ROW}\n", (), 3, "Line 1: these columns are not known: «a», «b»"),
        (f"{HEADER}\nx;{ROW}\n", (), 4, "Every row was rejected."),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_code(
    portal: Any, tmp_path: Path, content: str | None, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    file = tmp_path / "charges.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    result = call(portal, "proof", file, *arguments)
    assert result.exit_code == code
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_kinds_are_told_and_an_unknown_one_is_named(portal: Any, file: Path) -> None:
    assert call(portal).output.splitlines()[0].startswith("proof: Charge lines (account, name,")
    result = call(portal, "bills", file)
    assert result.exit_code == 2
    assert "no import kind bills" in result.output


def test_an_old_schema_is_said_before_anything_is_read(
    portal: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lkportal.cli.imports.pending", lambda *_: [("core", "core_0009")])
    result = call(portal, "proof", file)
    assert result.exit_code == 5
    assert "Run lkportal migrate first." in result.output


def test_rejects_that_cannot_be_written_are_not_lost(portal: Any, file: Path, tmp_path: Path) -> None:
    result = call(portal, "proof", file, "--rejects", tmp_path / "nowhere" / "r.csv")
    assert result.exit_code == 5
    assert "could not be written to r.csv" in result.output
    assert call(portal, "proof", file, "--rejects", tmp_path / "r.csv").exit_code == 0
    assert (tmp_path / "r.csv").exists()


def test_the_operator_reads_the_language_of_the_portal(portal: Any, file: Path) -> None:
    portal.locales = Locales({"ru": Locale(Catalogue.load("ru", [LOCALE]))}, "ru")
    result = call(portal, "proof", file)
    assert "Принято 90 строк\nОтклонено 10 строк" in result.output
    assert "Укажите сумму" in file.with_name("charges.csv.rejects.csv").read_text(encoding="utf-8-sig")
