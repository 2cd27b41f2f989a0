"""The HTML of every page, and of every form that refuses, passes the Nu checker: each example in one language; in the long proof
in the other, and in every theme and brand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.browser import nu
from tests.browser.atlas import refused_forms
from tests.browser.town import Examples
from tests.browser.wardrobe import EXAMPLES, Outfit, outfits

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]

LETTERS = frozenset({"notify:mail_html"})
"""A letter as its reader's mail shows it: old programs need tables and attributes that no page may have."""


LANGUAGES = {"utility": "ru", "telecom": "en"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_page_is_sound_html(example: str, examples: Examples, tmp_path: Path) -> None:
    wrong = unsound(examples, [(outfits(example)[0], LANGUAGES[example])], tmp_path)
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_page_is_sound_html_in_the_other_language(example: str, examples: Examples, tmp_path: Path) -> None:
    (other,) = {"ru", "en"} - {LANGUAGES[example]}
    wrong = unsound(examples, [(outfits(example)[0], other)], tmp_path)
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_page_is_sound_html_in_every_theme(example: str, examples: Examples, tmp_path: Path) -> None:
    wrong = unsound(examples, [(each, "ru") for each in outfits(example)[1:]], tmp_path)
    assert not wrong, "\n".join(wrong)


def unsound(examples: Examples, worn: Sequence[tuple[Outfit, str]], folder: Path) -> list[str]:
    """Return what the checker says of every page, and of every form that refuses, in these outfits and languages."""
    pages: dict[str, str] = {}
    for outfit, language in worn:
        atlas = examples.worn(outfit, language)
        shown = [(place, text) for place, text in atlas.html.items() if place.route not in LETTERS]
        pages |= {f"{outfit} {language} {place}": text for place, text in shown}
        refused = list(refused_forms(examples.demo(outfit), atlas, language))
        assert refused, "no form refuses what is empty"
        pages |= {f"{outfit} {language} {place}, refused": text for place, text in refused}
    return nu.errors(pages, folder)


def test_the_checker_finds_what_is_unsound(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html lang="en"><head><title>A page</title></head><body><p><div></div></p></body></html>'
    assert any("No “p” element in scope" in said for said in nu.errors({"a page": page}, tmp_path))
