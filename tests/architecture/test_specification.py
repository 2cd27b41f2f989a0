"""The form that companies fill in asks in both languages for the same things, and each question is tied to what there is: a setting, a
module, a command or a page. That settings and commands exist is for test_snippets, that links lead somewhere for test_docs."""

from __future__ import annotations

import re
import tomllib

from tools.tree import ROOT

ENGLISH, RUSSIAN = "specification.md", "specification.ru.md"
_TIE = re.compile(r"(?:module |модуль )?`[^`]+`|\]\([^)]+\)")
_MODULE = re.compile(r"(?:module|модуль) `(\w+)`")


def rows(page: str) -> list[tuple[str, str, list[str]]]:
    """Return the questions of a page: number, words, ties without the language they are told in."""
    found = []
    for line in (ROOT / "docs/deploy" / page).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"\d+\.\d+", cells[0]):
            number, words, _answer, ties = cells
            found.append(
                (number, words, [tie.removeprefix("модуль ").removeprefix("module ") for tie in _TIE.findall(ties)])
            )
    return found


def headings(page: str) -> list[str]:
    return re.findall(r"^## (\d+)\.", (ROOT / "docs/deploy" / page).read_text("utf-8"), re.MULTILINE)


def test_every_question_is_answered_by_something() -> None:
    assert [number for number, _, ties in rows(ENGLISH) if not ties] == []
    assert len(rows(ENGLISH)) > 70


def test_both_languages_ask_the_same() -> None:
    assert [(number, ties) for number, _, ties in rows(RUSSIAN)] == [
        (number, ties) for number, _, ties in rows(ENGLISH)
    ]
    assert headings(RUSSIAN) == headings(ENGLISH) == [str(number) for number in range(1, 18)]
    assert [number for number, words, _ in rows(RUSSIAN) if not re.search("[а-я]", words)] == []
    assert [number for number, words, _ in rows(ENGLISH) if re.search("[а-я]", words)] == []


def test_every_module_is_there_and_none_is_forgotten() -> None:
    named = set(_MODULE.findall((ROOT / "docs/deploy" / ENGLISH).read_text("utf-8")))

    ours = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["lkportal.modules"]
    assert named == set(ours)
