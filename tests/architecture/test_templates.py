"""A room's pages are made of the kit alone."""

from __future__ import annotations

import pytest

from tests.architecture.conftest import Plant
from tools import templates
from tools.tree import ROOT

PAGE = "src/lkportal/modules/readings/templates/readings/list.html"


def test_rooms_use_the_kit_alone() -> None:
    assert templates.problems(ROOT) == []


@pytest.mark.parametrize(
    ("markup", "what"),
    [
        ("<button>Send</button>", "a raw control"),
        ("<input name='x'>", "a raw control"),
        ("<table>", "a raw control"),
        ("<SVG viewBox='0 0 1 1'>", "a raw control"),
        ("<p style='margin:0'>", "a style of its own"),
        ("<p data-tone='#ff0000'>", "a raw colour"),
        ('<i fill="rgb(1 2 3)">', "a raw colour"),
        ("<p onclick='go()'>", "a script of its own"),
        ("<script>1</script>", "a script of its own"),
    ],
)
def test_what_is_made_by_hand_is_named(plant: Plant, markup: str, what: str) -> None:
    found = templates.problems(plant({PAGE: f"<p>fine</p>\n{markup}\n"}))

    assert len(found) == 1
    assert found[0].startswith(f"{PAGE}:2: ")
    assert what in found[0]


def test_parts_links_and_comments_are_fine(plant: Plant) -> None:
    fine = (
        "{# <button> is a part\n<svg> too #}<!-- style='' -->\n{{ button(label) }}\n<a href='#add'>x</a>\n"
        "<label for='#bad'>&#8470; 5</label>\n<div hx-target='#face'></div>\n"
    )

    assert templates.problems(plant({PAGE: fine})) == []


def test_the_kit_itself_may_use_raw_elements(plant: Plant) -> None:
    assert templates.problems(plant({"src/lkportal/themes/default/templates/parts/button.html": "<button>"})) == []
