"""Lines tell the truth: zero is the foot, a gap stays a gap, no peak is lost, names of two lines do not meet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.theming.drawing.lines import interval_line, line, thinned

values = st.lists(st.none() | st.integers(0, 10**6), min_size=2, max_size=60)


def points(svg: str) -> list[tuple[float, float]]:
    """The corners of the first path, in the order they are drawn."""
    path = re.search(r'<path d="([^"]*)"', svg)
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) (\d+)", path[1] if path else "")]


@given(values)
def test_each_value_is_a_point_as_high_as_its_share_and_none_is_no_point(given_values: list[int | None]) -> None:
    drawn = points(line([""] * len(given_values), [given_values], title="Расход", height=248))
    present = [(place, value) for place, value in enumerate(given_values) if value is not None]
    top = max([value for _, value in present] + [2])
    assert len(drawn) == len(present)
    for (x, y), (place, value) in zip(drawn, present, strict=True):
        assert x == pytest.approx(1000 * place / (len(given_values) - 1), abs=0.06)
        assert 224 - y == pytest.approx(value / top * 200 / 1.04, abs=0.51)


def test_a_gap_breaks_the_line_and_a_lonely_point_is_still_seen() -> None:
    svg = line(list("abcde"), [[1000, 2000, None, 3000, None]], title="Расход")
    path = re.search(r'<path d="([^"]*)"', svg)
    assert path
    assert path[1].count("M") == 2
    assert path[1].endswith("h.1")


def test_three_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="one or two series, not 3"):
        line(["a"], [[1], [1], [1]], title="Расход")


def test_names_of_lines_that_end_together_do_not_meet() -> None:
    svg = line(["a", "b"], [[1000, 1000], [900, 1010]], title="Расход", names=["сейчас", "год назад"])
    spots = [int(y) for y in re.findall(r'class="on" x="100%" y="(\d+)"', svg)]
    assert len(spots) == 2
    assert abs(spots[0] - spots[1]) >= 16


def test_six_labels_at_most_and_the_last_one_is_there() -> None:
    svg = line([f"m{place}" for place in range(24)], [[1000] * 24], title="Расход")
    shown = re.findall(r">(m\d+)</text>", svg)
    assert len(shown) <= 6
    assert "m23" in shown


@given(st.lists(st.none() | st.integers(0, 10**6), min_size=1, max_size=900), st.integers(1, 40))
def test_thinning_keeps_the_greatest_and_the_least(given_values: list[int | None], buckets: int) -> None:
    kept = thinned(given_values, buckets)
    present = [value for value in given_values if value is not None]
    assert len(kept) <= max(2 * buckets, 1)
    if present:
        assert max(value for value in kept if value is not None) == max(present)
        assert min(value for value in kept if value is not None) == min(present)


def test_a_quarter_of_half_hours_is_drawn_in_a_few_hundred_points() -> None:
    svg = interval_line([place % 48 for place in range(4368)], ["сен", "окт", "ноя"], title="Мощность")
    assert len(points(svg)) <= 480
    assert [re.search(f">{month}</text>", svg) is not None for month in ("сен", "окт", "ноя")] == [True, True, True]


def test_text_given_to_a_line_stays_text() -> None:
    svg = line(["<b>"], [[1000]], title="<script>", desc="&", names=["<i>"])
    assert "<script" not in svg
    assert "<b>" not in svg
    assert "<i>" not in svg
