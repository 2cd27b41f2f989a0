"""A room's pages are made of the kit alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lkportal.testing.markup import LAYOUT_CLASSES, template_problems
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
        ("<select name='x'>", "a raw control"),
        ("<textarea name='x'>", "a raw control"),
        ("<table>", "a raw control"),
        ("<dialog open>", "a raw control"),
        ("<SVG viewBox='0 0 1 1'>", "a raw control"),
        ("<style>p{}</style>", "a style of its own"),
        ("<p style='margin:0'>", "a style of its own"),
        ("<p data-tone='#ff0000'>", "a raw colour"),
        ('<i fill="rgb(1 2 3)">', "a raw colour"),
        ("<p onclick='go()'>", "a script of its own"),
        ("<p>{{ buttons.post(request, url('shop:add'), 'Add') }}</p>", "a form in a paragraph"),
        ("<script>1</script>", "a script of its own"),
        ("<p class='btn'>", "class btn is outside the kit's list"),
        ('<p class="stack card">', "class card is outside"),
        ('<p class="row{% if late %} red{% endif %}">', "class red is outside"),
        ("<p class=\"{{ 'slip' if due else 'row' }}\">", "class slip is outside"),
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
        "<p class='small muted'></p><p class=\"stack{% if wide %} wide{% endif %} {{ 'grow' if more }}\"></p>"
        "<label for='#bad'>&#8470; 5</label>\n<div hx-target='#face'></div>\n"
    )

    assert templates.problems(plant({PAGE: fine})) == []


def test_templates_of_tests_are_no_pages(plant: Plant) -> None:
    assert templates.problems(plant({"src/lkportal/modules/readings/tests/templates/x.html": "<button>"})) == []


def test_a_plugin_asks_the_same_of_itself(tmp_path: Path) -> None:
    page = tmp_path / "templates" / "notes" / "list.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>fine</p>\n<input name='x'>\n", "utf-8")

    assert template_problems(tmp_path) == [
        "templates/notes/list.html:2: <input is a raw control; use the part of the kit"
    ]


def test_the_list_of_classes_is_the_one_people_read() -> None:
    told = (ROOT / "src/lkportal/themes/default/KIT.md").read_text("utf-8").partition("## Classes for laying out")[2]
    words = set(re.findall(r"[a-z][\w-]*", " ".join(re.findall(r"`([^`]*)`", told))))

    assert LAYOUT_CLASSES - words == set()


def test_the_kit_itself_may_use_raw_elements(plant: Plant) -> None:
    assert templates.problems(plant({"src/lkportal/themes/default/templates/parts/button.html": "<button>"})) == []
