"""An upgrade leaves nothing behind unnamed: templates that stand above others, texts, icons and roles that are no longer there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lkportal.cli.theme import theme
from lkportal.theming import Environments, chain, environment, load_book
from lkportal.theming.templates.layers import folder_layer
from lkportal.theming.templates.overrides import fingerprint, stale, start_override
from lkportal.theming.themes import ThemeFile
from tests.theming.conftest import FOUR_LINES, WriteBrand, locale, put

WELL = "All overrides, texts, icons and roles fit this version."


def run(*words: str | Path) -> Result:
    """Run `lkportal theme ...` on the portal as it is installed."""
    return CliRunner().invoke(theme, [str(word) for word in words])


def test_a_brand_without_overrides_is_well(brand: WriteBrand) -> None:
    done = run("doctor", brand())
    assert (done.exit_code, done.output.strip()) == (0, WELL)


def test_an_override_is_begun_with_its_record_and_named_once_the_original_changes(brand: WriteBrand) -> None:
    """The first line tells which text it was made from; a foreign hash is what an upgrade looks like."""
    folder = brand()
    assert run("override", folder, "readings/list.html").exit_code == 0
    path = folder / "templates/readings/list.html"
    text = path.read_text("utf-8")
    assert re.match(r"\{# overrides readings@[0-9a-f]{12} #\}\n", text)
    assert run("doctor", folder).output.strip() == WELL
    assert "is there already" in run("override", folder, "readings/list.html").output

    path.write_text(text.replace(text[22:34], "0123456789ab"), "utf-8")
    done = run("doctor", folder)
    assert done.exit_code == 1
    assert f"{path} is stale: readings/list.html of readings has changed since" in done.output
    assert run("override", folder, "readings/list.html", "--compared").exit_code == 0
    assert path.read_text("utf-8") == text


def test_an_override_of_one_block_keeps_the_rest_and_names_a_block_that_is_gone(brand: WriteBrand) -> None:
    folder = brand()
    assert run("override", folder, "layouts/page.html", "--block", "place").exit_code == 0
    path = folder / "templates/layouts/page.html"
    text = path.read_text("utf-8")
    assert '{% extends "@theme/layouts/page.html" %}' in text
    assert "{% block place %}" in text
    assert "{% block body %}" not in text
    assert run("doctor", folder).exit_code == 0
    path.write_text(text.replace("{% block place %}", "{% block placing %}"), "utf-8")
    assert (
        "fills the block placing, which @theme/layouts/page.html does not have: did you mean place?"
        in run("doctor", folder).output
    )
    assert (
        "has no block plase. Did you mean place?"
        in run("override", brand(name="b"), "layouts/page.html", "--block", "plase").output
    )


def test_names_are_listed_and_a_wrong_one_has_a_neighbour(brand: WriteBrand) -> None:
    assert "accounts/home.html\n" in run("override", brand()).output
    assert (
        "There is no template accounts/hom.html. Did you mean accounts/home.html?"
        in run("override", brand(), "accounts/hom.html").output
    )


def test_whatever_leads_nowhere_is_named(brand: WriteBrand) -> None:
    """One brand with every fault: each is a sentence with the file."""
    folder = brand(
        files={
            "templates/layouts/paje.html": "x",
            "templates/layouts/gone.html": "{# overrides default@0123456789ab #}\nx",
            "templates/layouts/bare.html": '{% extends "@theme/layouts/bare.html" %}',
            "wording/ru.toml": '"accounts.home.titel" = "Дом"\n',
            "icons/house-of-cards.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
            "brand.css": ".slip { color: var(--on-brnad); margin: var(--own); --own: 3px; gap: var(--r-2) }",
        }
    )
    said = run("doctor", folder).output
    assert f"{folder}/templates/layouts/paje.html stands above no template: did you mean layouts/page.html?" in said
    assert "gone.html was made from layouts/gone.html of default, which is no longer there" in said
    assert (
        "bare.html does not tell which text it was made from: compare it with default's, then let it begin with {# over"
        in said
    )
    assert f"{folder}/wording/ru.toml: there is no text accounts.home.titel" in said
    assert "house-of-cards.svg replaces no icon" in said
    assert "brand.css uses var(--on-brnad), which nothing defines: did you mean --on-brand?" in said
    assert "6 to look at." in said


def test_bundled_themes_and_examples_are_well() -> None:
    root = Path(__file__).parents[2]
    folders = [path.parent for path in (root / "src/lkportal/themes").glob("*/theme.toml")]
    folders += [path.parent for path in (root / "examples").rglob("brand.toml")]
    assert {folder.name: run("doctor", folder).output.strip() for folder in folders} == {f.name: WELL for f in folders}


def test_a_theme_of_ones_own_is_examined_too(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "theme.toml": '[theme]\nname = "acme"\ntitle = "Acme"\nextends = "bold"\n',
            "templates/layouts/page.html": "x",
        },
    )
    said = run("doctor", tmp_path).output
    assert "does not tell which text it was made from" in said


def test_the_kind_of_line_ends_is_no_change() -> None:
    assert fingerprint("a\nb") == fingerprint("a\r\nb") != fingerprint("a\nb ")


@pytest.mark.parametrize("block", ["", "title"])
def test_an_override_that_was_begun_shows_the_same_page(block: str, brand: WriteBrand, tmp_path: Path) -> None:
    """Begun and not yet edited, nothing changes for customers: imports come along, the record is not seen."""
    put(
        tmp_path / "calm",
        {
            "templates/parts/w.html": "{% macro say(x) %}<b>{{ x }}</b>{% endmacro %}",
            "templates/page.html": '{% import "parts/w.html" as w %}\n<h1>{% block title %}{{ w.say("a") }}{% block in %}i{% endblock %}'
            "{% endblock %}</h1>{% block rest %}r{% endblock %}",
        },
    )
    book = load_book(brand(FOUR_LINES))
    lower = chain(book, [ThemeFile("calm", "Calm", tmp_path / "calm")], [], [])[1:]
    english = locale(tmp_path / "words", "en")
    before = environment(lower, english).get_template("page.html").render()
    start_override(book.folders[0], "page.html", lower, block)
    upper = folder_layer("brand", "aqua", book.folders[0])
    assert Environments().get((upper, *lower), english).get_template("page.html").render() == before
    assert list(stale(upper, lower)) == []
