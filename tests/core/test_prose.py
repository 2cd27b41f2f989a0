"""Long words of the company: what is typed comes out in pieces, whole and in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lkportal.core.language.prose import Block, blocks, lead

LINES = st.lists(st.sampled_from(["", "# Head", "word", "- item", "– item", "1. step", "12) step", "2.1. clause"]))


def test_a_text_in_pieces() -> None:
    made = blocks("One\ntwo\n\n# Head\n- a\n- b\n1. x\n2) y\nend")

    assert made == [
        Block("text", ("One", "two")),
        Block("heading", ("Head",)),
        Block("list", ("a", "b")),
        Block("steps", ("1. x", "2) y")),
        Block("text", ("end",)),
    ]
    assert lead(made) == "One two"


def test_steps_keep_their_numbers_across_paragraphs() -> None:
    made = blocks("1. First.\n\nMore of it.\n\n2. Second.")

    assert [each.lines[0] for each in made if each.kind == "steps"] == ["1. First.", "2. Second."]


def test_lines_of_a_wrapped_file_are_joined() -> None:
    assert blocks("We keep\nyour data.\n- one\n- two", wrapped=True) == [
        Block("text", ("We keep your data.",)),
        Block("list", ("one", "two")),
    ]


@given(LINES)
def test_nothing_is_lost_or_moved(lines: list[str]) -> None:
    typed = [line.lstrip("#-– ").strip() for line in lines if line]

    assert [line for block in blocks("\n".join(lines)) for line in block.lines] == typed
