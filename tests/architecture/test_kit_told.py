"""The reference of the kit is written from the kit: a macro that nobody shows or describes is named."""

from __future__ import annotations

from tests.architecture.conftest import Plant
from tools import kit
from tools.tree import ROOT

PART = "src/lkportal/themes/default/templates/parts/cards.html"
PIECE = "src/lkportal/themes/default/templates/kit/pieces/card.html"
HEAD = "{#- Card\n    group: content\n    pattern: a section\n    keys: none to press\n    macros: cards.card\n-#}\n"


def test_the_reference_tells_of_every_macro_and_is_fresh() -> None:
    assert kit.problems(ROOT) == []


def test_a_macro_that_no_component_shows_is_named(plant: Plant) -> None:
    parts = "{#- Cards.\n\n    card(title)   one -#}\n{% macro card(title) -%}x{%- endmacro %}\n{% macro slip(sum) -%}y{%- endmacro %}\n"
    root = plant({PART: parts, PIECE: HEAD + "{#- state: usual -#}\nx\n"})

    assert kit.problems(root) == ["cards.slip stands in no component of the gallery: add it to a file of kit/pieces/"]


def test_a_page_that_has_fallen_behind_is_named(plant: Plant) -> None:
    parts = "{#- Cards.\n\n    card(title)   one -#}\n{% macro card(title) -%}x{%- endmacro %}\n"
    root = plant({PART: parts, PIECE: HEAD + "{#- state: usual -#}\nx\n", kit.PAGE: "old\n"})

    assert kit.problems(root) == ["docs/reference/kit.md has fallen behind: run `python -m tools.kit`"]

    kit.main(root)

    assert kit.problems(root) == []
