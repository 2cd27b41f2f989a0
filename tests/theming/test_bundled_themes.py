"""The three themes that come with the portal: a child is few files, speaks in roles, and stays light. How they look: tests/browser."""

from __future__ import annotations

import gzip
import re

import pytest

from lkportal.theming import installed_themes, theme_chain
from lkportal.theming.themes import sheets_of

CHILDREN = ("bold", "strict")
MOST_BYTES = 2_300
"""Of a child's own stylesheet, packed: the dashboard's styles are 10 KB in all."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(", re.IGNORECASE)
_SIDES = re.compile(
    r"(?<![\w-])(?:margin|padding|border)-(?:left|right)|(?<![\w-])(?:left|right)\s*:|text-align:\s*(?:left|right)"
)


def css(name: str) -> str:
    """The stylesheets of a theme's own, without comments."""
    theme = installed_themes()[name]
    return re.sub(
        r"/\*.*?\*/",
        "",
        "".join((theme.folder / "static" / each).read_text("utf-8") for each in (*theme.css, *theme.more)),
        flags=re.DOTALL,
    )


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_is_few_files_after_its_parent(name: str) -> None:
    """A manifest and a stylesheet in two parts; the page links the parent's first."""
    known = installed_themes()
    theme, parent = theme_chain(name, known)
    assert parent.name == "default"
    assert sorted(file.relative_to(theme.folder).as_posix() for file in theme.folder.rglob("*") if file.is_file()) == [
        f"static/{name}-more.css",
        f"static/{name}.css",
        "theme.toml",
    ]
    assert sheets_of((theme, parent))[-2:] == (f"{name}.css", f"{name}-more.css")
    assert sheets_of((theme, parent), lean=True)[-1] == f"{name}.css"


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_speaks_in_roles_layers_and_logical_sides(name: str) -> None:
    """No colour of its own but the shadow of what is lifted, every rule in a layer of the house, no left or right."""
    text = css(name)
    assert set(_COLOUR.findall(text)) <= {"rgb("}, "a theme names roles, never colours"
    assert re.sub(r"rgb\(0 0 0 / \.\d+\)", "", text).count("rgb(") == 0
    assert set(re.findall(r"^@(\S+ ?\S*)", text, flags=re.MULTILINE)) <= {
        "layer tokens",
        "layer layout",
        "layer components",
    }
    assert _SIDES.findall(text) == []
    assert "!important" not in text


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_is_light(name: str) -> None:
    """Tokens and a few shapes, not another stylesheet."""
    packed = len(gzip.compress(re.sub(r"\s+", " ", css(name)).encode(), 9))
    assert packed <= MOST_BYTES, packed
