"""The catalogue of a module, renewed by one command: a plugin author writes the words, nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkportal.testing.judging import wording, words

CODE = """
from lkportal.core.i18n import ntext, text
A = text("boats.list.title", "Boats")
B = ntext("boats.list.count", "%(n)s boat", "%(n)s boats", 2)
C = text("core.save", "Save")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "boats"
    (folder / "templates").mkdir(parents=True)
    (folder / "views.py").write_text(CODE, "utf-8")
    (folder / "templates" / "list.html").write_text('{{ pgettext("boats.list.quote", "Say \\"hello\\"") }}', "utf-8")
    return folder


def catalogue(package: Path) -> Path:
    return package / "locale/ru/LC_MESSAGES/messages.po"


def complaints(package: Path) -> list[str]:
    return wording.problems(wording.module_sources(package), ours=lambda key: key.startswith("boats."))


def test_what_is_missing_gets_room_and_the_checklist_asks_for_the_words_alone(package: Path) -> None:
    assert words.renew(package, "boats") == ["boats.list.count", "boats.list.quote", "boats.list.title"]
    text = catalogue(package).read_text("utf-8")
    assert "core.save" not in text, "it is translated elsewhere"
    assert 'msgid "Say \\"hello\\""' in text
    assert text.count("msgstr[") == 3
    assert {said.partition(": ")[2] for said in complaints(package)} == {
        f"the Russian wording of boats.list.{key} is empty or marked fuzzy" for key in ("count", "quote", "title")
    }
    assert words.renew(package, "boats") == ["boats.list.count", "boats.list.quote", "boats.list.title"]
    assert catalogue(package).read_text("utf-8") == text, "once more changes nothing"


def test_words_stay_and_a_changed_wording_is_to_be_looked_at(package: Path) -> None:
    words.renew(package, "boats")
    file = catalogue(package)
    file.write_text(file.read_text("utf-8").replace('"Boats"\nmsgstr ""', '"Boats"\nmsgstr "Лодки"'), "utf-8")
    assert "boats.list.title" not in words.renew(package, "boats")
    (package / "views.py").write_text(CODE.replace('"Boats"', '"Your boats"'), "utf-8")
    assert "boats.list.title" in words.renew(package, "boats")
    assert '#, fuzzy\nmsgctxt "boats.list.title"\nmsgid "Your boats"\nmsgstr "Лодки"' in file.read_text("utf-8")


def test_our_own_modules_need_nothing_and_an_unknown_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert words.main(["tickets"]) == 0
    assert capsys.readouterr().out == ""
    with pytest.raises(SystemExit):
        words.main(["sails"])
    assert "there is no module sails. Installed: " in capsys.readouterr().err
