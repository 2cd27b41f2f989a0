"""What a page must tell a screen reader is judged without a browser, fault by fault."""

from __future__ import annotations

import pytest

from lkportal.testing.judging.outline import outline_problems

GOOD = '<html lang="en"><title>T</title><h1>T</h1><label for="a">A</label><input id="a" name="a"></html>'


def test_a_whole_page_has_no_problems() -> None:
    assert outline_problems(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (' lang="en"', "", "lang"),
        ("<title>T</title>", "", "title"),
        ("<h1>T</h1>", "", "h1"),
        ("<h1>T</h1>", "<h1>T</h1><h1>U</h1>", "2 main headings"),
        ('for="a"', "", "The field a has no label"),
        ("<h1>", '<p id="a"></p><h1>', "The id a stands 2 times"),
        ("<h1>", '<a href="/"></a><h1>', "<a> without words"),
        ("<h1>", '<img src="x"><h1>', "without alt"),
    ],
)
def test_what_a_reader_misses_is_named(before: str, after: str, told: str) -> None:
    (found,) = outline_problems(GOOD.replace(before, after))
    assert told in found
